"""An EventSource for Python that follows the standard, unlike the libraries that only parse.

::

    CONNECTING ──200, text/event-stream──► OPEN
        ▲  │                                │
        │  └──204, 4xx, 5xx, other type──► CLOSED     (for good)
        └───── wait, Last-Event-ID ◄────────┘         (the body ended, or the line broke)

Spec: HTML Living Standard, Server-sent events: processing model (9.2.3), Last-Event-ID (9.2.4).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing
from typing import Literal
from urllib.parse import urljoin

from rtlab import clock
from rtlab.clients.client import Client, Received, end_task, make_received
from rtlab.clients.http import HttpConnection
from rtlab.clients.wire import Address, UntrustedCertificate
from rtlab.codecs.http1 import RequestHead, ResponseHead, encode_request_head
from rtlab.codecs.sse import EventStreamDecoder, encode_event
from rtlab.errors import (
    ConnectionEnded,
    ConnectionFailed,
    RemoteProtocolError,
    WaitTimeout,
)

RECONNECTION_MS = 3_000
"""The reconnection time until the server sends another; what browsers use."""
LONGEST_WAIT_MS = 86_400_000
"""A stream that asks for more than a day gets a day."""
ANSWER_TIMEOUT_S = 30.0
MOST_REDIRECTS = 20
MOST_BACKOFF = 8
_REDIRECTS = (301, 302, 303, 307, 308)


class EventSource(Client):
    """Receives an event stream and comes back by itself when it breaks.

    It reconnects after the reconnection time when the body ends or the line breaks, and sends the last event ID.
    It closes for good on any status but 200, and on a wrong content type. After attempts that fail to connect
    at all the wait doubles, up to eight times the reconnection time.

    Args:
        url: An http or https URL.
        headers: Headers of its own, such as ``Authorization``; browsers cannot set any. They are not sent on to
            another origin after a redirect.
        last_event_id: Where to resume; browsers always start empty.
        idle_timeout_s: Reconnect when nothing has come for so long, not even a comment; None waits for ever, as
            browsers do.
        ca_pem: An authority to trust instead of the system's, as ``lab.ca_pem``.
        on_received: Called on the loop's thread for each event instead of keeping it for ``receive()``.

    Raises:
        InputError: The URL cannot be used.
        LocalProtocolError: A header or the last event ID cannot be sent.
    """

    transport = "sse"

    def __init__(
        self,
        url: str,
        *,
        headers: Sequence[tuple[str, str]] = (),
        last_event_id: str = "",
        idle_timeout_s: float | None = None,
        ca_pem: str = "",
        on_received: Callable[[Received], None] | None = None,
    ) -> None:
        super().__init__(url, on_received)
        self._headers = tuple(headers)
        self._where = (url, self._headers)  # moved on by redirects
        self._idle_timeout_s = idle_timeout_s
        self._ca_pem = ca_pem
        self._task: asyncio.Task[None] | None = None
        self._opened: asyncio.Future[None] | None = None
        self._http: HttpConnection | None = None
        self.last_event_id = last_event_id
        self.reconnection_ms = RECONNECTION_MS
        self.state: Literal["connecting", "open", "closed"] = "closed"
        self.history: list[tuple[int, str]] = []
        """What happened when: ``(at_ns, "open" or the reason of an error)``."""
        # What cannot be sent is refused here; in the background it would be one more failed attempt.
        encode_event(id=last_event_id)
        encode_request_head(self._request(Address.parse(url, ("http", "https")), self._headers))

    async def start(self, timeout_s: float) -> None:
        """Connect and go on in the background; see :meth:`Client.open`."""
        self.state = "connecting"
        self._where = (self.url, self._headers)
        self._opened = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._run())
        try:
            await asyncio.wait_for(asyncio.shield(self._opened), timeout_s)
        except TimeoutError as error:
            why = self.history[-1][1] if self.history else "no answer yet"
            raise WaitTimeout(f"No event stream within {timeout_s} s: {why}") from error

    async def finish(self, timeout_s: float) -> None:
        """Close for good; see :meth:`Client.close`."""
        self.state = "closed"
        await end_task(self._task)
        if self._opened and self._opened.done() and not self._opened.cancelled():
            self._opened.exception()
        self._over(ConnectionEnded("This EventSource was closed."))

    async def _run(self) -> None:
        try:
            await self._stay_connected()
        except Exception as error:  # one of on_received too: here nobody else would ever see it
            self.state = "closed"
            self._note(str(error))
            self._over(error)
            if self._opened and not self._opened.done():
                self._opened.set_exception(error)
        finally:
            if self._http:
                self._http.close()

    async def _stay_connected(self) -> None:
        failures = 0
        while True:
            try:
                http = await self._connect()
                failures = 0
                await self._read_stream(http)
                self._note("the stream ended")
            except ForGood:
                raise
            except (ConnectionFailed, RemoteProtocolError, WaitTimeout) as error:
                self._note(str(error))
                failures += 1
            if self._http:
                self._http.close()
            self.state = "connecting"
            patience = min(2 ** max(0, failures - 1), MOST_BACKOFF)
            await asyncio.sleep(min(self.reconnection_ms * patience, LONGEST_WAIT_MS) / 1_000)

    async def _connect(self) -> HttpConnection:
        for _ in range(MOST_REDIRECTS + 1):
            url, headers = self._where
            address = Address.parse(url, ("http", "https"))
            http = self._http = HttpConnection(address, self.traffic, ca_pem=self._ca_pem)
            try:
                head = await http.request(self._request(address, headers), timeout_s=ANSWER_TIMEOUT_S)
            except UntrustedCertificate as error:
                raise ForGood(str(error)) from error
            location = head.get("Location")
            if head.status in _REDIRECTS and location:
                http.close()
                try:
                    url = urljoin(url, location)
                    following = Address.parse(url, ("http", "https"))
                except ValueError as error:
                    raise ForGood(f"The server redirects to nowhere: {error}", status=head.status) from error
                if following.origin != address.origin:
                    headers = ()
                # The request keeps its list of URLs, so a reconnection begins where the redirect led (fetch 4.1).
                self._where = (url, headers)
                continue
            _require_event_stream(head)
            return http
        raise ForGood(f"More than {MOST_REDIRECTS} redirects.")

    def _request(self, address: Address, headers: tuple[tuple[str, str], ...]) -> RequestHead:
        own = [("Accept", "text/event-stream"), ("Cache-Control", "no-cache")]
        if self.last_event_id:
            # The field is UTF-8, and a header value is text with one character a byte.
            own.append(("Last-Event-ID", self.last_event_id.encode().decode("latin-1")))
        return RequestHead("GET", address.target, (*own, *headers))

    async def _read_stream(self, http: HttpConnection) -> None:
        self.state = "open"
        self.history.append((clock.now_ns(), "open"))
        if self._opened and not self._opened.done():
            self._opened.set_result(None)
        decoder = EventStreamDecoder(last_event_id=self.last_event_id)
        async with aclosing(http.body()) as body:
            while piece := await self._next_piece(body):
                data, at_ns = piece
                events = decoder.read(data)
                if decoder.retry_ms is not None:
                    self.reconnection_ms = decoder.retry_ms
                self.last_event_id = decoder.last_event_id
                self._deliver_all([make_received((text, at_ns, kind, id)) for text, kind, id in events])
                await self._inbox.room()

    async def _next_piece(self, body: AsyncIterator[tuple[bytes, int]]) -> tuple[bytes, int] | None:
        if self._idle_timeout_s is None:
            return await anext(body, None)
        try:
            async with asyncio.timeout(self._idle_timeout_s):
                return await anext(body, None)
        except TimeoutError as error:
            raise WaitTimeout(f"Nothing came for {self._idle_timeout_s:g} s.") from error

    def _note(self, why: str) -> None:
        self.history.append((clock.now_ns(), why))


class ForGood(ConnectionFailed):
    """The standard says to fail the connection: there will be no further attempt."""


def _require_event_stream(head: ResponseHead) -> None:
    kind = (head.get("Content-Type") or "").partition(";")[0].strip().lower()
    if head.status != 200:
        raise ForGood(f"The server answered {head.status} {head.reason}".rstrip(), status=head.status)
    if kind != "text/event-stream":
        raise ForGood(f"The answer's type is {kind or 'missing'}, not text/event-stream.", status=200)
