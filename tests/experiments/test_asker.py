from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from rtlab.codecs.websocket_frames import parse_header
from rtlab.errors import LabError
from rtlab.experiments.asker import PostAsker, SocketAsker
from rtlab.servers.lab import Lab

LIMIT_S = 30.0


def answer_once(asker: SocketAsker | PostAsker) -> None:
    before = asker.answers
    for each in asker.sockets:
        each.settimeout(LIMIT_S)
    for each in (*reversed(asker.sockets), *asker.sockets):  # the POST first, then the stream
        if asker.answers == before:
            asker.read(each)
    assert asker.answers == before + 1


@pytest.mark.parametrize("size", [20, 32, 200, 70_000])
def test_an_answer_over_a_websocket_is_counted_with_its_bytes(lab: Lab, size: int) -> None:
    asker = SocketAsker("mine", size, lab.ws_url("x").replace("/ws/x", "/echo"), LIMIT_S)
    try:
        asker.ask()
        asker.sockets[0].settimeout(LIMIT_S)
        while not asker.answers:
            asker.read(asker.sockets[0])
        head_bytes = 2 if size < 126 else 4 if size < 65_536 else 10
        assert asker.bytes_down == head_bytes + size
        assert asker.bytes_up == 2 * (head_bytes + 4 + size)  # it has asked again
    finally:
        asker.close()


def test_an_answer_by_post_needs_both_the_event_and_the_receipt(lab: Lab) -> None:
    asker = PostAsker("mine", 32, lab.sse_url("x"), lab.publish_url("x"), LIMIT_S)
    try:
        asker.ask()
        answer_once(asker)
        answer_once(asker)
    finally:
        asker.close()


@pytest.fixture
def liar() -> Iterator[str]:
    """A server that opens a WebSocket and answers each question with another text."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with listener.accept()[0] as peer:
            peer.settimeout(LIMIT_S)
            raw = b""
            while b"\r\n\r\n" not in raw:
                raw += peer.recv(4_096)
            peer.sendall(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")
            question = peer.recv(4_096)
            assert parse_header(question)
            peer.sendall(b"\x81\x03lie")
            peer.recv(4_096)

    thread = threading.Thread(target=serve)
    thread.start()
    yield f"ws://127.0.0.1:{listener.getsockname()[1]}/echo"
    thread.join(LIMIT_S)
    listener.close()


def test_an_answer_that_is_not_the_question_is_an_error(liar: str) -> None:
    asker = SocketAsker("mine", 32, liar, LIMIT_S)
    try:
        asker.ask()
        with pytest.raises(LabError, match="not the question: b'lie'"):
            asker.read(asker.sockets[0])
    finally:
        asker.close()
