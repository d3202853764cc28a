"""A server for one lesson: it streams the same few events, lets any page read them, and notes what it is asked.

Its pieces end in the middle of events, as those of a real line may. ``/events`` ends after them and holds who comes
back, ``/held`` sends one and does not end, ``/lines`` sends lines of JSON, and ``/refused`` says 401.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from rtlab.codecs.http1 import (
    LAST_CHUNK,
    BodyData,
    EndOfMessage,
    RequestDecoder,
    RequestHead,
    ResponseHead,
    encode_chunk,
    encode_response_head,
)
from rtlab.errors import RemoteProtocolError
from rtlab.experiments.small_server import SmallServer
from rtlab.loop_thread import shared

RETRY_MS = 100
EVENTS = ("one", "two", "three")
PIECES = (
    f"retry: {RETRY_MS}\n\nid: 1\nda".encode(),
    b"ta: one\n\nid: 2\ndata: two\n\nid: 3\nda",
    b"ta: three\n\n",
)
_HELD = (b"id: 1\ndata: one\n\n",)
_LINES = (b'{"one": 1}\n', b'{"two": 2}\n')
_PAUSE_S = 0.1  # so that each piece comes alone
_TIMEOUT_S = 30.0
_CALL_S = 5.0
_STREAM = ("Content-Type", "text/event-stream")
_PERMIT = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Allow-Headers", "Authorization, Last-Event-ID, Content-Type"),
    ("Access-Control-Allow-Methods", "GET, POST"),
)


@dataclass(slots=True)
class Asked:
    """One request, but for those that only ask for permission.

    Attributes:
        head: Its head.
        body: Its body.
        left: True once the client has gone.
    """

    head: RequestHead
    body: bytes
    left: bool = False


class StreamExhibit(SmallServer):
    """The server; use it in a ``with`` block.

    Attributes:
        asked: What it was asked, in the order in which it came.
    """

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Asked] = []

    def url(self, path: str) -> str:
        """Give the address of a path."""
        return f"http://127.0.0.1:{self.port}{path}"

    def at(self, path: str) -> list[Asked]:
        """Give the requests for one path."""
        return [asked for asked in self.asked if asked.head.target == path]

    def until(self, holds: Callable[[], bool], timeout_s: float) -> bool:
        """Wait until something holds; tell whether it did in time.

        Args:
            holds: Looks at the requests.
            timeout_s: How long to wait, in seconds.
        """

        async def until() -> bool:
            with suppress(TimeoutError):
                async with asyncio.timeout(timeout_s):
                    while not holds():
                        await asyncio.sleep(0.01)
            return holds()

        return shared.call(until, timeout_s + _CALL_S)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(OSError, RemoteProtocolError, TimeoutError):
                async with asyncio.timeout(_TIMEOUT_S):
                    if (asked := await _read(reader)) is None:
                        return
                    if asked.head.method == "OPTIONS":
                        await _write(writer, _head(204, "No Content"))
                        writer.write_eof()
                    else:
                        self.asked.append(asked)
                        await self._answer(asked, writer)
                    await reader.read()
                    asked.left = True
        finally:
            writer.transport.abort()

    async def _answer(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        path = asked.head.target.partition("?")[0]
        if path == "/refused":
            fields = (("WWW-Authenticate", "Bearer"), ("Content-Length", "0"))
            await _write(writer, _head(401, "Unauthorized", *fields))
            return
        kind = ("Content-Type", "application/x-ndjson") if path == "/lines" else _STREAM
        await _write(writer, _head(200, "OK", kind, ("Transfer-Encoding", "chunked")))
        held = path == "/held" or (path == "/events" and len(self.at(asked.head.target)) > 1)
        for piece in _HELD if held else _LINES if path == "/lines" else PIECES:
            await _write(writer, encode_chunk(piece))
            await asyncio.sleep(_PAUSE_S)
        if not held:
            await _write(writer, LAST_CHUNK)
            writer.write_eof()


async def _read(reader: asyncio.StreamReader) -> Asked | None:
    """Read one request; None if the connection was opened for nothing."""
    decoder, head, body = RequestDecoder(), None, b""
    while data := await reader.read(65_536):
        for item in decoder.feed(data):
            if isinstance(item, RequestHead):
                head = item
            elif isinstance(item, BodyData):
                body += item.data
            elif isinstance(item, EndOfMessage) and head:
                return Asked(head, body)
    return None


async def _write(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(data)
    await writer.drain()


def _head(status: int, reason: str, *fields: tuple[str, str]) -> bytes:
    return encode_response_head(ResponseHead(status, reason, (*fields, *_PERMIT, ("Connection", "close"))))
