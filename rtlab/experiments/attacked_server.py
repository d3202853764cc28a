"""A small server on loopback for one attack: what it answers is given, so that it can be careless on purpose.

``ask()`` is the attacker's side: it sends bytes as they are.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from rtlab.codecs.http1 import BodyData, RequestDecoder, RequestHead
from rtlab.errors import ConnectionFailed, RemoteProtocolError, WaitTimeout
from rtlab.experiments.small_server import SmallServer

TIMEOUT_S = 20.0
_READ_BYTES = 65_536

Handler = Callable[[RequestHead, bytes, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
"""Answers one request: its head, its body, and the two sides of its connection, which ends then."""


class AttackedServer(SmallServer):
    """Reads one request a connection and lets a handler answer it; use it in an ``async with`` block.

    Args:
        handler: Who answers.
        tls: Speak TLS.
    """

    def __init__(self, handler: Handler, tls: ssl.SSLContext | None = None) -> None:
        super().__init__()
        self._handler = handler
        self._tls = tls

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            # The client has gone, does not trust us, says nothing, or says what is no request.
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, RemoteProtocolError):
                async with asyncio.timeout(TIMEOUT_S):
                    if self._tls:
                        await writer.start_tls(self._tls)
                    head, body = await read_request(reader)
                    await self._handler(head, body, reader, writer)
                    await writer.drain()
                    writer.write_eof() if writer.can_write_eof() else writer.close()
                    await reader.read()  # the client closes first, so that it loses nothing to a reset
        finally:
            writer.transport.abort()


async def read_request(reader: asyncio.StreamReader) -> tuple[RequestHead, bytes]:
    """Read one request: its head and its body, of the length that it states.

    Args:
        reader: The connection; what follows the request stays in it.

    Raises:
        RemoteProtocolError: It is no request of HTTP/1.1.
    """
    decoder = RequestDecoder()
    items = decoder.feed(await reader.readuntil(b"\r\n\r\n"))
    head = items[0]
    assert isinstance(head, RequestHead)
    length_bytes = int(head.get("Content-Length") or 0)
    items += decoder.feed(await reader.readexactly(length_bytes)) if length_bytes else []
    return head, b"".join(item.data for item in items if isinstance(item, BodyData))


async def ask(port: int, data: bytes, *, after_head: bytes = b"", until: bytes | None = None) -> bytes:
    """Send bytes to a port of loopback as they are, and read what comes back.

    Args:
        port: The port.
        data: The bytes.
        after_head: What is sent once the head of the answer has come, such as frames.
        until: Stop once this has come; None reads to the end.

    Raises:
        ConnectionFailed: The server cannot be reached, or breaks the line.
        WaitTimeout: It took too long.
    """
    got = b""
    try:
        async with time_limit(f"the answer of port {port}"):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                writer.write(data)
                while (until is None or until not in got) and (piece := await reader.read(_READ_BYTES)):
                    got += piece
                    if after_head and b"\r\n\r\n" in got:
                        writer.write(after_head)
                        after_head = b""
            finally:
                writer.transport.abort()
    except OSError as error:
        raise ConnectionFailed(f"Port {port} broke off: {error}.") from error
    return got


@asynccontextmanager
async def time_limit(what: str) -> AsyncIterator[None]:
    """Give a part of an experiment as much time as it may need.

    Args:
        what: What is waited for.

    Raises:
        WaitTimeout: It took longer.
    """
    try:
        async with asyncio.timeout(TIMEOUT_S):
            yield
    except TimeoutError as error:
        raise WaitTimeout(f"Waited for {what} for {TIMEOUT_S:g} s.") from error
