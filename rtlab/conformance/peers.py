"""Who plays in the league, and whether each is installed here."""

from __future__ import annotations

import importlib
import importlib.metadata
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

from rtlab.conformance import live_peers, sse_peers, websocket_peers
from rtlab.conformance.vectors import Protocol, Role, SseVector, WebSocketVector, sse_vectors, websocket_vectors
from rtlab.errors import InputError

Vector = SseVector | WebSocketVector
Feed = Callable[..., None]
"""Takes chunks and an :class:`SseOutcome`, or a vector, chunks and a :class:`WebSocketOutcome`."""

OURSELVES = "rtlab"
_NOT_INSTALLED = "not installed: pip install 'rtlab[league]'"


@dataclass(frozen=True, slots=True)
class Peer:
    """One parser or decoder under test.

    Attributes:
        name: The name of its distribution.
        protocol: What it speaks.
        open: Makes it ready; gives the function that feeds it.
        modules: The import names that it needs.
        mark: A name that only the wanted one defines, in the first of the modules, such as ``"SSEClient.events"``.
        roles: The roles of WebSocket in which it is tried.
        has_deflate: Whether it knows permessage-deflate.
        has_limits: Whether it can be told how long a message may be.
    """

    name: str
    protocol: Protocol
    open: Callable[[], AbstractContextManager[Feed]]
    modules: tuple[str, ...]
    mark: str = ""
    roles: tuple[Role, ...] = ("server", "client")
    has_deflate: bool = False
    has_limits: bool = False

    @property
    def version(self) -> str:
        """The version that is installed here; empty if none is."""
        try:
            return importlib.metadata.version(self.name)
        except importlib.metadata.PackageNotFoundError:  # a checkout that is not installed still knows its version
            return str(getattr(sys.modules.get(self.modules[0]), "__version__", ""))

    @property
    def obstacle(self) -> str:
        """Why it cannot be run here, and what helps, as a clause; empty if it can."""
        try:
            found: Any = [importlib.import_module(name) for name in self.modules]
        except Exception as error:  # a broken package may fail in any way while it is imported
            if not self.version:
                return _NOT_INSTALLED
            return f"cannot be imported, {type(error).__name__}: {error}; install it again"
        if self.mark:
            found = found[0]
            for part in self.mark.split("."):
                found = getattr(found, part, None)
        if found is None:
            owner = f"another package owns the import name {self.modules[0].partition('.')[0]!r}"
            return f"{owner}: uninstall that one, then install {self.name} again"
        return "" if self.version else _NOT_INSTALLED

    def vectors(self) -> tuple[Vector, ...]:
        """Give the vectors that it is tried with."""
        if self.protocol == "sse":
            return sse_vectors()
        return tuple(vector for vector in websocket_vectors() if vector.receiver in self.roles)

    def lacks(self, vector: Vector) -> str:
        """Say what a vector needs that the peer does not have; empty for nothing."""
        if isinstance(vector, SseVector):
            return ""
        if vector.needs_deflate and not self.has_deflate:
            return "permessage-deflate"
        return "size limit" if vector.max_message_bytes and not self.has_limits else ""


def _ready(feed: Feed) -> Callable[[], AbstractContextManager[Feed]]:
    """Open a peer that needs nothing to be made ready."""
    return lambda: nullcontext(feed)


PEERS = (
    Peer(OURSELVES, "sse", _ready(sse_peers.feed_rtlab), (OURSELVES,)),
    Peer("sseclient-py", "sse", _ready(sse_peers.feed_sseclient_py), ("sseclient",), "SSEClient.events"),
    Peer(
        "httpx-sse",
        "sse",
        _ready(sse_peers.feed_httpx_sse),
        ("httpx_sse", "httpx"),
        "EventSource.iter_sse",
    ),
    Peer(
        "aiohttp-sse-client2",
        "sse",
        sse_peers.aiohttp_sse_client2,
        ("aiohttp_sse_client2.client", "aiohttp"),
        "EventSource.connect",
    ),
    Peer(
        "launchdarkly-eventsource",
        "sse",
        _ready(sse_peers.feed_launchdarkly),
        ("ld_eventsource", "ld_eventsource.config"),
        "SSEClient.all",
    ),
    Peer(
        OURSELVES,
        "websocket",
        _ready(websocket_peers.feed_rtlab),
        (OURSELVES,),
        has_deflate=True,
        has_limits=True,
    ),
    Peer(
        "wsproto",
        "websocket",
        _ready(websocket_peers.feed_wsproto),
        ("wsproto", "wsproto.connection", "wsproto.extensions"),
        "WSConnection",
        has_deflate=True,
    ),
    Peer(
        "websockets",
        "websocket",
        _ready(websocket_peers.feed_websockets),
        ("websockets.protocol", "websockets.extensions.permessage_deflate"),
        "Protocol.events_received",
        has_deflate=True,
        has_limits=True,
    ),
    Peer(
        "websocket-client",
        "websocket",
        _ready(websocket_peers.feed_websocket_client),
        ("websocket",),
        "WebSocket.recv_data_frame",
        roles=("client",),
    ),
    Peer(
        "tornado",
        "websocket",
        live_peers.tornado,
        ("tornado.websocket",),
        "WebSocketHandler.get_compression_options",
        roles=("server",),
        has_deflate=True,
        has_limits=True,
    ),
    Peer(
        "aiohttp",
        "websocket",
        live_peers.aiohttp,
        ("aiohttp.web",),
        "WebSocketResponse",
        roles=("server",),
        has_deflate=True,
        has_limits=True,
    ),
)
"""All peers, in the order in which tables and figures show them."""


def chosen_peers(protocol: Protocol | None, names: Sequence[str] | None) -> tuple[Peer, ...]:
    """Pick peers.

    Args:
        protocol: ``"sse"`` or ``"websocket"``; None for both.
        names: Names of peers; None for all.

    Returns:
        The peers, in the order of the league.

    Raises:
        InputError: There is no such protocol or peer.
    """
    if protocol not in (None, "sse", "websocket"):
        raise InputError(f"The league is about 'sse' and 'websocket', not {protocol!r}.")
    fitting = [peer for peer in PEERS if protocol in (None, peer.protocol)]
    known = list(dict.fromkeys(peer.name for peer in fitting))
    for name in names if names is not None else ():
        if name not in known:
            raise InputError(f"There is no peer {name!r} here; there are {', '.join(known)}.")
    return tuple(peer for peer in fitting if names is None or peer.name in names)
