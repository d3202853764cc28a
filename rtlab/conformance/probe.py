"""The client that sends a vector to a live server and sees how the server takes it, on the wire alone.

A ping with a payload of its own ends each vector: its pong proves that the server has read everything before it and
still wants more. A server that says nothing for ``STALL_S`` waits for bytes that the vector does not have.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterable
from contextlib import suppress

from rtlab.codecs.http1_heads import encode_request_head
from rtlab.codecs.websocket_frames import CLOSE, PING, PONG, FrameDecoder, encode_frame
from rtlab.codecs.websocket_handshake import make_key, opening_request
from rtlab.errors import ConnectionFailed

STALL_S = 2.0
OUR_PINGS = AT_THE_END, WHEN_DUE = b"rtlab: at the end", b"rtlab: when due"
"""The payloads of the pings that are not part of any vector."""

_MASKING_KEY = bytes(4)


class Probe:
    """One connection to the server under test.

    It reads until the server closes TCP, whatever becomes of what it writes: a server that fails a connection may
    break the line while more is on its way, and its last words must not get lost.

    Args:
        port: Where the server listens on 127.0.0.1.
        path: The path of its WebSocket.
        stall_s: Who says nothing for so long waits for more bytes.

    Attributes:
        head: The head of the answer to the opening handshake, once it is there.
        pongs: The payloads of all pongs that came.
        close_payload: The payload of the server's close frame, or None.
        ended: Whether the server has closed TCP.
    """

    def __init__(self, port: int, path: str = "/", stall_s: float = STALL_S) -> None:
        self.head: bytes | None = None
        self.pongs: list[bytes] = []
        self.close_payload: bytes | None = None
        self.ended = False
        self._address = ("127.0.0.1", port)
        self._path = path
        self._stall_s = stall_s
        self._socket = socket.socket()
        self._socket.setblocking(False)
        self._loop = asyncio.get_running_loop()
        self._reader: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()
        self._buffer = b""
        self._frames = FrameDecoder()

    @property
    def over(self) -> bool:
        """Whether the server listens no more."""
        return self.ended or self.close_payload is not None

    async def open(self, offer_deflate: bool) -> None:
        """Connect and do the opening handshake.

        Args:
            offer_deflate: Whether to offer permessage-deflate; the server must then agree.

        Raises:
            ConnectionFailed: The server did not agree.
        """
        await asyncio.wait_for(self._loop.sock_connect(self._socket, self._address), STALL_S)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._reader = asyncio.create_task(self._read())
        headers = (("Sec-WebSocket-Extensions", "permessage-deflate"),) if offer_deflate else ()
        host = f"127.0.0.1:{self._address[1]}"
        request = opening_request(host, self._path, make_key(bytes(16)), headers=headers)
        await self._write(encode_request_head(request))
        await self._until(lambda: self.head is not None or self.ended)
        head = self.head or b""
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
            await self._write(chunk)
            await asyncio.sleep(0)  # the server is on the same loop and reads it now
            fed += len(chunk)
            if fed == due_bytes:
                late = await self._is_answered(WHEN_DUE)
            if self.over:
                return late
        await self._is_answered(AT_THE_END)
        return late

    async def close(self) -> None:
        """Close TCP and stop reading."""
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.wait([self._reader])
        self._socket.close()

    async def wait_for_end(self) -> None:
        """Wait until the server has closed TCP, but not for long."""
        await self._until(lambda: self.ended)

    async def _is_answered(self, payload: bytes) -> bool:
        await self._write(encode_frame(PING, payload, masking_key=_MASKING_KEY))
        await self._until(lambda: payload in self.pongs or self.over)
        return payload in self.pongs

    async def _write(self, data: bytes) -> None:
        with suppress(OSError):  # the server has closed TCP, and the reader says so
            await self._loop.sock_sendall(self._socket, data)

    async def _read(self) -> None:
        with suppress(OSError):
            while data := await self._loop.sock_recv(self._socket, 65_536):
                self._receive(data)
                self._changed.set()
        self.ended = True
        self._changed.set()

    def _receive(self, data: bytes) -> None:
        if self.head is None:
            self._buffer += data
            head, end, data = self._buffer.partition(b"\r\n\r\n")
            if not end:
                return
            self.head = head
        self._take(data)

    def _take(self, data: bytes) -> None:
        for frame in self._frames.feed(data):
            if frame.opcode == PONG:
                self.pongs.append(frame.payload)
            elif frame.opcode == CLOSE and self.close_payload is None:
                self.close_payload = frame.payload

    async def _until(self, holds: Callable[[], bool]) -> None:
        with suppress(TimeoutError):
            while not holds():
                self._changed.clear()
                await asyncio.wait_for(self._changed.wait(), self._stall_s)
