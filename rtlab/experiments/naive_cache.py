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

from rtlab.clients.client import end_task
from rtlab.experiments.attacked_server import TIMEOUT_S
from rtlab.experiments.small_server import SmallServer

_REQUEST = re.compile(rb"^GET (\S+) HTTP/1\.1\r\n((?:[^\r\n]+\r\n)*)\r\n", re.MULTILINE)
_ANSWER = re.compile(rb"HTTP/1\.1 (\d{3})[^\r\n]*\r\n((?:[^\r\n]+\r\n)*)\r\n")
_FIELD = re.compile(rb"^(host|content-length|cache-control): *([^\r\n]*)", re.MULTILINE | re.IGNORECASE)
_READ_BYTES = 65_536

Key = tuple[bytes, bytes]
"""A host and a path."""


class NaiveCache(SmallServer):
    """Stands before one server, for whose address its own port stands.

    Args:
        server_port: The server on loopback.
        stored: The answers that it keeps, by host and path: one cache before several servers has one store.
    """

    def __init__(self, server_port: int, stored: dict[Key, bytes]) -> None:
        super().__init__()
        self._server_port = server_port
        self._stored = stored

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(OSError):  # one side has gone
                async with asyncio.timeout(TIMEOUT_S):
                    from_server, to_server = await asyncio.open_connection("127.0.0.1", self._server_port)
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
                    if key in self._stored:
                        to_client.write(self._stored[key])
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
                        self._stored[asked[0]] = rest[found.start() : end]
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
