"""The address of a server, for clients on its own machine, and the addresses of a lab's paths."""

from __future__ import annotations

from abc import ABC, abstractmethod
from urllib.parse import quote

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


class Addresses(ABC):
    """The addresses of a lab's paths, below one root."""

    @property
    @abstractmethod
    def http_url(self) -> str:
        """The address of the HTTP paths, without a slash at the end."""

    def sse_url(self, channel: str = "news") -> str:
        """Give the address of a channel's event stream."""
        return f"{self.http_url}/sse/{quote(channel)}"

    def ws_url(self, channel: str = "news") -> str:
        """Give the address of a channel over WebSocket."""
        return f"{self.http_url.replace('http', 'ws', 1)}/ws/{quote(channel)}"

    def echo_url(self) -> str:
        """Give the address of the WebSocket that sends each message back."""
        return f"{self.http_url.replace('http', 'ws', 1)}/echo"

    def poll_url(self, channel: str = "news") -> str:
        """Give the address for polling a channel."""
        return f"{self.http_url}/poll/{quote(channel)}"

    def publish_url(self, channel: str = "news") -> str:
        """Give the address that publishes what is posted to it."""
        return f"{self.http_url}/publish/{quote(channel)}"
