"""A model of the transparent caches for which WebSocket masks what clients send.

Such a cache stands in a network's way, and nobody has asked for it. It passes all bytes on, reads along as if they
were HTTP, and knows no ``Upgrade``: whatever looks like a request is one to it, and the next answer belongs to it.
It keeps an answer under the host that the request names, although the bytes come from the address that the client
has connected to::

    client ──► cache ──► attacker.example       GET /script.js, Host: bank.example      in a frame's payload
                 └── bank.example/script.js = what attacker.example answered

Spec: RFC 6455 10.3
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from contextlib import suppress
from functools import partial
from typing import Self

from rtlab.clients.client import end_task
from rtlab.experiments.attacked_server import TIMEOUT_S

_REQUEST = re.compile(rb"^GET (\S+) HTTP/1\.1\r\n((?:[^\r\n]+\r\n)*)\r\n", re.MULTILINE)
_ANSWER = re.compile(rb"HTTP/1\.1 (\d{3})[^\r\n]*\r\n((?:[^\r\n]+\r\n)*)\r\n")
_FIELD = re.compile(rb"^(host|content-length|cache-control): *([^\r\n]*)", re.MULTILINE | re.IGNORECASE)
_READ_BYTES = 65_536

Key = tuple[bytes, bytes]
"""A host and a path."""


class NaiveCache:
    """Stands before several servers, one port each, with one store for all; use it in an ``async with`` block.

    Args:
        server_ports: The servers on loopback.

    Attributes:
        stored: The answers that it keeps, by host and path.
    """

    def __init__(self, *server_ports: int) -> None:
        self._server_ports = server_ports
        self._listeners: dict[int, asyncio.Server] = {}
        self._open: set[asyncio.Task[None]] = set()
        self.stored: dict[Key, bytes] = {}

    def port_before(self, server_port: int) -> int:
        """Give the port that stands for the address of a server."""
        return int(self._listeners[server_port].sockets[0].getsockname()[1])

    async def __aenter__(self) -> Self:
        for server_port in self._server_ports:
            accept = partial(self._accept, server_port)
            self._listeners[server_port] = await asyncio.start_server(accept, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *error: object) -> None:
        for listener in self._listeners.values():
            listener.close()
        await asyncio.gather(*(end_task(task) for task in tuple(self._open)))

    def _accept(self, server_port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A task of our own: asyncio complains about one of its own that is cancelled.
        task = asyncio.get_running_loop().create_task(self._carry(server_port, reader, writer))
        self._open.add(task)
        task.add_done_callback(self._open.discard)

    async def _carry(self, server_port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(OSError):  # one side has gone
                async with asyncio.timeout(TIMEOUT_S):
                    from_server, to_server = await asyncio.open_connection("127.0.0.1", server_port)
                    try:
                        await self._pass_on(reader, writer, from_server, to_server)
                    finally:
                        to_server.transport.abort()
        finally:
            writer.transport.abort()

    async def _pass_on(
        self,
        from_client: asyncio.StreamReader,
        to_client: asyncio.StreamWriter,
        from_server: asyncio.StreamReader,
        to_server: asyncio.StreamWriter,
    ) -> None:
        asked: deque[Key] = deque()

        async def up() -> bool:
            """Pass on what the client says; True once a kept answer was given."""
            rest = b""
            while data := await from_client.read(_READ_BYTES):
                rest += data
                while found := _REQUEST.search(rest):
                    rest = rest[found.end() :]
                    key = _fields(found[2]).get(b"host", b""), found[1]
                    if key in self.stored:
                        to_client.write(self.stored[key])
                        return True
                    asked.append(key)
                to_server.write(data)
            to_server.write_eof()
            return False

        async def down() -> None:
            rest = b""
            while data := await from_server.read(_READ_BYTES):
                to_client.write(data)
                rest += data
                while asked and (found := _ANSWER.search(rest)):
                    fields = _fields(found[2])
                    end = found.end() + int(fields.get(b"content-length", b"0"))
                    if len(rest) < end:
                        break
                    if found[1] == b"200" and b"max-age" in fields.get(b"cache-control", b""):
                        self.stored[asked[0]] = rest[found.start() : end]
                    asked.popleft()
                    rest = rest[end:]

        loop = asyncio.get_running_loop()
        upward, downward = loop.create_task(up()), loop.create_task(down())
        try:
            await asyncio.wait((upward, downward), return_when=asyncio.FIRST_COMPLETED)
            if not (upward.done() and upward.result()):
                await downward
            to_client.close()
            await to_client.wait_closed()
        finally:
            await end_task(upward)
            await end_task(downward)


def _fields(lines: bytes) -> dict[bytes, bytes]:
    return {name.lower(): value for name, value in _FIELD.findall(lines)}
