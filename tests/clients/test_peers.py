"""What the libraries do beyond what holds for every client (test_client.py)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

import rtlab
from rtlab import clock
from rtlab.clients.peers import SseclientPeer, ThreadedPeer, WebSocketClientPeer
from rtlab.codecs.websocket_frames import Opcode, encode_frame
from rtlab.codecs.websocket_handshake import accept_key
from rtlab.errors import ConnectionEnded, ConnectionFailed, WaitTimeout
from rtlab.servers.lab import Lab

pytestmark = pytest.mark.usefixtures("known_epoch")

STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"


def accepted(request: Any) -> bytes:
    accept = accept_key(request.get(b"Sec-WebSocket-Key").decode())
    lines = (
        "HTTP/1.1 101 OK",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Accept: {accept}",
        "",
        "",
    )
    return "\r\n".join(lines).encode()


def peer_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith(("rtlab sse", "rtlab web"))]


def test_they_say_which_library_they_are_and_that_their_bytes_are_hidden() -> None:
    peers = (SseclientPeer("http://127.0.0.1/"), WebSocketClientPeer("ws://127.0.0.1/"))
    assert [(peer.transport, peer.name, peer.counts_bytes) for peer in peers] == [
        ("sse", "sseclient-py", False),
        ("websocket", "websocket-client", False),
    ]


def test_sseclient_gets_names_and_ids(lab: Lab) -> None:
    with SseclientPeer(lab.sse_url()) as peer:
        lab.publish("x", event="price")
        message = peer.receive()
    assert (message.data, message.event, message.id) == ("x", "price", "k3f9-1")


def test_sseclient_hands_an_event_over_as_soon_as_it_is_there(serve: Any) -> None:
    got_it = threading.Event()
    server = serve([STREAM + b"data: 1\n\n", lambda request: got_it.wait(10) and b"data: 2\n\n", "hold"])
    with SseclientPeer(server.url()) as peer:
        assert peer.receive().data == "1"
        got_it.set()
        assert peer.receive().data == "2"


def test_sseclient_asks_as_an_event_stream_client_should(serve: Any) -> None:
    server = serve([STREAM, "hold"])
    with SseclientPeer(server.url(path="/sse/a?b=c")):
        (request,) = server.requests
    assert request.line == b"GET /sse/a?b=c HTTP/1.1"
    assert request.get(b"Accept") == b"text/event-stream"
    assert request.get(b"Host") == f"127.0.0.1:{server.port}".encode()


def test_websocket_client_gets_text_and_binary(serve: Any) -> None:
    frames = encode_frame(Opcode.TEXT, "ä".encode()) + encode_frame(Opcode.BINARY, b"\xff")
    server = serve([accepted, frames, "hold"])
    with WebSocketClientPeer(server.url("ws")) as peer:
        assert [message.data for message in peer.take(2)] == ["ä", b"\xff"]


@pytest.mark.parametrize("status", [204, 403, 404, 503])
@pytest.mark.parametrize(("peer", "scheme"), [(SseclientPeer, "http"), (WebSocketClientPeer, "ws")])
def test_a_refusal_carries_its_status(
    serve: Any, peer: type[SseclientPeer | WebSocketClientPeer], scheme: str, status: int
) -> None:
    server = serve([b"HTTP/1.1 %d No\r\nContent-Length: 0\r\n\r\n" % status])
    with pytest.raises(ConnectionFailed, match=f"{peer.name}: .*{status}") as caught:
        peer(server.url(scheme)).open()
    assert caught.value.status == status


@pytest.mark.parametrize("answer", [b"garbage\r\n\r\n", b""])
@pytest.mark.parametrize(("peer", "scheme"), [(SseclientPeer, "http"), (WebSocketClientPeer, "ws")])
def test_an_error_of_the_library_while_it_opens_is_a_failed_connection(
    serve: Any, peer: type[SseclientPeer | WebSocketClientPeer], scheme: str, answer: bytes
) -> None:
    with pytest.raises(ConnectionFailed, match=peer.name):
        peer(serve([answer]).url(scheme)).open()


@pytest.mark.parametrize(
    "steps",
    [
        [STREAM + b"data: x\n\n"],
        [STREAM + b"data: x\n\n", "reset"],
        [STREAM + b"data: x\n\nid: \xff\n\n", "hold"],
        [STREAM[:-2] + b"Transfer-Encoding: chunked\r\n\r\n9\r\ndata: x\n\n\r\nzz\r\n", "hold"],
    ],
    ids=["closed", "reset", "not UTF-8", "not chunked"],
)
def test_an_error_of_sseclient_while_it_reads_ends_the_connection(serve: Any, steps: list[Any]) -> None:
    with SseclientPeer(serve(steps).url()) as peer:
        with pytest.raises(ConnectionEnded, match="sseclient-py"):
            for _ in range(3):
                peer.receive()
        assert peer.ended is not None


@pytest.mark.parametrize(
    "steps",
    [
        [],
        ["reset"],
        [encode_frame(Opcode.CLOSE, b"\x03\xe8"), "read"],
        [b"\xff\x00", "hold"],
        [encode_frame(Opcode.TEXT, b"\xff"), "hold"],
    ],
    ids=["closed", "reset", "close frame", "reserved bits", "not UTF-8"],
)
def test_an_error_of_websocket_client_while_it_reads_ends_the_connection(serve: Any, steps: list[Any]) -> None:
    server = serve([accepted, *steps])
    with WebSocketClientPeer(server.url("ws")) as peer, pytest.raises(ConnectionEnded, match="websocket-client"):
        peer.receive()


@pytest.mark.parametrize("tls", [False, True])
def test_close_ends_the_thread_though_nothing_comes(tls: bool) -> None:
    with rtlab.start_lab("idle", tls=tls) as lab:
        for peer in (
            SseclientPeer(lab.sse_url(), ca_pem=lab.ca_pem),
            WebSocketClientPeer(lab.ws_url(), ca_pem=lab.ca_pem),
        ):
            peer.open()
            assert len(peer_threads()) == 1
            started_ns = clock.now_ns()
            peer.close()
            assert clock.now_ns() - started_ns < 20e9
            assert peer_threads() == []


@pytest.mark.parametrize(("peer", "scheme"), [(SseclientPeer, "http"), (WebSocketClientPeer, "ws")])
@pytest.mark.parametrize("secure", [False, True])
def test_close_ends_the_thread_in_the_middle_of_opening(
    serve: Any, peer: type[SseclientPeer | WebSocketClientPeer], scheme: str, secure: bool
) -> None:
    server = serve(["hold"], ask=False)
    client = peer(server.url(scheme + "s" * secure))
    started_ns = clock.now_ns()
    with pytest.raises((WaitTimeout, ConnectionFailed)):  # the library has the same limit
        client.open(0.2)
    assert clock.now_ns() - started_ns < 20e9
    assert peer_threads() == []


def test_a_thread_that_connects_when_it_is_no_longer_wanted_ends(lab: Lab) -> None:
    # As if close() came before the thread had its socket.
    class Late(SseclientPeer):
        def _dial(self, *args: Any) -> Any:
            self._finishing = True
            return super()._dial(*args)

    with pytest.raises(ConnectionFailed):
        Late(lab.sse_url()).open(5)


def test_a_library_that_does_not_let_go_is_told_of(lab: Lab, until: Callable[..., Any]) -> None:
    over = threading.Event()

    class Stubborn(ThreadedPeer):
        transport, name, schemes = "sse", "stubborn", ("http",)

        def _connect(self, *args: Any) -> None: ...

        def _receive(self) -> None:
            over.wait(20)

    peer = Stubborn(lab.sse_url()).open()
    with pytest.raises(WaitTimeout, match="thread of stubborn"):
        peer.close(0.1)
    over.set()
