"""A server that takes a secret in every way in which clients can show one, and writes an access log, as servers do.

An ``EventSource`` and a ``WebSocket`` in a page cannot set headers. What is left to them: the URL, a cookie, and
for a WebSocket the names of sub-protocols and the first message.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import parse_qs

from rtlab.clients.client import end_task
from rtlab.codecs.http1 import RequestHead, encode_request_head, encode_response_head
from rtlab.codecs.sse import encode_event
from rtlab.codecs.websocket_frames import CLOSE, TEXT, FrameDecoder, encode_frame
from rtlab.codecs.websocket_handshake import check_opening_request, opening_response
from rtlab.servers.guards import redact_target

WELCOME = "you are welcome"
SUBPROTOCOL = "chat"
_REFUSED = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 4\r\nConnection: close\r\n\r\npage"
_STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
_POLICY_VIOLATION = (1008).to_bytes(2)
_READ_BYTES = 65_536


class AccessLog:
    """Lines in the combined format, in which most servers and proxies write by default.

    Args:
        redacts: Take secrets out first.
    """

    def __init__(self, *, redacts: bool = False) -> None:
        self._redacts = redacts
        self.lines: list[str] = []

    def note(self, head: RequestHead, status: int) -> None:
        """Write one line on a request."""
        target, referer = head.target, head.get("Referer") or "-"
        if self._redacts:
            target, referer = redact_target(target), redact_target(referer)
        at = datetime.now(UTC).strftime("%d/%b/%Y:%H:%M:%S %z")
        request = f"{head.method} {target} {head.version}"
        agent = head.get("User-Agent") or "-"
        self.lines.append(f'127.0.0.1 - - [{at}] "{request}" {status} 0 "{referer}" "{agent}"')

    @property
    def written(self) -> bytes:
        """All of it."""
        return "\n".join(self.lines).encode()


class TokenServer:
    """Answers ``/page``, ``/stream``, ``/socket`` and ``/moved``; the handler of an ``AttackedServer``.

    Args:
        token: The secret that it takes, again and again.

    Attributes:
        token: The secret.
        log: Its access log.
        redacted_log: The same log with secrets taken out.
        asked: What it was asked.
        moved_to: Where ``/moved`` redirects to, with the query that it was asked with.
    """

    def __init__(self, token: str) -> None:
        self.token = token
        self._tickets: set[str] = set()
        self.log = AccessLog()
        self.redacted_log = AccessLog(redacts=True)
        self.asked: list[RequestHead] = []
        self.moved_to = ""

    def make_ticket(self) -> str:
        """Give a secret that is taken once; a client asks for it over a request with its header or cookie."""
        ticket = secrets.token_urlsafe(16)
        self._tickets.add(ticket)
        return ticket

    async def handle(
        self, head: RequestHead, body: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Answer one request."""
        self.asked.append(head)
        path, _, query = head.target.partition("?")
        match path:
            case "/page":
                self._answer(head, 200, writer, _PAGE)
            case "/moved":
                where = f"Location: {self.moved_to}{'?' if query else ''}{query}".encode()
                answer = b"HTTP/1.1 307 Temporary Redirect\r\n%s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                self._answer(head, 307, writer, answer % where)
            case "/stream" if self._admits(_shown(head, query)):
                self._answer(head, 200, writer, _STREAM + encode_event(WELCOME))
            case "/socket" if self._admits(shown := _shown(head, query)) or not shown:
                self._answer(head, 101, writer, _switching(head))
                await self._talk(reader, writer, is_known=bool(shown))
            case _:
                self._answer(head, 401, writer, _REFUSED)

    def _answer(self, head: RequestHead, status: int, writer: asyncio.StreamWriter, data: bytes) -> None:
        self.log.note(head, status)
        self.redacted_log.note(head, status)
        writer.write(data)

    def _admits(self, shown: Sequence[str]) -> bool:
        for secret in shown:
            if secret in self._tickets:
                self._tickets.discard(secret)
                return True
            if secrets.compare_digest(secret.encode(), self.token.encode()):
                return True
        return False

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_known: bool) -> None:
        decoder = FrameDecoder()
        while not is_known and (data := await reader.read(_READ_BYTES)):
            for frame in decoder.feed(data):
                if not self._admits([frame.payload.decode("utf-8", "replace")]):
                    writer.write(encode_frame(CLOSE, _POLICY_VIOLATION))
                    return
                is_known = True
        if is_known:
            writer.write(encode_frame(TEXT, WELCOME.encode()))


async def forward(
    log: AccessLog,
    port: int,
    head: RequestHead,
    body: bytes,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
) -> None:
    """Answer as a proxy with an access log does: pass the request on, and then bytes both ways.

    Args:
        log: The proxy's log.
        port: The server's port.
        head: The request.
        body: Its body.
        reader: The client's side.
        writer: The client's side.
    """
    upstream_reader, upstream_writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        upstream_writer.write(encode_request_head(head) + body)
        first = await upstream_reader.readuntil(b"\r\n\r\n")
        log.note(head, int(first[9:12]))
        writer.write(first)
        upward = asyncio.get_running_loop().create_task(_pour(reader, upstream_writer))
        try:
            await _pour(upstream_reader, writer)
        finally:
            await end_task(upward)
    finally:
        upstream_writer.transport.abort()


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(_READ_BYTES):
        writer.write(data)
        await writer.drain()


def _shown(head: RequestHead, query: str) -> list[str]:
    """Collect what a client shows: in the query, in a header, in a cookie, as a sub-protocol."""
    parameters = parse_qs(query)
    shown = parameters.get("token", []) + parameters.get("ticket", [])
    shown += [value.removeprefix("Bearer ") for value in head.get_all("Authorization")]
    shown += [value.removeprefix("session=") for value in head.get_all("Cookie")]
    offered = (head.get("Sec-WebSocket-Protocol") or "").split(",")
    return shown + [name.strip().removeprefix("bearer.") for name in offered if name.strip().startswith("bearer.")]


def _switching(head: RequestHead) -> bytes:
    opening = check_opening_request(head)
    return encode_response_head(
        opening_response(opening, subprotocol=SUBPROTOCOL if opening.subprotocols else None)
    )
