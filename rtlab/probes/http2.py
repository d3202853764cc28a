"""The same endpoint over HTTP/2, where the TLS handshake agrees on it: that is how browsers come.

Spec: RFC 9113; RFC 8441 3, 4
"""

from __future__ import annotations

import asyncio

from rtlab.clients.http2 import Http2End
from rtlab.clients.wire import trusting
from rtlab.codecs.http1 import Headers
from rtlab.codecs.websocket_handshake import VERSION
from rtlab.errors import ConnectionFailed, WaitTimeout
from rtlab.probes.examination import Examination
from rtlab.probes.following import PLAIN, stream_request
from rtlab.probes.stream_inspector import StreamInspector

MOST_BYTES = 2_097_152
"""More is not read."""
_LISTEN_S = 2.0
_STEADY_MS = 300.0
_STEADY_EVENTS = 5
_HOP_BY_HOP = ("host", "connection", "upgrade")
_UNLIMITED = 1 << 31


class _Ear(Http2End):
    """A client's end that keeps little, whatever the server sends."""

    def __init__(self, authority: str) -> None:
        super().__init__(None, ("https", authority))
        self._received_bytes = 0

    def data_received(self, data: bytes) -> None:
        """Take what the server sent (called by asyncio)."""
        try:
            super().data_received(data)
        except UnicodeDecodeError as error:  # h2 lets it pass
            self._broken = f"a header field is no UTF-8: {error.reason}"
            self.abort()
        self.wire.clear()
        self._received_bytes += len(data)
        if self._received_bytes > MOST_BYTES:
            self.abort()

    @property
    def opens_websockets(self) -> bool:
        """Whether the server announces extended CONNECT."""
        return bool(self._h2.remote_settings.enable_connect_protocol)

    @property
    def most_streams(self) -> int:
        """How many streams the server allows at a time."""
        return int(self._h2.remote_settings.max_concurrent_streams)


async def examine_http2(examination: Examination) -> None:
    """Try the endpoint over HTTP/2, if TLS agreed on it.

    Args:
        examination: What is under examination; its stream or WebSocket was examined over HTTP/1.1 before.
    """
    address = examination.address
    if not address.secure:
        return
    is_stream = address.scheme == "https"
    if examination.facts.get("alpn") != "h2":
        if is_stream:
            examination.note("HTTP2-NONE", "info", f"ALPN h2, http/1.1: {examination.facts.get('alpn')}")
        return
    examination.trying = "HTTP/2"
    context = trusting(examination.ca_pem)
    context.set_alpn_protocols(["h2"])
    end = _Ear(address.host_header)
    try:
        async with asyncio.timeout(examination.answer_s + _LISTEN_S):
            await asyncio.get_running_loop().create_connection(lambda: end, address.host, address.port, ssl=context)
            examination.traffic.connections += 1
            await end.ready()
            if end.most_streams < _UNLIMITED:
                examination.facts["http2_most_streams"] = end.most_streams
            await (_try_stream if is_stream else _try_websocket)(examination, end)
    except (ConnectionFailed, WaitTimeout, OSError) as error:
        said = "no answer in time" if type(error) is TimeoutError else str(error)
        examination.note("HTTP2-BROKEN", "error", said)
    finally:
        end.abort()


async def _try_stream(examination: Examination, end: _Ear) -> None:
    stream = await end.ask(examination.address.target, *_fields(stream_request(examination, coding=PLAIN).headers))
    await end.until(lambda: stream in end.heads or stream in end.errors)
    head = dict(end.heads.get(stream, ()))
    status, kind = head.get(":status", "none"), head.get("content-type", "none")
    is_stream = status == "200" and kind.partition(";")[0].strip().lower() == "text/event-stream"
    inspector = StreamInspector()
    if is_stream:
        await asyncio.sleep(min(examination.seconds, _LISTEN_S))
        inspector.feed(bytes(end.data[stream]), 0.0)
    is_steady = len(examination.gaps_ms) >= _STEADY_EVENTS and max(examination.gaps_ms) < _STEADY_MS
    is_held = is_steady and not inspector.events and examination.seconds >= 1.0
    said = f"status {status}, content-type: {kind[:60]}, {len(inspector.events)} events"
    examination.note("HTTP2-STREAM", "fine" if is_stream and not is_held else "error", said)


async def _try_websocket(examination: Examination, end: _Ear) -> None:
    examination.facts["http2_connect_protocol"] = end.opens_websockets
    if not end.opens_websockets:
        examination.note("HTTP2-NO-WEBSOCKET", "info", "no SETTINGS_ENABLE_CONNECT_PROTOCOL = 1")
        return
    stream = await end.open_websocket(examination.address.target, *_fields(examination.headers))
    await end.until(lambda: stream in end.heads or stream in end.errors)
    status = dict(end.heads.get(stream, ())).get(":status", f"none, error {end.errors.get(stream)}")
    said = f"CONNECT, :protocol websocket, version {VERSION}: status {status}"
    examination.note("HTTP2-WEBSOCKET", "fine" if status == "200" else "error", said)


def _fields(headers: Headers) -> Headers:
    """Give header fields as HTTP/2 wants them."""
    return tuple((name.lower(), value) for name, value in headers if name.lower() not in _HOP_BY_HOP)
