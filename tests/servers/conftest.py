"""A client of HTTP/2 that does only what a test says: the h2 library on a blocking TLS socket."""

from __future__ import annotations

import contextlib
import socket
import ssl

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    PingAckReceived,
    ResponseReceived,
    StreamEnded,
    StreamReset,
)

TIMEOUT_S = 30.0


class _Unbound(H2Connection):
    """Opens streams whatever the server allows."""

    @property
    def open_outbound_streams(self):
        super().open_outbound_streams  # noqa: B018  # it forgets closed streams, too
        return 0


class Http2Socket:
    """One connection; `unread` names the streams whose windows do not open again."""

    def __init__(self, lab, *, offer=("h2",), receive_buffer_bytes=None):
        context = ssl.create_default_context(cadata=lab.ca_pem)
        context.set_alpn_protocols(list(offer))
        plain = socket.socket()
        plain.settimeout(TIMEOUT_S)
        if receive_buffer_bytes:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer_bytes)
        self.sock = plain
        try:
            plain.connect(("127.0.0.1", lab.port))
            self.sock = context.wrap_socket(plain, server_hostname="127.0.0.1")
        except BaseException:
            plain.close()
            raise
        self.port = lab.port
        self.h2 = _Unbound(H2Configuration(header_encoding="utf-8", validate_outbound_headers=False))
        self.heads, self.data, self.ended, self.resets = {}, {}, set(), {}
        self.goaway, self.is_over, self.pongs, self.unread = None, False, 0, set()

    def begin(self):
        """Say the preface and wait until the server's settings are here."""
        self.h2.initiate_connection()
        self.flush()
        self.until(lambda: self.h2.remote_settings.enable_connect_protocol)
        return self

    def send(self, data):
        """Send bytes as they are."""
        self.sock.sendall(data)

    def flush(self):
        self.send(self.h2.data_to_send())

    def ask(self, path, *fields, method="GET", body=None, authority=None, protocol=None, whole=True):
        """Open a stream with a request; give its number."""
        stream = self.h2.get_next_available_stream_id()
        head = [(":method", method), (":path", path), (":scheme", "https")]
        head.append((":authority", authority or f"127.0.0.1:{self.port}"))
        if protocol:
            head.append((":protocol", protocol))
        self.h2.send_headers(stream, [*head, *fields], end_stream=whole and body is None)
        self.data[stream] = b""
        if body is not None:
            self.h2.send_data(stream, body, end_stream=whole)
        self.flush()
        return stream

    def open_websocket(self, path="/echo", *fields):
        version = ("sec-websocket-version", "13")
        stream = self.ask(path, version, *fields, method="CONNECT", protocol="websocket", whole=False)
        assert self.head(stream)[0] == 200
        return stream

    def open_stream(self, path="/sse/news", *fields):
        stream = self.ask(path, *fields)
        assert self.head(stream)[0] == 200
        assert self.read(stream, 13) == b"retry: 1000\n\n"
        return stream

    def write(self, stream, data, *, end=False):
        self.h2.send_data(stream, data, end_stream=end)
        self.flush()

    def head(self, stream):
        """Wait for an answer's head: its status and its fields."""
        self.until(lambda: stream in self.heads)
        return int(self.heads[stream][":status"]), self.heads[stream]

    def answer(self, stream):
        """Wait for a whole answer: its status, its fields and its body."""
        status, fields = self.head(stream)
        self.until(lambda: stream in self.ended)
        return status, fields, self.data[stream]

    def read(self, stream, count):
        """Wait for so many bytes of a stream, and take them out."""
        self.until(lambda: len(self.data[stream]) >= count)
        found, self.data[stream] = self.data[stream][:count], self.data[stream][count:]
        return found

    def read_until(self, stream, end):
        self.until(lambda: end in self.data[stream])
        return self.read(stream, self.data[stream].index(end) + len(end))

    def round_trip(self):
        """Ping: what the server wrote before it answered is here then."""
        wanted = self.pongs + 1
        self.h2.ping(b"question")
        self.flush()
        self.until(lambda: self.pongs >= wanted)

    def until(self, holds):
        """Read until something holds that depends on what comes."""
        while not holds():
            assert not self.is_over, f"the connection ended, {self.goaway}"
            self.receive()

    def until_over(self):
        """Read until the server has closed the connection; give the code of its goodbye."""
        while not self.is_over:
            self.receive()
        return self.goaway

    def receive(self):
        try:
            data = self.sock.recv(65_536)
        except (ConnectionError, ssl.SSLError):
            data = b""
        if not data:
            self.is_over = True
            return
        for event in self.h2.receive_data(data):
            match event:
                case ResponseReceived(stream_id=stream, headers=fields):
                    self.heads[stream] = dict(fields)
                case DataReceived(stream_id=stream, data=data, flow_controlled_length=size):
                    self.data[stream] += data
                    if stream not in self.unread:
                        self.h2.acknowledge_received_data(size, stream)
                case StreamEnded(stream_id=stream):
                    self.ended.add(stream)
                case StreamReset(stream_id=stream, error_code=code):
                    self.resets[stream] = code
                case PingAckReceived():
                    self.pongs += 1
                case ConnectionTerminated(error_code=code):
                    self.goaway = code
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            self.flush()

    def close(self):
        self.sock.close()


@pytest.fixture
def http2_lab(make_lab):
    """A lab that speaks HTTP/2."""
    return make_lab(http2=True)


@pytest.fixture
def dial():
    """Open HTTP/2 connections to labs; all are closed at the end."""
    opened = []

    def connect(lab, *, begin=True, **options):
        opened.append(Http2Socket(lab, **options))
        return opened[-1].begin() if begin else opened[-1]

    yield connect
    for client in opened:
        client.close()
