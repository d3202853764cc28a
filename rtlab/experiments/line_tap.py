"""Somebody who listens on a line: every byte passes, and every byte is kept, secrets included.

rtlab's own relay takes secrets out of what it keeps. A listener does not, so here is one for experiments.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from rtlab import clock
from rtlab.clients.client import end_task
from rtlab.experiments.small_server import SmallServer
from rtlab.records import Direction

_READ_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Heard:
    """One piece of what crossed.

    Attributes:
        direction: ``"up"`` from the client, ``"down"`` from the server.
        at_ns: When.
        data: The bytes.
    """

    direction: Direction
    at_ns: int
    data: bytes


class LineTap(SmallServer):
    """Stands before a server on loopback; use it in an ``async with`` block.

    Args:
        server_port: The server's port.

    Attributes:
        heard: What crossed, in order.
    """

    def __init__(self, server_port: int) -> None:
        super().__init__()
        self._server_port = server_port
        self.heard: list[Heard] = []

    def bytes(self, direction: Direction) -> bytes:
        """Give all that crossed in one direction."""
        return b"".join(piece.data for piece in tuple(self.heard) if piece.direction == direction)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(OSError):  # one side has gone
                from_server, to_server = await asyncio.open_connection("127.0.0.1", self._server_port)
                try:
                    upward = asyncio.get_running_loop().create_task(self._pour("up", reader, to_server))
                    try:
                        await self._pour("down", from_server, writer)
                    finally:
                        await end_task(upward)
                finally:
                    to_server.transport.abort()
        finally:
            writer.close()

    async def _pour(self, direction: Direction, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(_READ_BYTES):
            self.heard.append(Heard(direction, clock.now_ns(), data))
            writer.write(data)
            await writer.drain()
        if direction == "up":
            writer.close()
