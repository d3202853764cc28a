"""The client that sends a vector to a live server and sees how the server takes it, on the wire alone.

A ping with a payload of its own ends each vector: its pong proves that the server has read everything before it and
still wants more. A server that says nothing for ``STALL_S`` waits for bytes that the vector does not have.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from rtlab.codecs.http1_heads import encode_request_head
from rtlab.codecs.websocket_frames import CLOSE, PING, PONG, FrameDecoder, encode_frame
from rtlab.codecs.websocket_handshake import make_key, opening_request
from rtlab.errors import ConnectionFailed

STALL_S = 2.0
OUR_PINGS = AT_THE_END, WHEN_DUE = b"rtlab: at the end", b"rtlab: when due"
"""The payloads of the pings that are not part of any vector."""

_MASKING_KEY = bytes(4)


class Probe(asyncio.Protocol):
    """One connection to the server under test; it keeps what came, also when the line breaks.

    Attributes:
        pongs: The payloads of all pongs that came.
        close_payload: The payload of the server's close frame, or None.
        ended: Whether the server has closed TCP.
    """

    def __init__(self) -> None:
        self.pongs: list[bytes] = []
        self.close_payload: bytes | None = None
        self.ended = False
        self._changed = asyncio.Event()
        self._head: bytes | None = None
        self._buffer = b""
        self._frames = FrameDecoder()
        self._transport: Any = None

    @property
    def over(self) -> bool:
        """Whether the server listens no more."""
        return self.ended or self.close_payload is not None

    async def open(self, host: str, offer_deflate: bool) -> None:
        """Do the opening handshake.

        Args:
            host: Host and port of the server.
            offer_deflate: Whether to offer permessage-deflate; the server must then agree.

        Raises:
            ConnectionFailed: The server did not agree.
        """
        headers = (("Sec-WebSocket-Extensions", "permessage-deflate"),) if offer_deflate else ()
        self._transport.write(encode_request_head(opening_request(host, "/", make_key(bytes(16)), headers=headers)))
        await self._until(lambda: self._head is not None or self.ended)
        head = self._head or b""
        if not head.startswith(b"HTTP/1.1 101") or (offer_deflate and b"permessage-deflate" not in head):
            raise ConnectionFailed(f"The server did not agree to the opening handshake: {head[:80]!r}.")

    async def play(self, chunks: Iterable[bytes], due_bytes: int | None) -> bool:
        """Write the chunks for as long as the server listens, then ask whether it still does.

        Args:
            chunks: What to write, one write each.
            due_bytes: After so many bytes a strict server has failed the connection; None for no such point.

        Returns:
            Whether the server was still there after ``due_bytes``.
        """
        fed, late = 0, False
        for chunk in chunks:
            self._transport.write(chunk)
            await asyncio.sleep(0)  # the server is on the same loop and reads it now
            fed += len(chunk)
            if fed == due_bytes:
                late = await self._answers(WHEN_DUE)
            if self.over:
                return late
        await self._answers(AT_THE_END)
        return late

    def abort(self) -> None:
        """Close TCP at once."""
        self._transport.abort()

    async def _answers(self, payload: bytes) -> bool:
        self._transport.write(encode_frame(PING, payload, masking_key=_MASKING_KEY))
        await self._until(lambda: payload in self.pongs or self.over)
        return payload in self.pongs

    async def _until(self, holds: Callable[[], bool]) -> None:
        with suppress(TimeoutError):
            while not holds():
                self._changed.clear()
                await asyncio.wait_for(self._changed.wait(), STALL_S)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Read the head of the answer, then frames."""
        self._buffer += data
        if self._head is None:
            head, end, rest = self._buffer.partition(b"\r\n\r\n")
            if not end:
                return
            self._head, self._buffer = head, rest
        data, self._buffer = self._buffer, b""
        for frame in self._frames.feed(data):
            if frame.opcode == PONG:
                self.pongs.append(frame.payload)
            elif frame.opcode == CLOSE and self.close_payload is None:
                self.close_payload = frame.payload
        self._changed.set()

    def connection_lost(self, error: Exception | None) -> None:
        """Note the end, orderly or not."""
        self.ended = True
        self._changed.set()
