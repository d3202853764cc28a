"""HTTP/1.1 exchanges of a client on one connection that is kept as long as both sides wish.

Spec: RFC 9112.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from rtlab import clock
from rtlab.clients.wire import Address, Traffic, Wire
from rtlab.codecs.http1 import (
    BodyData,
    EndOfMessage,
    RequestHead,
    ResponseDecoder,
    ResponseHead,
    encode_request_head,
)
from rtlab.errors import ConnectionFailed, RemoteProtocolError, WaitTimeout

CONNECT_TIMEOUT_S = 10.0


class HttpConnection:
    """A client's side of HTTP/1.1 with one server.

    Args:
        address: Where the server is.
        traffic: Where bytes and requests are counted.
        ca_pem: An authority to trust instead of the system's.
    """

    def __init__(self, address: Address, traffic: Traffic, *, ca_pem: str = "") -> None:
        self.address = address
        self._traffic = traffic
        self._ca_pem = ca_pem
        self._wire: Wire | None = None
        self._decoder = ResponseDecoder()
        self._items: list[ResponseHead | BodyData | EndOfMessage] = []
        self._at_ns = 0
        self._persistent = False
        self._reusable = False

    async def request(self, head: RequestHead, body: bytes = b"", *, timeout_s: float) -> ResponseHead:
        """Send a request and wait for the head of its answer.

        Args:
            head: The request; ``Host`` is added if it is missing, and ``Content-Length`` with a body.
            body: The body.
            timeout_s: How long connecting and waiting for the head may take, in seconds.

        Returns:
            The final head; interim ones (1xx, but not 101) are passed over.

        Raises:
            ConnectionFailed: No connection, or it ended before the head, or the answer is not HTTP/1.1.
            LocalProtocolError: A header cannot be sent.
            WaitTimeout: No head came in time.
        """
        length = (("Content-Length", str(len(body))),) if body or head.method == "POST" else ()
        host = () if head.get("Host") else (("Host", self.address.host_header),)
        data = encode_request_head(RequestHead(head.method, head.target, (*host, *head.headers, *length))) + body
        try:
            async with asyncio.timeout(timeout_s):
                return await self._request(head.method, data)
        except TimeoutError as error:
            raise WaitTimeout(f"{self.address.host_header} did not answer within {timeout_s:g} s.") from error

    async def _request(self, method: str, data: bytes) -> ResponseHead:
        if self._wire and self._reusable and self._wire.idle:
            try:
                return await self._exchange(self._wire, method, data)
            except ConnectionFailed:
                # The server ended the kept connection while our request was on its way. Only a request that may
                # be made twice is made again; a POST may have been heard (RFC 9112 9.3.1).
                if method == "POST":
                    raise
        self.close()
        self._wire = await Wire.open(self.address, self._traffic, ca_pem=self._ca_pem, timeout_s=CONNECT_TIMEOUT_S)
        return await self._exchange(self._wire, method, data)

    async def _exchange(self, wire: Wire, method: str, data: bytes) -> ResponseHead:
        self._reusable = False
        self._decoder = ResponseDecoder(request_method=method)
        self._items = []
        wire.write(data)
        self._traffic.request_times_ns.append(clock.now_ns())
        while True:
            item = await self._next()
            if isinstance(item, ResponseHead) and (item.status >= 200 or item.status == 101):
                self._persistent = _keeps_connection(item)
                return item

    async def body(self) -> AsyncGenerator[tuple[bytes, int], None]:
        """Read the body piece by piece, as it comes; whoever reads sets a time limit.

        Yields:
            The bytes and when they arrived, in nanoseconds of the shared clock.

        Raises:
            ConnectionFailed: The body was cut short or is malformed.
        """
        while not isinstance(item := await self._next(), EndOfMessage):
            if isinstance(item, BodyData):
                yield item.data, self._at_ns
        self._reusable = self._persistent and not self._decoder.rest

    async def read_all(self, timeout_s: float) -> tuple[bytes, int]:
        """Read the whole body.

        Args:
            timeout_s: How long it may take, in seconds.

        Returns:
            The bytes, and when the last of them arrived.

        Raises:
            ConnectionFailed: The body was cut short or is malformed.
            WaitTimeout: It took longer.
        """
        try:
            async with asyncio.timeout(timeout_s):
                whole = b"".join([data async for data, _ in self.body()])
        except TimeoutError as error:
            raise WaitTimeout(f"{self.address.host_header} sent only half an answer.") from error
        return whole, self._at_ns

    async def _next(self) -> ResponseHead | BodyData | EndOfMessage:
        assert self._wire
        try:
            while not self._items:
                data, self._at_ns = await self._wire.read()
                if not data and self._wire.broken:
                    raise ConnectionFailed(f"The connection broke: {self._wire.broken}.")
                self._items = self._decoder.feed(data) if data else self._decoder.end() or [EndOfMessage()]
        except RemoteProtocolError as error:
            raise ConnectionFailed(f"{self.address.host_header}: {error}") from error
        return self._items.pop(0)

    def take_wire(self) -> tuple[Wire, bytes, int]:
        """Hand the connection over after a 101.

        Returns:
            The wire, the bytes that came behind the head, and when they came.
        """
        assert self._wire
        wire, self._wire = self._wire, None
        return wire, self._decoder.rest, self._at_ns

    def close(self) -> None:
        """Close the connection."""
        if self._wire:
            self._wire.abort()
            self._wire = None


def _keeps_connection(head: ResponseHead) -> bool:
    # RFC 9112 9.3
    options = {option.strip().lower() for option in (head.get("Connection") or "").split(",")}
    return head.version == "HTTP/1.1" and "close" not in options
