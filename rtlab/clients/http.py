"""HTTP/1.1 exchanges of a client on one connection that is kept as long as both sides wish.

Spec: RFC 9112.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from rtlab.clients.wire import Address, Traffic, Wire
from rtlab.codecs.http1 import (
    BodyData,
    EndOfMessage,
    RequestHead,
    ResponseDecoder,
    ResponseHead,
    encode_request_head,
)
from rtlab.errors import ConnectionFailed, RemoteProtocolError

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
        self._reusable = False

    async def request(self, head: RequestHead, body: bytes = b"", *, timeout_s: float) -> ResponseHead:
        """Send a request and wait for the head of its answer.

        Args:
            head: The request; ``Host`` is added if it is missing, and ``Content-Length`` with a body.
            body: The body.
            timeout_s: How long to wait for the head, in seconds.

        Returns:
            The final head; interim ones (1xx, but not 101) are passed over.

        Raises:
            ConnectionFailed: No connection, or it ended before the head.
            RemoteProtocolError: The answer is not HTTP/1.1.
            WaitTimeout: No head came in time.
        """
        length = (("Content-Length", str(len(body))),) if body or head.method == "POST" else ()
        host = () if head.get("Host") else (("Host", self.address.host_header),)
        full = RequestHead(head.method, head.target, (*host, *head.headers, *length))
        fresh = await self._connect()
        try:
            return await self._exchange(full, body, timeout_s)
        except ConnectionFailed:
            if fresh:
                raise
            # The server ended the kept connection while our request was on its way; RFC 9112 9.3.1.
            await self._connect(anew=True)
            return await self._exchange(full, body, timeout_s)

    async def _connect(self, *, anew: bool = False) -> bool:
        if self._wire and self._reusable and not self._wire.ended and not anew:
            return False
        self.close()
        self._wire = await Wire.open(self.address, self._traffic, ca_pem=self._ca_pem, timeout_s=CONNECT_TIMEOUT_S)
        return True

    async def _exchange(self, head: RequestHead, body: bytes, timeout_s: float) -> ResponseHead:
        assert self._wire
        self._reusable = False
        self._decoder = ResponseDecoder(request_method=head.method)
        self._items = []
        self._wire.write(encode_request_head(head) + body)
        self._traffic.requests += 1
        while True:
            item = await self._next(timeout_s)
            if isinstance(item, ResponseHead) and (item.status >= 200 or item.status == 101):
                return item
            if item is None or isinstance(item, EndOfMessage):
                raise ConnectionFailed(f"{self.address.host_header} ended the connection without an answer.")

    async def body(self, timeout_s: float | None = None) -> AsyncIterator[tuple[bytes, int]]:
        """Read the body piece by piece, as it comes.

        Args:
            timeout_s: How long to wait for each piece, in seconds; None for a stream that may be silent.

        Yields:
            The bytes and when they arrived, in nanoseconds of the shared clock.

        Raises:
            RemoteProtocolError: The body was cut short or is malformed.
        """
        while (item := await self._next(timeout_s)) is not None:
            if isinstance(item, EndOfMessage):
                self._reusable = True
                return
            if isinstance(item, BodyData):
                yield item.data, self._at_ns

    async def read_all(self, timeout_s: float) -> bytes:
        """Read the whole body."""
        return b"".join([data async for data, _ in self.body(timeout_s)])

    async def _next(self, timeout_s: float | None) -> ResponseHead | BodyData | EndOfMessage | None:
        assert self._wire
        while not self._items:
            data, self._at_ns = await self._wire.read(timeout_s)
            if data:
                self._items = self._decoder.feed(data)
                continue
            try:
                self._items = self._decoder.end()
            except RemoteProtocolError:
                if self._wire.broken:
                    raise ConnectionFailed(f"The connection broke: {self._wire.broken}.") from None
                raise
            if not self._items:
                return None
        return self._items.pop(0)

    def take_wire(self) -> tuple[Wire, bytes]:
        """Hand the connection over after a 101.

        Returns:
            The wire, and the bytes that came behind the head.
        """
        assert self._wire
        wire, self._wire = self._wire, None
        return wire, self._decoder.rest

    def close(self) -> None:
        """Close the connection."""
        if self._wire:
            self._wire.close()
            self._wire = None
