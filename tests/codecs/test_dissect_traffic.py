"""Real traffic, recorded between a client and a server on loopback, and named without one odd unit."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

import pytest
import tornado.httpserver
import tornado.netutil
import tornado.web
import tornado.websocket
import websocket

from rtlab import EventSource, WebSocket, clock
from rtlab.codecs.dissect import Dissection, dissect
from rtlab.loop_thread import shared
from rtlab.records import Direction, WireChunk, WireUnit

TIMEOUT_S = 30.0
TEXT = "café, 你好, " + "x" * 200


class Recorder:
    """A TCP proxy for one connection, which keeps what passes as chunks."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(TIMEOUT_S)
        self._thread = threading.Thread(target=self._run)
        self._chunks: list[WireChunk] = []
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        if kind is not None:
            with suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(TIMEOUT_S)
        self._listener.close()
        assert not self._thread.is_alive()

    def dissection(self) -> Dissection:
        """Name what passed; call it after the ``with`` block, when the connection is over."""
        assert {chunk.direction for chunk in self._chunks} == {"up", "down"}
        return dissect(self._chunks)

    def _run(self) -> None:
        client, _ = self._listener.accept()
        with client, socket.create_connection(("127.0.0.1", self._target), TIMEOUT_S) as server:
            client.settimeout(TIMEOUT_S)
            way_up = threading.Thread(target=self._pump, args=(client, server, "up"))
            way_up.start()
            self._pump(server, client, "down")
            way_up.join(TIMEOUT_S)

    def _pump(self, source: socket.socket, sink: socket.socket, direction: Direction) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                self._chunks.append(WireChunk("traffic", 0, direction, clock.now_ns(), data))
                sink.sendall(data)
        with suppress(OSError):
            sink.shutdown(socket.SHUT_WR)


def odd(dissection: Dissection) -> list[WireUnit]:
    """Give the units that correct and whole traffic does not have."""
    words = ("unfinished", "not HTTP", "not TLS", "unreadable", "bytes after", "another protocol")
    units = dissection.up + dissection.down
    return [u for u in units if "Broken rule" in u.text or any(word in u.unit for word in words)]


def assert_covers(dissection: Dissection) -> None:
    for units, data in ((dissection.up, dissection.up_bytes), (dissection.down, dissection.down_bytes)):
        ends = [unit.offset + unit.length_bytes for unit in units]
        assert [unit.offset for unit in units] == [0, *ends[:-1]]
        assert ends[-1] == len(data)


def texts(units: tuple[WireUnit, ...], unit: str) -> list[str]:
    return [u.text for u in units if u.unit == unit]


def shows(text: str) -> str:
    """Write the start of a text as a unit shows it."""
    return repr(text[:60])


# tornado's own server.


class Stream(tornado.web.RequestHandler):
    async def get(self) -> None:
        self.set_header("Content-Type", "text/event-stream")
        for number in range(3):
            self.write(f"id: {number}\ndata: {TEXT}\n\n")
            await self.flush()


class Echo(tornado.websocket.WebSocketHandler):
    def on_message(self, message: str | bytes) -> None:
        self.write_message(message, binary=isinstance(message, bytes))


class CompressedEcho(Echo):
    def get_compression_options(self) -> dict[str, Any]:
        return {}


@pytest.fixture
def tornado_port() -> Iterator[int]:
    """Run a tornado server on the shared loop."""
    shared.hold()

    async def start() -> tuple[tornado.httpserver.HTTPServer, int]:
        paths = [("/stream", Stream), ("/echo", Echo), ("/compressed", CompressedEcho)]
        server = tornado.httpserver.HTTPServer(tornado.web.Application(paths))
        sockets = tornado.netutil.bind_sockets(0, "127.0.0.1")
        server.add_sockets(sockets)
        return server, sockets[0].getsockname()[1]

    async def stop() -> None:
        server.stop()
        await server.close_all_connections()

    server, port = shared.call(start, TIMEOUT_S)
    yield port
    shared.call(stop, TIMEOUT_S)
    shared.release()


def test_a_tornado_event_stream_and_a_second_request_on_its_connection(tornado_port: int) -> None:
    with Recorder(tornado_port) as recorder:
        client = http.client.HTTPConnection("127.0.0.1", recorder.port, TIMEOUT_S)
        for path in ("/stream", "/missing"):
            client.request("GET", path)
            client.getresponse().read()
        client.close()
    dissection = recorder.dissection()
    assert_covers(dissection)
    assert odd(dissection) == []
    assert [text[:3] for text in texts(dissection.down, "status code")] == ["200", "404"]
    delivered = texts(dissection.down, "dispatch")
    assert len(delivered) == 3
    assert all(shows(TEXT) in text for text in delivered)


