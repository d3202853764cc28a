"""One end of an HTTP/2 connection: the h2 library keeps the rules, this file moves the bytes.

A probe holds the client's end. An experiment holds that one, too, with a lab as the server; or it holds both ends
and says what each does, step by step: then HTTP/2 is spoken at once, without TLS (RFC 9113 3.3).
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    PingAckReceived,
    RemoteSettingsChanged,
    RequestReceived,
    ResponseReceived,
    SettingsAcknowledged,
    StreamEnded,
    StreamReset,
)
from h2.exceptions import ProtocolError
from h2.settings import SettingCodes, Settings

from rtlab import clock
from rtlab.codecs.http1 import Headers
from rtlab.errors import ConnectionFailed, LocalProtocolError, WaitTimeout
from rtlab.records import Direction

TIMEOUT_S = 10.0
HOST = "127.0.0.1"


class Http2End(asyncio.Protocol):
    """One end of an HTTP/2 connection; used on the event loop.

    Args:
        max_streams: How many streams of its peer it allows at a time; None for a client's end.
        origin: Where a client's end sends its requests: scheme and authority.

    Attributes:
        errors: The error codes received, by stream; 0 is the connection.
        asked: The header fields of its requests, by stream.
        heads: The header fields received, by stream.
        head_times_ns: When those came.
        data: The bytes received, by stream.
        ended: The streams on which the peer has said all.
        unread: Streams whose bytes nobody takes, from the first one on: the windows do not open again for them.
        wire: What crossed the socket here, in order: direction and bytes.
    """

    def __init__(self, max_streams: int | None = None, origin: tuple[str, str] = ("http", HOST)) -> None:
        is_client = max_streams is None
        self._h2 = self._rules(H2Configuration(client_side=is_client, header_encoding="utf-8"))
        self._origin = ((":scheme", origin[0]), (":authority", origin[1]))
        if max_streams is not None:
            allowed = {SettingCodes.MAX_CONCURRENT_STREAMS: max_streams, SettingCodes.ENABLE_CONNECT_PROTOCOL: 1}
            self._h2.local_settings = Settings(client=False, initial_values=allowed)
        self._sends: Direction = "up" if is_client else "down"
        self._receives: Direction = "down" if is_client else "up"
        self._transport: asyncio.Transport | None = None
        self._news = asyncio.Event()
        self._waiting: dict[int, bytearray] = {}
        self._has_settings = self._is_acknowledged = False
        self._pings, self._pongs, self._broken = 0, 0, ""
        self._closed = asyncio.Event()
        self.errors: dict[int, int] = {}
        self.asked: dict[int, Headers] = {}
        self.heads: dict[int, Headers] = {}
        self.head_times_ns: dict[int, int] = {}
        self.data: defaultdict[int, bytearray] = defaultdict(bytearray)
        self.ended: set[int] = set()
        self.unread: set[int] = set()
        self.wire: list[tuple[Direction, bytes]] = []

    _rules = H2Connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Say the preface and the settings (called by asyncio)."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        if self._broken:  # given up before it was there
            transport.abort()
        self._h2.initiate_connection()
        self._write()

    def data_received(self, data: bytes) -> None:
        """Take what the peer sent (called by asyncio)."""
        self.wire.append((self._receives, data))
        try:
            for event in self._h2.receive_data(data):
                self._take(event)
        except ProtocolError as error:
            self._broken = str(error) or type(error).__name__
            self._write()  # h2 has written a goodbye
            self.abort()
        else:
            self._flush()
            self._news.set()

    def connection_lost(self, exc: Exception | None) -> None:
        """Note the end (called by asyncio)."""
        self._broken = self._broken or str(exc or "the peer closed it")
        self._closed.set()
        self._news.set()

    async def until(self, holds: Callable[[], object]) -> None:
        """Wait until something holds that depends on what came in.

        Args:
            holds: Tells whether it does.

        Raises:
            ConnectionFailed: The connection broke before.
            WaitTimeout: It did not within ten seconds.
        """
        try:
            async with asyncio.timeout(TIMEOUT_S):
                while not holds():
                    if self._broken:
                        raise ConnectionFailed(f"The HTTP/2 connection is over: {self._broken}.")
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError as error:
            raise WaitTimeout(f"The other end did not do its part within {TIMEOUT_S:g} s.") from error

    async def ready(self) -> None:
        """Wait until each end knows the settings of the other. Raises what :meth:`until` does."""
        await self.until(lambda: self._has_settings and self._is_acknowledged)

    async def ask(self, path: str, *fields: tuple[str, str]) -> int:
        """Request a path on a new stream, as soon as the server allows one more.

        Args:
            path: Which path.
            fields: Further header fields, names in lower case.

        Returns:
            The stream's number: odd, for the client opened it.

        Spec: RFC 9113 5.1.2, 8.3.1
        """
        head = ((":method", "GET"), (":path", path), *self._origin, *fields)
        return await self._open(head, is_whole=True)

    async def open_websocket(self, path: str, *fields: tuple[str, str]) -> int:
        """Ask for a WebSocket on a new stream; it is open when the server has answered 200.

        Args:
            path: Which path.
            fields: Further header fields, names in lower case.

        Returns:
            The stream's number.

        Raises:
            LocalProtocolError: The server has not said that it allows this.

        Spec: RFC 8441 3, 4, 5
        """
        if not self._h2.remote_settings.enable_connect_protocol:
            raise LocalProtocolError("The server allows no extended CONNECT.", spec="RFC 8441 3")
        head = (
            (":method", "CONNECT"),
            (":protocol", "websocket"),
            (":path", path),
            *self._origin,
            ("sec-websocket-version", "13"),
            *fields,
        )
        return await self._open(head, is_whole=False)

    async def _open(self, head: Headers, *, is_whole: bool) -> int:
        await self.until(lambda: self._h2.open_outbound_streams < self._h2.remote_settings.max_concurrent_streams)
        stream_id = self._h2.get_next_available_stream_id()
        self.asked[stream_id] = head
        self._h2.send_headers(stream_id, head, end_stream=is_whole)
        self._write()
        return stream_id

    def answer(self, stream_id: int, *fields: tuple[str, str]) -> None:
        """Begin a stream's answer: status 200.

        Args:
            stream_id: Which stream.
            fields: Further header fields, names in lower case.
        """
        self._h2.send_headers(stream_id, ((":status", "200"), *fields))
        self._write()

    def send(self, stream_id: int, data: bytes) -> None:
        """Send bytes on a stream; what its windows do not allow waits until they do.

        Args:
            stream_id: Which stream.
            data: The bytes.

        Spec: RFC 9113 5.2, 6.9.1
        """
        self._waiting.setdefault(stream_id, bytearray()).extend(data)
        self._flush()

    def end(self, stream_id: int) -> None:
        """Say that nothing more comes on a stream."""
        self._h2.end_stream(stream_id)
        self._write()

    def cancel(self, stream_id: int) -> None:
        """Give a stream up; the connection and its other streams live on (RFC 9113 6.4)."""
        self._h2.reset_stream(stream_id, ErrorCodes.CANCEL)
        self._write()

    def take(self, stream_id: int) -> None:
        """Take what lies unread on a stream, and what comes from now on."""
        self.unread.discard(stream_id)
        self._h2.acknowledge_received_data(len(self.data[stream_id]), stream_id)
        self._write()

    def widen(self, more_bytes: int) -> None:
        """Let the peer send more on the connection, whatever was read.

        Args:
            more_bytes: How much the window grows.
        """
        self._h2.increment_flow_control_window(more_bytes)
        self._write()

    async def round_trip(self) -> None:
        """Ping the peer: once it is back, what the peer wrote before is here. Raises what :meth:`until` does."""
        self._pings += 1
        number = self._pings
        self._h2.ping(number.to_bytes(8))
        self._write()
        await self.until(lambda: self._pongs >= number)

    def pause(self) -> None:
        """Take nothing more from the socket."""
        if self._transport:
            self._transport.pause_reading()

    def resume(self) -> None:
        """Take from the socket again."""
        if self._transport:
            self._transport.resume_reading()

    def abort(self) -> None:
        """Close the connection at once."""
        self._broken = self._broken or "it was closed"
        if self._transport:
            self._transport.abort()

    async def closed(self) -> None:
        """Wait until the connection is closed."""
        await self._closed.wait()

    def _take(self, event: object) -> None:
        match event:
            case RemoteSettingsChanged():
                self._has_settings = True
            case (
                RequestReceived(stream_id=stream_id, headers=fields)
                | ResponseReceived(stream_id=stream_id, headers=fields)
            ):
                self.heads[stream_id] = tuple((str(name), str(value)) for name, value in fields)
                self.head_times_ns[stream_id] = clock.now_ns()
            case DataReceived(stream_id=stream_id, data=data, flow_controlled_length=size):
                self.data[stream_id] += data
                if stream_id not in self.unread:
                    self._h2.acknowledge_received_data(size, stream_id)
            case SettingsAcknowledged():
                self._is_acknowledged = True
            case StreamEnded(stream_id=stream_id):
                self.ended.add(stream_id)
            case PingAckReceived():
                self._pongs += 1
            case StreamReset(stream_id=stream_id, error_code=int(code)):
                self.errors[stream_id] = code
                self._waiting.pop(stream_id, None)
            case ConnectionTerminated(error_code=int(code)):
                self.errors[0] = code

    def _flush(self) -> None:
        """Send of what waits as much as the windows allow."""
        for stream_id, data in self._waiting.items():
            while data and (window := self._h2.local_flow_control_window(stream_id)) > 0:
                size = min(window, self._h2.max_outbound_frame_size, len(data))
                self._h2.send_data(stream_id, bytes(data[:size]))
                del data[:size]
        self._write()

    def _write(self) -> None:
        data = self._h2.data_to_send()
        if data and self._transport:
            self.wire.append((self._sends, data))
            self._transport.write(data)
