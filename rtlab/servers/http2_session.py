"""One connection that speaks HTTP/2: the h2 library keeps the rules, this file the streams and the limits.

::

    tornado's TLS stream ── ALPN says "h2" ──► StreamConnection ──► Http2Session ──► Http2Stream, one a request
                         └─ or it does not ──► tornado's HTTP/1.1

A client that breaks the rules ends its connection, and is told why: h2 knows the rules, and what is allowed but
only makes work is counted here.

Spec: RFC 9113; RFC 8441
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    Event,
    PingReceived,
    PriorityUpdated,
    RemoteSettingsChanged,
    RequestReceived,
    StreamEnded,
    StreamReset,
)
from h2.exceptions import ProtocolError
from h2.settings import SettingCodes, Settings
from hpack import Decoder, HeaderTuple, HPACKError, OversizedHeaderListError
from tornado.httputil import HTTPServerConnectionDelegate

from rtlab.servers.connection import Connection
from rtlab.servers.http2_allowance import Allowance
from rtlab.servers.http2_output import Http2Output
from rtlab.servers.http2_request import Http2Request
from rtlab.servers.http2_stream import WINDOW_BYTES, Http2Stream

if TYPE_CHECKING:
    from rtlab.servers.server import LabServer


class _CompressionError(ProtocolError):
    error_code = ErrorCodes.COMPRESSION_ERROR


class _Decoder(Decoder):
    """Unpacks heads; one that cannot be unpacked has an error code (RFC 9113 4.3) that h2 leaves out."""

    def decode(self, data: bytes, raw: bool = False) -> Iterable[HeaderTuple]:
        try:
            return super().decode(data, raw)
        except OversizedHeaderListError:
            raise
        except HPACKError as error:
            raise _CompressionError(f"A head cannot be unpacked: {error}") from error


class _Rules(H2Connection):
    """The rules, but for one: a stream too many is refused (RFC 9113 5.1.2), and does not end the connection."""

    @property
    def open_inbound_streams(self) -> int:
        super().open_inbound_streams  # noqa: B018  # it forgets closed streams, too
        return 0


class Http2Session:
    """A client's connection over HTTP/2; lives on the event loop.

    Args:
        line: What carries its bytes.
        requests: Who answers requests.
        server: The server, for its limits and its log.
        max_streams: How many streams the client may have open.
        on_closed: Called with the session once the line is down.
    """

    def __init__(
        self,
        line: Connection,
        requests: HTTPServerConnectionDelegate,
        server: LabServer,
        max_streams: int,
        on_closed: Callable[[Http2Session], None],
    ) -> None:
        self._guards, self._log = server.guards, server.log
        self._requests = requests
        self._max_streams = max_streams
        self._on_closed = on_closed
        self._h2 = _Rules(H2Configuration(client_side=False))
        allowed = {
            SettingCodes.MAX_CONCURRENT_STREAMS: max_streams,
            SettingCodes.MAX_HEADER_LIST_SIZE: self._guards.max_head_bytes,
            SettingCodes.ENABLE_CONNECT_PROTOCOL: 1,
        }
        self._h2.local_settings = Settings(client=False, initial_values=allowed)
        # A head that is a little too long gets an answer.
        self._h2.decoder = _Decoder(max_header_list_size=2 * self._guards.max_head_bytes)
        self._streams: dict[int, Http2Stream] = {}
        self._consumed_bytes = 0
        # For streams that are opened and reset (CVE-2023-44487), settings, pings, empty DATA (RFC 9113 10.5).
        self._allowance = Allowance(self._guards.max_idle_frames, self._guards.max_idle_frames / 20)
        self._is_leaving = False
        self._idle: asyncio.TimerHandle | None = None
        self._output = Http2Output(self._h2, line)
        self._h2.initiate_connection()
        self._output.collect()
        self._wait_idle()
        line.start(self._received, self._closed)

    def leave(self) -> None:
        """Refuse new streams, and close when the last one is over."""
        self._is_leaving = True
        if not self._streams:
            self.close()

    def close(self) -> None:
        """Say goodbye, and close the connection in good order.

        Spec: RFC 9113 6.8
        """
        if not self._output.is_over:
            self._h2.close_connection()
            self._end()

    def _received(self, data: bytes) -> None:
        if self._output.is_over:
            return
        if self._output.unsent_bytes > self._guards.max_buffered_bytes:
            self._calm("it sends, but does not read the answers")
            return
        try:
            events = self._h2.receive_data(data)
        except ProtocolError as error:
            if not self._output.collect():  # h2 says goodbye, but not to who sends no preface
                self._h2.close_connection(error.error_code)
            self._break(f"{error or type(error).__name__} ({_name(error.error_code)})")
            return
        self._output.collect()
        if any(isinstance(event, ConnectionTerminated) for event in events):
            self._end()  # the client goes, and h2 sends nothing more
        for event in events:
            if not self._output.is_over:
                self._take(event)
        self._output.pump()

    def _take(self, event: Event) -> None:
        match event:
            case RequestReceived(stream_id=int(stream_id), headers=fields):
                self._open(stream_id, tuple((_text(name), _text(value)) for name, value in fields))
            case DataReceived(stream_id=int(stream_id), data=data, flow_controlled_length=size):
                self._consume(size)
                if stream := self._streams.get(stream_id):
                    stream.take(bytes(data), size)
                if not data and event.stream_ended is None:
                    self._count()
            case StreamEnded(stream_id=int(stream_id)):
                if stream := self._streams.get(stream_id):
                    stream.take_end()
            case StreamReset(stream_id=int(stream_id)):
                if stream := self._streams.get(stream_id):
                    stream.go_down()
                self._count()
            case RemoteSettingsChanged() | PingReceived() | PriorityUpdated():
                self._count()

    def _open(self, stream_id: int, fields: tuple[tuple[str, str], ...]) -> None:
        if self._is_leaving or len(self._streams) >= self._max_streams:
            self._output.reset(stream_id, ErrorCodes.REFUSED_STREAM)
            self._count()
            return
        self._stop_idle()
        self._streams[stream_id] = stream = Http2Stream(stream_id, self._output, self._forget)
        Http2Request(stream, self._guards).begin(self._requests, self, fields)

    def _forget(self, stream: Http2Stream) -> None:
        self._streams.pop(stream.stream_id, None)
        if not self._streams and not self._output.is_over:
            if self._is_leaving:
                self.close()
            else:
                self._wait_idle()

    def _consume(self, size_bytes: int) -> None:
        """Open the connection's window for what came in: what nobody reads is held back by its stream's own."""
        self._consumed_bytes += size_bytes
        if self._consumed_bytes >= WINDOW_BYTES // 2:
            self._output.open_window(self._consumed_bytes)
            self._consumed_bytes = 0

    def _count(self) -> None:
        if not self._allowance.spend() and not self._output.is_over:
            self._calm("it sends too many frames that bring nothing")

    def _calm(self, why: str) -> None:
        self._h2.close_connection(ErrorCodes.ENHANCE_YOUR_CALM)
        self._break(f"{why} (ENHANCE_YOUR_CALM)")

    def _break(self, why: str) -> None:
        """End the connection; h2 has written the reason for the client."""
        self._log.add(f"HTTP/2: connection ended, {why}", "warning")
        self._end()

    def _wait_idle(self) -> None:
        self._stop_idle()
        limit_s = self._guards.header_timeout_s
        self._idle = asyncio.get_running_loop().call_later(limit_s, self.close)

    def _stop_idle(self) -> None:
        if self._idle:
            self._idle.cancel()
            self._idle = None

    def _end(self) -> None:
        self._output.close()
        self._down()

    def _down(self) -> None:
        self._stop_idle()
        for stream in tuple(self._streams.values()):
            stream.go_down()

    def _closed(self) -> None:
        self._output.is_over = True
        self._down()
        self._on_closed(self)


def _text(data: bytes) -> str:
    return bytes(data).decode("latin-1")


def _name(code: int) -> str:
    return ErrorCodes(code).name if code in set(ErrorCodes) else str(code)
