"""Fixtures of pytest for your own project: a lab, a line that can be cut, and a client that does not read.

Whoever installs rtlab has them. What they need loads when a test asks for one of them, so all others wait for
nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import pytest

if TYPE_CHECKING:
    from rtlab.experiments.slow_client import SlowClient
    from rtlab.results.capture import Capture
    from rtlab.servers.lab import Lab


class Line:
    """A way to a server that can be cut; made by the fixture ``rtlab_cut``.

    Args:
        url: The server's URL.
        capture: The relay before it.

    Attributes:
        url: The URL to use instead: the same path, by way of the relay. The server sees its address in ``Host``.
    """

    def __init__(self, url: str, capture: Capture) -> None:
        self._capture = capture
        self.url = urlunsplit(urlsplit(url)._replace(netloc=f"127.0.0.1:{capture.port}"))

    def cut(self) -> int:
        """Reset every connection of this moment, both ends, as a failing network does; new ones may come.

        Returns:
            How many there were.
        """
        return self._capture.cut()

    @property
    def connections(self) -> int:
        """How many connections have come so far; a client that came back counts again."""
        return self._capture.connections


@pytest.fixture
def rtlab_lab() -> Iterator[Lab]:
    """A server for event streams and WebSockets, of this test alone: something that your client can talk to.

    ``rtlab_lab.sse_url()`` and ``rtlab_lab.ws_url()`` are its addresses, ``rtlab_lab.publish("text")`` sends.
    """
    from rtlab.servers.lab import start_lab

    with start_lab(f"pytest-{secrets.token_hex(6)}") as lab:
        yield lab


@pytest.fixture
def rtlab_cut() -> Iterator[Callable[[str], Line]]:
    """A line that can be cut.

    After ``line = rtlab_cut(url)`` connect to ``line.url``; then ``line.cut()`` breaks it. The URL is one of
    your own server on this machine, or of ``rtlab_lab``: so it shows what your client does when its line breaks,
    and what your server does when the client comes back.
    """
    from rtlab.results.capture import through

    with ExitStack() as lines:
        yield lambda url: Line(url, lines.enter_context(through(url)))


@pytest.fixture
def rtlab_slow_client() -> Iterator[Callable[[str], SlowClient]]:
    """A client that does not read.

    ``slow = rtlab_slow_client(url)`` opens an http or ws URL and then waits. So it shows what your
    server keeps for such a client, and ``slow.was_cut()`` whether it lets go of it.
    """
    from rtlab.experiments.slow_client import SlowClient

    with ExitStack() as clients:
        yield lambda url: clients.enter_context(SlowClient(url))
