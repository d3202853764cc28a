"""What is damaged, doubled or out of order does not pass for a message."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager

import pytest

from rtlab.errors import LabError
from rtlab.experiments.pausing import Order, Readers
from rtlab.experiments.stamped_reader import Reader

SIZE = 24
HEADS = {
    "http": b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n",
    "ws": b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
}


def payload(due_ns: int, size: int = SIZE) -> bytes:
    return b"%020d" % due_ns + b"x" * (size - 20)


def framed(scheme: str, data: bytes) -> bytes:
    return b"data: " + data + b"\n\n" if scheme == "http" else bytes((0x81, len(data))) + data


@contextmanager
def sending(scheme: str, payloads: Sequence[bytes], connections: int = 1) -> Iterator[str]:
    """A server that sends these to each connection and closes it."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(30)

    def serve() -> None:
        with ExitStack() as stack:
            peers = []
            for _ in range(connections):
                peer = stack.enter_context(listener.accept()[0])
                peers.append(peer)
                raw = b""
                while b"\r\n\r\n" not in raw:
                    raw += peer.recv(4_096)
                peer.sendall(HEADS[scheme])
            for peer in peers:
                peer.sendall(b"".join(framed(scheme, each) for each in payloads))

    thread = threading.Thread(target=serve)
    with closing(listener):
        thread.start()
        yield f"{scheme}://127.0.0.1:{listener.getsockname()[1]}/stream"
        thread.join(30)


def read_all(url: str) -> Reader:
    reader = Reader(url, slow=True)
    reader.socket.settimeout(30)
    with closing(reader.socket):
        while not reader.ended:
            reader.read()
    return reader


@pytest.mark.parametrize("scheme", HEADS)
def test_each_message_has_the_time_when_it_was_due(scheme: str) -> None:
    with sending(scheme, [payload(7), payload(9)]) as url:
        reader = read_all(url)
    assert reader.due_ns == [7, 9]
    assert len(reader.read_ns) == 2
    reader.check(SIZE)


@pytest.mark.parametrize("scheme", HEADS)
def test_a_message_of_another_size_is_not_whole(scheme: str) -> None:
    with sending(scheme, [payload(7), payload(8, SIZE - 1)]) as url:
        reader = read_all(url)
    with pytest.raises(LabError, match="not whole"):
        reader.check(SIZE)


Change = Callable[[list[bytes]], list[bytes]]


@pytest.mark.parametrize("scheme", HEADS)
@pytest.mark.parametrize(
    "change",
    [
        lambda sent: [*sent, sent[-1]],
        lambda sent: [sent[0], *reversed(sent[1:])],
        lambda sent: [*sent, payload(10**9)],
    ],
    ids=["twice", "out of order", "one too many"],
)
def test_what_comes_twice_or_out_of_order_is_an_error(scheme: str, change: Change) -> None:
    sent = [payload(10_000_000 * number) for number in range(4)]
    with sending(scheme, change(sent), connections=2) as url:
        order = Order(url, 1, 1, SIZE, 100.0, 4, 0.01, 0.01, os.getpid())
        with pytest.raises(LabError, match="twice, or out of order"):
            Readers(order).run()


@pytest.mark.parametrize("scheme", HEADS)
def test_gaps_are_counted_with_what_was_left_out(scheme: str) -> None:
    sent = [payload(10_000_000 * number) for number in (0, 1, 5, 6, 8)]
    with sending(scheme, sent, connections=2) as url:
        found = Readers(Order(url, 1, 1, SIZE, 100.0, 10, 0.01, 0.01, os.getpid())).run()
    for (reading,) in (found["good"], found["slow"]):
        assert (reading["received"], reading["gaps"], reading["missed"], reading["newest"]) == (5, 2, 4, 8)
        assert reading["cut"]
