"""One request over HTTP/2, as tornado's web layer and the lab's exchanges know requests.

So they answer it with the same code as over HTTP/1.1: the same paths, guards and limits. An event stream or a
WebSocket takes the stream over from here, as it takes a socket over from HTTP/1.1.

Spec: RFC 9113 8; RFC 8441 4
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from http.client import responses as REASONS

from tornado.httputil import (
    HTTPConnection,
    HTTPHeaders,
    HTTPInputError,
    HTTPMessageDelegate,
    HTTPServerConnectionDelegate,
    RequestStartLine,
    ResponseStartLine,
)

from rtlab.codecs.http1 import Headers, ResponseHead
from rtlab.codecs.websocket_connect import HTTP2
from rtlab.servers.guards import DEFAULT_HEADERS, Guards
from rtlab.servers.http import http_date
from rtlab.servers.http2_stream import Http2Stream


class Http2Request(HTTPConnection):
    """A request and its answer.

    Args:
        stream: The stream that it came on.
        guards: What is refused.
    """

    def __init__(self, stream: Http2Stream, guards: Guards) -> None:
        self._stream = stream
        self._guards = guards
        self._delegate: HTTPMessageDelegate | None = None
        self._on_close: Callable[[], None] | None = None
        self._body_bytes = 0
        self._too_slow: asyncio.TimerHandle | None = None
        stream.start(self._take_body, self._closed)
        stream.on_end = self._complete

    def begin(self, requests: HTTPServerConnectionDelegate, session: object, fields: Headers) -> None:
        """Take the head.

        Args:
            requests: Who answers requests.
            session: The connection that it came on.
            fields: The header fields, the pseudo-header fields too.
        """
        guards = self._guards
        pseudo = dict(field for field in fields if field[0].startswith(":"))
        method, is_tunnel = pseudo[":method"], pseudo[":method"] == "CONNECT"
        if sum(len(name) + len(value) + 32 for name, value in fields) > guards.max_head_bytes:
            self.refuse(431, "The head of the request is too long.")
            return
        if is_tunnel and pseudo.get(":protocol") != "websocket":
            self.refuse(501, "The lab opens no tunnel but for the protocol websocket.")
            return
        try:
            headers = _headers(fields, pseudo.get(":authority"))
            if int(headers.get("Content-Length", "0")) > guards.max_body_bytes:
                self.refuse(413, "The body is too long.")
                return
            self._delegate = requests.start_request(session, self)
            self._delegate.headers_received(RequestStartLine(method, pseudo[":path"], HTTP2), headers)
        except (HTTPInputError, ValueError) as error:
            self._delegate = None
            self.refuse(400, str(error))
            return
        if is_tunnel:
            self._complete()  # what follows is no body
        else:
            self._too_slow = asyncio.get_running_loop().call_later(guards.body_timeout_s, self._stream.abort)

    def refuse(self, status: int, why: str) -> None:
        """Answer with a status and one line of plain text.

        Args:
            status: The status.
            why: What is wrong.
        """
        body = f"{status} {why}\n".encode()
        fields = HTTPHeaders({"Content-Type": "text/plain; charset=utf-8", "Content-Length": str(len(body))})
        for name, value in DEFAULT_HEADERS:
            fields.add(name, value)
        fields.add("Date", http_date())
        self.write_headers(ResponseStartLine(HTTP2, status, REASONS[status]), fields, body)
        self.finish()

    def detach(self) -> Http2Stream:
        """Give the stream to who will use it from now on, before anything was answered."""
        self._stop_clock()
        self._delegate = self._on_close = None
        self._stream.release()
        return self._stream

    def write_headers(
        self, start_line: RequestStartLine | ResponseStartLine, headers: HTTPHeaders, chunk: bytes | None = None
    ) -> asyncio.Future[None]:
        """Send the answer's head (called by tornado)."""
        assert isinstance(start_line, ResponseStartLine)
        self._stream.send_head(ResponseHead(start_line.code, "", tuple(headers.get_all()), HTTP2))
        return self.write(chunk or b"")

    def write(self, chunk: bytes) -> asyncio.Future[None]:
        """Send a piece of the answer's body (called by tornado)."""
        self._stream.send(chunk)
        sent: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        sent.set_result(None)
        return sent

    def finish(self) -> None:
        """End the answer (called by tornado)."""
        self._delegate = None
        self._stream.answer_ends()

    def set_close_callback(self, callback: Callable[[], None] | None) -> None:
        """Take note of who wants to know when the client is gone (called by tornado)."""
        self._on_close = callback

    def _take_body(self, data: bytes) -> None:
        if self._delegate is None:
            return
        self._body_bytes += len(data)
        if self._body_bytes > self._guards.max_body_bytes:
            self._delegate = None
            self.refuse(413, "The body is too long.")
        else:
            self._delegate.data_received(data)

    def _complete(self) -> None:
        self._stop_clock()
        if self._delegate:
            self._delegate.finish()

    def _closed(self) -> None:
        self._stop_clock()
        delegate, self._delegate = self._delegate, None
        if delegate:
            delegate.on_connection_close()
        if self._on_close:
            self._on_close()

    def _stop_clock(self) -> None:
        if self._too_slow:
            self._too_slow.cancel()
            self._too_slow = None


def _headers(fields: Headers, authority: str | None) -> HTTPHeaders:
    """Write header fields as HTTP/1.1 has them: the authority is the host (RFC 9113 8.3.1)."""
    headers = HTTPHeaders()
    for name, value in fields:
        if not name.startswith(":") and (name != "host" or authority is None):
            headers.add(name, value)
    if authority is not None:
        headers.add("Host", authority)
    return headers