def test_a_tornado_websocket_and_websocket_client(tornado_port: int) -> None:
    with Recorder(tornado_port) as recorder:
        client = websocket.create_connection(f"ws://127.0.0.1:{recorder.port}/echo", timeout=TIMEOUT_S)
        client.send(TEXT)
        assert client.recv() == TEXT
        client.send_binary(bytes(70_000))
        assert client.recv() == bytes(70_000)
        client.ping("sign")
        client.send("last")
        assert client.recv() == "last"
        client.close(status=4000, reason=b"done")
    dissection = recorder.dissection()
    assert_covers(dissection)
    assert odd(dissection) == []
    assert any("Right: " in text for text in texts(dissection.down, "field value"))
    assert texts(dissection.up, "payload") == [
        f"Unmasked: {shows(TEXT)}….",
        "Unmasked: 70000 bytes of a binary message.",
        "Unmasked: 'sign'. A pong repeats the payload of its ping.",
        "Unmasked: 'last'.",
    ]
    assert texts(dissection.down, "payload")[0] == f"{shows(TEXT)}…."
    assert texts(dissection.up, "close code") == ["Unmasked: 4000: for applications and libraries."]


def test_a_tornado_websocket_with_compression(tornado_port: int) -> None:
    async def talk(url: str) -> str | bytes | None:
        client = await tornado.websocket.websocket_connect(url, compression_options={})
        await client.write_message(TEXT)
        answer = await client.read_message()
        client.close(1000)
        assert await client.read_message() is None
        return answer

    with Recorder(tornado_port) as recorder:
        url = f"ws://127.0.0.1:{recorder.port}/compressed"
        assert shared.call(lambda: talk(url), TIMEOUT_S) == TEXT
    dissection = recorder.dissection()
    assert_covers(dissection)
    assert odd(dissection) == []
    assert any(
        "permessage-deflate" in text and "Agreed on." in text for text in texts(dissection.down, "field value")
    )
    assert all("compressed with permessage-deflate" in text for text in texts(dissection.up, "payload"))
    assert len(texts(dissection.up, "payload")) == len(texts(dissection.down, "payload")) == 1


# The websockets library on both sides.


def test_the_websockets_library_on_both_sides() -> None:
    from websockets.sync.client import connect
    from websockets.sync.server import ServerConnection, serve

    def handle(connection: ServerConnection) -> None:
        for message in connection:
            connection.send(message)

    with serve(handle, "127.0.0.1", 0, subprotocols=["b"]) as server:  # type: ignore[list-item]
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            with Recorder(server.socket.getsockname()[1]) as recorder:
                url = f"ws://127.0.0.1:{recorder.port}/"
                with connect(url, subprotocols=["a", "b"], proxy=None) as client:  # type: ignore[list-item]
                    client.send(["frag", "ments"])
                    assert client.recv(TIMEOUT_S) == "fragments"
        finally:
            server.shutdown()
            thread.join(TIMEOUT_S)
    dissection = recorder.dissection()
    assert_covers(dissection)
    assert odd(dissection) == []
    assert "'b'. Chosen among those offered." in texts(dissection.down, "field value")
    assert all("compressed" in text for text in texts(dissection.up, "payload"))
    assert texts(dissection.up, "close code") == ["Unmasked: 1000: a normal end."]
    assert texts(dissection.down, "close code") == ["1000: a normal end."]


# The lab with rtlab's own clients.


def test_the_labs_event_stream_and_our_event_source(make_lab: Callable[..., Any]) -> None:
    lab = make_lab()
    with Recorder(lab.port) as recorder:
        url = lab.sse_url("news").replace(str(lab.port), str(recorder.port))
        with EventSource(url, headers=(("Authorization", "Bearer hush"),)) as source:
            lab.publish("a\nb", channel="news", event="price")
            assert source.receive(TIMEOUT_S).data == "a\nb"
    dissection = recorder.dissection()
    assert_covers(dissection)
    assert odd(dissection) == []
    assert r"'price' with data 'a\nb'" in texts(dissection.down, "dispatch")[0]
    assert "redacted, 11 bytes." in texts(dissection.up, "field value")
    assert "hush" not in repr(dissection)


def test_the_labs_websocket_and_our_client(make_lab: Callable[..., Any]) -> None:
    lab = make_lab()
    with Recorder(lab.port) as recorder:
        client = WebSocket(lab.echo_url().replace(str(lab.port), str(recorder.port)))
        client.open(TIMEOUT_S)
        client.send(TEXT)
        assert client.receive(TIMEOUT_S).data == TEXT
        client.ping(TIMEOUT_S)
        client.close(reason="done")
    dissection = recorder.dissection()
    assert_covers(dissection)
    assert odd(dissection) == []
    assert texts(dissection.down, "payload")[0] == f"{shows(TEXT)}…."
    assert texts(dissection.up, "close reason") == ["Unmasked: 'done': words for a log."]
    opcodes = [text.partition("opcode=")[2][:1] for text in texts(dissection.down, "FIN, RSV and opcode")]
    assert opcodes == ["1", "a", "8"]


def test_the_lab_over_tls_shows_records_alone(make_lab: Callable[..., Any]) -> None:
    lab = make_lab(tls=True)
    with Recorder(lab.port) as recorder:
        url = lab.sse_url("news").replace(str(lab.port), str(recorder.port))
        with EventSource(url, ca_pem=lab.ca_pem) as source:
            lab.publish("secret", channel="news")
            assert source.receive(TIMEOUT_S).data == "secret"
    dissection = recorder.dissection()
    assert_covers(dissection)
    assert {unit.layer for unit in dissection.up + dissection.down} == {"TLS"}
    assert "Application data: here travels everything that TLS protects." in texts(dissection.down, "content type")
