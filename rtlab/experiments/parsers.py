"""How long does a client take to decode a stream that lies ready in memory?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import sseclient
import websocket

from rtlab import clock
from rtlab.codecs.sse import EventStreamDecoder, encode_event
from rtlab.codecs.websocket_events import TextMessage
from rtlab.codecs.websocket_frames import TEXT, encode_frame
from rtlab.codecs.websocket_session import WebSocketSession
from rtlab.errors import InputError

_PIECE_BYTES = 65_536


def decode_us(way: str, parser: str, *, payload_bytes: int = 1_024, messages: int = 500) -> float:
    """Decode a stream of equal messages, and tell the time that each took.

    Args:
        way: ``"sse"`` or ``"websocket"``.
        parser: A parser of :data:`PARSERS` for this way.
        payload_bytes: Size of each payload, 1 to 1,000,000.
        messages: How many, 1 to 1,000,000.

    Returns:
        Microseconds for each message.

    Raises:
        InputError: There is no such parser, or a setting is out of its range.
    """
    if way not in PARSERS or parser not in PARSERS[way]:
        raise InputError(f"There is no parser {parser!r} for {way!r}.")
    if not (1 <= payload_bytes <= 1_000_000 and 1 <= messages <= 1_000_000):
        raise InputError("payload_bytes and messages: 1 to 1,000,000.")
    text = "x" * payload_bytes
    one = encode_event(text) if way == "sse" else encode_frame(TEXT, text.encode())
    stream = one * messages
    pieces = [stream[at : at + _PIECE_BYTES] for at in range(0, len(stream), _PIECE_BYTES)]
    start_ns = clock.now_ns()
    count = PARSERS[way][parser](pieces)
    spent_us = (clock.now_ns() - start_ns) / 1e3
    if count != messages:
        raise InputError(f"{parser} made {count} of {messages} messages.")
    return spent_us / messages


def _rtlab_sse(pieces: Sequence[bytes]) -> int:
    decoder = EventStreamDecoder()
    return sum(len(decoder.feed(piece)) for piece in pieces)


def _sseclient(pieces: Sequence[bytes]) -> int:
    return sum(1 for _ in sseclient.SSEClient(iter(pieces)).events())


def _rtlab_websocket(pieces: Sequence[bytes]) -> int:
    session = WebSocketSession("client")
    return sum(isinstance(event, TextMessage) for piece in pieces for event in session.feed(piece))


def _websocket_client(pieces: Sequence[bytes]) -> int:
    client = websocket.WebSocket()
    memory: Any = _MemorySocket(pieces)  # it has what the library uses of a socket
    client.sock, client.connected = memory, True
    return sum(1 for _ in _texts(client))


def _texts(client: websocket.WebSocket) -> Iterator[str | bytes]:
    try:
        while True:
            yield client.recv()
    except websocket.WebSocketConnectionClosedException:
        return  # the bytes are at their end


class _MemorySocket:
    """Gives bytes from memory, as many as are asked for, as a socket does."""

    def __init__(self, pieces: Sequence[bytes]) -> None:
        self._left = iter(pieces)
        self._held = b""

    def recv(self, most_bytes: int) -> bytes:
        """Give some bytes; none at the end."""
        self._held = self._held or next(self._left, b"")
        data, self._held = self._held[:most_bytes], self._held[most_bytes:]
        return data

    def gettimeout(self) -> float:
        """Tell that nothing blocks."""
        return 0.0

    def close(self) -> None:
        """Do nothing."""


PARSERS: dict[str, dict[str, Callable[[Sequence[bytes]], int]]] = {
    "sse": {"rtlab": _rtlab_sse, "sseclient-py": _sseclient},
    "websocket": {"rtlab": _rtlab_websocket, "websocket-client": _websocket_client},
}
"""What decodes each, by the library's name."""
