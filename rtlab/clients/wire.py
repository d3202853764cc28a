"""One TCP or TLS connection of a client, with every byte counted and every arrival stamped at once."""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Self
from urllib.parse import quote, urlsplit
from weakref import WeakKeyDictionary

from rtlab import clock
from rtlab.errors import ConnectionFailed, InputError

_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
_QUERY_SIGNS = "/%:@!$&'()*+,;=?~-._"
_QUEUE_BYTES = 1_048_576
_READ_BYTES = 65_536

_buffers: WeakKeyDictionary[asyncio.AbstractEventLoop, memoryview] = WeakKeyDictionary()
"""All connections of a loop receive into one buffer: it is emptied before the next one is read."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a URL points, taken apart.

    Attributes:
        scheme: ``http``, ``https``, ``ws`` or ``wss``.
        host: Host name or address, without brackets; a name in other letters in its ASCII form.
        port: The port, the scheme's default if the URL names none.
        target: Path and query, as they stand in a request.
    """

    scheme: str
    host: str
    port: int
    target: str

    @classmethod
    def parse(cls, url: str, schemes: tuple[str, ...]) -> Self:
        """Take a URL apart.

        Args:
            url: An absolute URL.
            schemes: The schemes that fit here.

        Raises:
            InputError: It is no such URL.
        """
        try:
            parts = urlsplit(url)
            port = parts.port
            host = (parts.hostname or "").encode("idna").decode()
            path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
            query = f"?{quote(parts.query, safe=_QUERY_SIGNS)}" if parts.query else ""
        except ValueError as error:
            raise InputError(f"{url!r} is not a URL: {error}.") from error
        if "@" in parts.netloc:
            raise InputError("A URL with a password ends up in logs; give headers=(('Authorization', ...),).")
        if parts.scheme not in schemes or not host or port == 0 or " " in host:
            raise InputError(f"{url!r} must be a full URL that starts with {' or '.join(schemes)}.")
        return cls(parts.scheme, host, port or _PORTS[parts.scheme], path + query)

    @property
    def secure(self) -> bool:
        """True if the scheme asks for TLS."""
        return self.scheme in ("https", "wss")

    @property
    def is_loopback(self) -> bool:
        """True if the host means the machine that uses the URL, by its name alone."""
        try:
            return self.host == "localhost" or ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def origin(self) -> tuple[str, str, int]:
        """What must be equal for two URLs to have one origin."""
        return self.scheme, self.host, self.port

    @property
    def host_header(self) -> str:
        """The value of ``Host``: the port is left out when it is the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


@dataclass(slots=True)
class Traffic:
    """What a client has moved so far, over all of its connections.

    Attributes:
        connections: TCP connections opened.
        request_times_ns: When each HTTP request was sent, opening handshakes included.
        bytes_up: Bytes written, HTTP heads included, TLS's own bytes not.
        bytes_down: Bytes received, likewise.
    """

    connections: int = 0
    request_times_ns: list[int] = field(default_factory=list, repr=False)
    bytes_up: int = 0
    bytes_down: int = 0

    @property
    def requests(self) -> int:
        """HTTP requests sent, opening handshakes included."""
        return len(self.request_times_ns)


class Wire(asyncio.BufferedProtocol):
    """An open connection to read from and write to.

    Args:
        traffic: Where its bytes are counted.
    """

    def __init__(self, traffic: Traffic) -> None:
        self._traffic = traffic
        self._buffer = _buffers.setdefault(asyncio.get_running_loop(), memoryview(bytearray(_READ_BYTES)))
        self._transport: asyncio.Transport | None = None
        self._arrived: deque[tuple[bytes, int]] = deque()
        self._queued_bytes = 0
        self._waiter: asyncio.Future[None] | None = None
        self._ended = False
        self._writable = asyncio.Event()
        self._writable.set()
        self.broken = ""
        """Why the line broke; empty while it is up, and after an orderly end."""

    @classmethod
    async def open(cls, address: Address, traffic: Traffic, *, ca_pem: str, timeout_s: float) -> Wire:
        """Connect.

        Args:
            address: Where to.
            traffic: Where bytes are counted.
            ca_pem: An authority to trust instead of the system's, as PEM text; empty for the system's.
            timeout_s: How long it may take, in seconds.

        Raises:
            ConnectionFailed: Nobody answers there, or TLS does not trust the certificate.
            InputError: ``ca_pem`` is no certificate.
        """
        context = trusting(ca_pem) if address.secure else None
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(timeout_s):
                _, wire = await loop.create_connection(
                    lambda: cls(traffic), address.host, address.port, ssl=context
                )
        except TimeoutError as error:
            raise ConnectionFailed(f"{address.host_header} did not answer within {timeout_s} s.") from error
        except ssl.SSLCertVerificationError as error:
            raise UntrustedCertificate(
                f"The certificate of {address.host_header} is not trusted: {error.verify_message}. "
                "For a lab give ca_pem=lab.ca_pem."
            ) from error
        except OSError as error:
            raise ConnectionFailed(f"No connection to {address.host_header}: {error}.") from error
        return wire

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport (called by asyncio)."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._traffic.connections += 1

    def get_buffer(self, sizehint: int) -> memoryview:
        """Offer room (called by asyncio)."""
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Stamp and keep what came in (called by asyncio)."""
        at_ns = clock.now_ns()
        data = bytes(self._buffer[:nbytes])
        self._traffic.bytes_down += len(data)
        self._arrived.append((data, at_ns))
        self._queued_bytes += len(data)
        if self._queued_bytes > _QUEUE_BYTES and self._transport:
            self._transport.pause_reading()
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """Note the end (called by asyncio)."""
        self._ended = True
        self.broken = str(exc or "")
        self._writable.set()
        self._wake()

    def eof_received(self) -> None:
        """Note that the peer has said all (called by asyncio); the transport then closes by itself."""
        self._ended = True
        self._wake()

    def pause_writing(self) -> None:
        """Note that the peer reads too slowly (called by asyncio)."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """Note that the peer has caught up (called by asyncio)."""
        self._writable.set()

    @property
    def idle(self) -> bool:
        """True while the line is up and nothing has come that nobody asked for."""
        return not self._ended and not self._arrived

    @property
    def ended(self) -> bool:
        """True when nothing more will come than what is queued."""
        return self._ended

    def write(self, data: bytes) -> None:
        """Send bytes; a line that is down ignores them."""
        if self._transport and not self._transport.is_closing():
            self._traffic.bytes_up += len(data)
            self._transport.write(data)

    async def drained(self) -> None:
        """Wait until little of what was written is left, or the line is down."""
        await self._writable.wait()

    async def read(self) -> tuple[bytes, int]:
        """Wait for the next piece or the end of the line; whoever calls sets a time limit if one is due.

        Returns:
            The bytes, empty at the end of the line, and when they came.
        """
        while not self._arrived:
            if self._ended:
                return b"", clock.now_ns()
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        data, at_ns = self._arrived.popleft()
        self._queued_bytes -= len(data)
        if self._queued_bytes <= _QUEUE_BYTES // 2 and self._transport and not self._ended:
            self._transport.resume_reading()
        return data, at_ns

    def abort(self) -> None:
        """Close the line at once: a goodbye in TLS could take half a minute if the peer does not answer."""
        if self._transport:
            self._transport.abort()

    def _wake(self) -> None:
        if self._waiter and not self._waiter.done():
            self._waiter.set_result(None)


class UntrustedCertificate(ConnectionFailed):
    """TLS does not trust the peer; trying again will not help."""


def trusting(ca_pem: str) -> ssl.SSLContext:
    """Make a client's TLS context.

    Args:
        ca_pem: The authority to trust instead of the system's, as PEM text; empty for the system's.

    Raises:
        InputError: It is no certificate.
    """
    try:
        return ssl.create_default_context(cadata=ca_pem or None)
    except (ssl.SSLError, ValueError) as error:
        raise InputError(f"ca_pem is not a certificate as PEM text: {error}.") from error
