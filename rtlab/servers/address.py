"""The address of a server, for clients on its own machine."""

from __future__ import annotations

_ANY_HOST = {"", "0.0.0.0", "::"}


def http_url(host: str, port: int, *, tls: bool) -> str:
    """Give the URL of a server's root, without a slash at the end.

    Args:
        host: The host it is bound to; one that stands for every address of the machine becomes 127.0.0.1.
        port: The port it is bound to.
        tls: True if it speaks TLS.
    """
    name = "127.0.0.1" if host in _ANY_HOST else f"[{host}]" if ":" in host else host
    return f"{'https' if tls else 'http'}://{name}:{port}"
