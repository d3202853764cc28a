"""The same endpoint over HTTP/2: a lab's, and ends that promise it and do not keep it."""

from __future__ import annotations

import asyncio
import ssl
from functools import partial

import pytest
import trustme
from h2.events import RequestReceived

from rtlab.clients.http2 import Http2End
from rtlab.loop_thread import shared
from rtlab.probes.examination import Examination
from rtlab.probes.http2 import MOST_BYTES, examine_http2
from rtlab.results.probe import probe

from .planted import ids, publishing


class Silent(Http2End):
    """Speaks HTTP/2 and answers no request."""

    def __init__(self) -> None:
        super().__init__(100)


class Refusing(Silent):
    """Announces WebSockets, and takes the request for one of another kind."""

    def _take(self, event: object) -> None:
        super()._take(event)
        if isinstance(event, RequestReceived):
            self._h2.send_headers(event.stream_id, ((":status", "404"),), end_stream=True)


class Flooding(Silent):
    """Answers with bytes without end."""

    def _take(self, event: object) -> None:
        super()._take(event)
        if isinstance(event, RequestReceived):
            self.answer(event.stream_id, ("content-type", "text/event-stream"))
            self.send(event.stream_id, bytes(3 * MOST_BYTES))


class Rubbish(asyncio.Protocol):
    """Speaks something else."""

    said = b"HTTP/1.1 400 Bad Request\r\n\r\n" * 50

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.write(self.said)


class Noise(Rubbish):
    said = bytes(range(256)) * 300


class Gone(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.abort()


class Mute(asyncio.Protocol):
    """Says nothing at all."""


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def examined(authority, monkeypatch):
    """Examine an end over HTTP/2, as if HTTP/1.1 had been tried before."""
    monkeypatch.setattr(Examination, "answer_s", 0.7)
    monkeypatch.setattr("rtlab.probes.http2._LISTEN_S", 0.3)
    shared.hold()
    servers: list[asyncio.Server] = []

    def examine(kind, scheme: str) -> Examination:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(context)
        context.set_alpn_protocols(["h2"])

        async def start() -> asyncio.Server:
            return await asyncio.get_running_loop().create_server(kind, "127.0.0.1", 0, ssl=context)

        server = shared.call(start, 30)
        servers.append(server)
        url = f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        examination = Examination(url, 0.5, ca_pem=authority.cert_pem.bytes().decode())
        examination.facts["alpn"] = "h2"
        shared.call(partial(examine_http2, examination), 20.0)
        return examination

    async def stop(server: asyncio.Server) -> None:
        server.close()

    yield examine
    for server in servers:
        shared.call(partial(stop, server), 30)
    shared.release()


def found(examination: Examination) -> list[tuple[str, str]]:
    return [(each.id, each.severity) for each in examination.findings]


@pytest.mark.parametrize(
    ("kind", "scheme"),
    [(Silent, "https"), (Silent, "wss"), (Rubbish, "https"), (Noise, "wss"), (Gone, "wss"), (Mute, "https")],
)
def test_an_end_that_does_not_keep_what_it_agreed_to_is_found(examined, kind, scheme):
    assert found(examined(kind, scheme)) == [("HTTP2-BROKEN", "error")]


def test_a_server_that_announces_websockets_and_opens_none_is_found(examined):
    examination = examined(Refusing, "wss")
    assert found(examination) == [("HTTP2-WEBSOCKET", "error")]
    assert examination.findings[0].evidence.endswith("status 404")


def test_a_stream_that_is_none_over_http2_is_found(examined):
    assert found(examined(Refusing, "https")) == [("HTTP2-STREAM", "error")]


def test_a_flood_over_http2_is_bounded(examined):
    assert found(examined(Flooding, "https")) in ([("HTTP2-STREAM", "fine")], [("HTTP2-BROKEN", "error")])


def test_a_lab_with_http2_gets_no_error_and_both_are_told(make_lab):
    lab = make_lab(http2=True)
    with publishing(lab):
        stream = probe(lab.sse_url(), seconds=1.0, ca_pem=lab.ca_pem)
        websocket = probe(lab.ws_url(), seconds=0.5, ca_pem=lab.ca_pem)
    assert ids(stream) | ids(websocket) == set()
    assert "HTTP2-STREAM" in ids(stream, "fine")
    assert "HTTP2-WEBSOCKET" in ids(websocket, "fine")
    assert stream.facts["alpn"] == "h2"
    assert websocket.facts["http2_connect_protocol"]


def test_http2_without_websockets_is_told(examined, monkeypatch):
    monkeypatch.setattr("rtlab.probes.http2._Ear.opens_websockets", False)
    assert found(examined(Silent, "wss")) == [("HTTP2-NO-WEBSOCKET", "info")]
