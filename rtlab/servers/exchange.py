"""Requests that come by the thousand: event streams, WebSockets and published messages.

tornado reads them and looks after the connection, as for all others. But its ``RequestHandler`` brings cookies,
templates and translations, which cost more than the rest of such a request. So a request for one of these paths
goes to an ``Exchange``, which has what the guards need and no more; every other path goes to the handlers.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Sequence
from http.client import responses as REASONS
from typing import TYPE_CHECKING

from tornado.http1connection import HTTP1Connection
from tornado.httputil import (
    HTTPConnection,
    HTTPHeaders,
    HTTPMessageDelegate,
    HTTPServerConnectionDelegate,
    HTTPServerRequest,
    RequestStartLine,
    ResponseStartLine,
)
from tornado.iostream import IOStream
from tornado.web import HTTPError

from rtlab.servers.guards import DEFAULT_HEADERS, Guarded
from rtlab.servers.http import http_date
from rtlab.servers.http2_request import Http2Request
from rtlab.servers.http2_stream import Http2Stream

if TYPE_CHECKING:
    from rtlab.servers.server import LabServer


class Exchange(Guarded, HTTPMessageDelegate):
    """One request and its answer.

    Args:
        server: The server that it came to.
        connection: tornado's side of the connection.
        name: What the path names, if it names something.
    """

    def __init__(self, server: LabServer, connection: HTTPConnection, name: str) -> None:
        self.server = server
        self._connection = connection
        self._name = name
        self._body: list[bytes] = []
        self._work: asyncio.Task[None] | None = None

    def handle(self, name: str) -> Awaitable[None] | None:
        """Answer the request, now or with what is given back; an HTTPError becomes the answer."""
        raise NotImplementedError

    def headers_received(self, start_line: RequestStartLine | ResponseStartLine, headers: HTTPHeaders) -> None:
        """Take the head (called by tornado)."""
        assert isinstance(start_line, RequestStartLine)
        self.request = HTTPServerRequest(connection=self._connection, start_line=start_line, headers=headers)

    def data_received(self, chunk: bytes) -> None:
        """Take a piece of the body (called by tornado)."""
        self._body.append(chunk)

    def finish(self) -> None:
        """Check and answer, for the request is complete (called by tornado)."""
        try:
            self.check()
            work = self.handle(self._name)
        except Exception as error:
            self._fail(error)
            return
        if work is not None:
            self._work = asyncio.get_running_loop().create_task(self._go_on(work))

    def on_connection_close(self) -> None:
        """Stop the work for a client that has gone (called by tornado)."""
        if self._work:
            self._work.cancel()

    @property
    def body(self) -> bytes:
        """The request's body."""
        return b"".join(self._body)

    def detach(self) -> IOStream | Http2Stream:
        """Take the connection, or the stream of HTTP/2, out of tornado's hands."""
        assert isinstance(self._connection, HTTP1Connection | Http2Request)
        return self._connection.detach()

    def answer(
        self, status: int, body: str, content_type: str, headers: Sequence[tuple[str, str]] = (), reason: str = ""
    ) -> None:
        """Send the whole answer.

        Args:
            status: Its status.
            body: Its body.
            content_type: What the body is.
            headers: Further header fields.
            reason: The reason phrase, if it is not the usual one.
        """
        data = body.encode()
        fields = HTTPHeaders()
        own = (
            ("Content-Type", content_type),
            ("Content-Length", str(len(data))),
            ("Date", http_date()),
        )
        for name, value in (*own, *DEFAULT_HEADERS, *headers):
            fields.add(name, value)
        line = ResponseStartLine("HTTP/1.1", status, reason or REASONS.get(status, "Unknown"))
        self._connection.write_headers(line, fields, b"" if self.request.method == "HEAD" else data)
        self._connection.finish()
        self.server.log_request(self.request, status)

    async def _go_on(self, work: Awaitable[None]) -> None:
        try:
            await work
        except Exception as error:
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        self.log_error(error)
        status, text = self.error_body(error)
        allow = (("Allow", ", ".join(self.methods)),) if status == 405 else ()
        reason = (error.reason or "") if isinstance(error, HTTPError) else ""
        self.answer(status, text, "text/plain; charset=utf-8", allow, reason)


class Router(HTTPServerConnectionDelegate):
    """Gives each request to an exchange, or to tornado's application.

    Args:
        server: The server.
        paths: Patterns of paths, with the exchange for each; what a pattern captures is the name.
        application: Who answers all others.
    """

    def __init__(
        self,
        server: LabServer,
        paths: Sequence[tuple[str, type[Exchange]]],
        application: HTTPServerConnectionDelegate,
    ) -> None:
        self.server = server
        self.paths = [(re.compile(pattern), exchange) for pattern, exchange in paths]
        self.application = application

    def start_request(self, server_conn: object, request_conn: HTTPConnection) -> HTTPMessageDelegate:
        """Take a request, of which nothing is known yet (called by tornado)."""
        return _Undecided(self, server_conn, request_conn)


class _Undecided(HTTPMessageDelegate):
    """A request until its head is there."""

    def __init__(self, router: Router, server_conn: object, request_conn: HTTPConnection) -> None:
        self._router = router
        self._server_conn = server_conn
        self._request_conn = request_conn
        self._chosen: HTTPMessageDelegate | None = None
        self._too_slow: asyncio.TimerHandle | None = None

    def headers_received(
        self, start_line: RequestStartLine | ResponseStartLine, headers: HTTPHeaders
    ) -> Awaitable[None] | None:
        assert isinstance(start_line, RequestStartLine)
        router, path = self._router, start_line.path.partition("?")[0]
        if isinstance(self._request_conn, HTTP1Connection):
            router.server.door.heard(self._request_conn.stream)
        for pattern, exchange in router.paths:
            if found := pattern.fullmatch(path):
                name = found[1] if found.re.groups else ""
                self._chosen = exchange(router.server, self._request_conn, name)
                break
        else:
            self._chosen = router.application.start_request(self._server_conn, self._request_conn)
        has_body = "Content-Length" in headers or "Transfer-Encoding" in headers
        if has_body and isinstance(self._request_conn, HTTP1Connection):
            limit_s = router.server.guards.body_timeout_s  # tornado's own limit costs each body a task
            self._too_slow = asyncio.get_running_loop().call_later(limit_s, self._request_conn.close)
        return self._chosen.headers_received(start_line, headers)

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        assert self._chosen
        return self._chosen.data_received(chunk)

    def finish(self) -> None:
        assert self._chosen
        self._has_come()
        self._chosen.finish()

    def on_connection_close(self) -> None:
        self._has_come()
        if self._chosen:
            self._chosen.on_connection_close()

    def _has_come(self) -> None:
        if self._too_slow:
            self._too_slow.cancel()
            self._too_slow = None
