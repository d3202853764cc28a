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


def with_token(url: str, token: str) -> str:
    """Give an address that carries a token, which must be safe in a URL; without a token, the address as it is."""
    return f"{url}?token={token}" if token else url


class Addresses(ABC):
    """The addresses of a lab's paths, below one root."""

    @property
    @abstractmethod
    def http_url(self) -> str:
        """The address of the HTTP paths, without a slash at the end."""

    @property
    def token(self) -> str:
        """What each request must carry; empty for none."""
        return ""

    def sse_url(self, channel: str = "news") -> str:
        """Give the address of a channel's event stream."""
        return self._at(f"/sse/{quote(channel)}")

    def ws_url(self, channel: str = "news") -> str:
        """Give the address of a channel over WebSocket."""
        return self._at(f"/ws/{quote(channel)}").replace("http", "ws", 1)

    def echo_url(self) -> str:
        """Give the address of the WebSocket that sends each message back."""
        return self._at("/echo").replace("http", "ws", 1)

    def poll_url(self, channel: str = "news") -> str:
        """Give the address for polling a channel."""
        return self._at(f"/poll/{quote(channel)}")

    def publish_url(self, channel: str = "news") -> str:
        """Give the address that publishes what is posted to it."""
        return self._at(f"/publish/{quote(channel)}")

    def _at(self, path: str) -> str:
        return with_token(self.http_url + path, self.token)
