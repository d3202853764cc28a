import asyncio
import contextlib
import gc
import socket

import pytest

from rtlab.codecs.websocket_frames import BINARY, TEXT, encode_frame
from rtlab.errors import WaitTimeout
from rtlab.servers import connection as connection_module
from rtlab.servers.socket_connection import SocketConnection


@pytest.fixture
def line(on_loop):
    """A plain connection on the loop, the other end of it, and what the connection reported."""
    here, there = socket.socketpair()
    here.setblocking(False)
    there.settimeout(30)
    connection = on_loop(SocketConnection, here)
    yield connection, there
    on_loop(connection.abort)
    there.close()


def test_what_came_before_the_start_is_handed_over_first(on_loop, line, until):
    connection, there = line
    there.sendall(b"early")
    until(lambda: connection.bytes_up == 5)
    seen = []
    on_loop(connection.start, seen.append, lambda: None)
    assert seen == [b"early"]
    there.sendall(b"late")
    until(lambda: seen == [b"early", b"late"])
    assert connection.bytes_up == 9


def test_the_end_is_told_once_even_if_it_came_before_the_start(on_loop, line, until):
    connection, there = line
    there.close()
    until(lambda: connection.closed)
    ends = []
    on_loop(connection.start, lambda data: None, lambda: ends.append(1))
    on_loop(connection.abort)
    on_loop(asyncio.sleep(0))
    assert ends == [1]


def test_the_end_is_told_once_if_it_comes_while_early_bytes_are_handed_over(on_loop, line, until):
    connection, there = line
    there.sendall(b"early")
    until(lambda: connection.bytes_up == 5)
    ends = []
    on_loop(connection.start, lambda data: connection._ended(), lambda: ends.append(1))
    assert ends == [1]


def test_sent_bytes_are_counted_and_a_closed_line_ignores_more(on_loop, line):
    connection, there = line
    on_loop(connection.start, lambda data: None, lambda: None)
    on_loop(connection.send, b"one")
    on_loop(connection.close)
    on_loop(connection.send, b"two")
    assert there.recv(100) == b"one"
    assert there.recv(100) == b""
    assert connection.bytes_down == 3
    assert connection.buffered_bytes == 0


def test_closing_writes_what_is_buffered_first(on_loop, line):
    connection, there = line
    on_loop(connection.start, lambda data: None, lambda: None)
    on_loop(connection.send, bytes(3_000_000))
    assert on_loop(lambda: connection.buffered_bytes) > 0
    on_loop(connection.close)
    received = 0
    while data := there.recv(65_536):
        received += len(data)
    assert received == 3_000_000


def test_many_small_pieces_wait_and_arrive_in_order(on_loop, line, until):
    connection, there = line
    on_loop(connection.start, lambda data: None, lambda: None)
    first = bytes(1_000_000)
    pieces = [b"%06d" % number for number in range(20_000)]

    def send_all():
        connection.send(first)
        for piece in pieces:
            connection.send(piece)

    on_loop(send_all)
    assert on_loop(lambda: connection.buffered_bytes) > 6 * 20_000
    received = bytearray()
    while len(received) < len(first) + 6 * 20_000:
        received += there.recv(65_536)
    assert bytes(received) == first + b"".join(pieces)
    until(lambda: connection.buffered_bytes == 0)


def test_a_closing_line_throws_away_what_comes_and_ends_with_the_peer(on_loop, line, until):
    connection, there = line
    seen, ends = [], []
    on_loop(connection.start, seen.append, lambda: ends.append(1))
    on_loop(connection.close)
    on_loop(connection.close)
    there.sendall(b"too late")
    assert there.recv(100) == b""
    there.close()
    until(lambda: ends)
    assert seen == []


def test_a_peer_that_does_not_close_is_cut(on_loop, line, until, monkeypatch):
    monkeypatch.setattr(connection_module, "LINGER_S", 0.01)
    connection, _ = line
    ends = []
    on_loop(connection.start, lambda data: None, lambda: ends.append(1))
    on_loop(connection.close)
    until(lambda: ends)


def test_a_peer_that_reads_nothing_of_the_goodbye_is_cut(on_loop, line, until, monkeypatch):
    monkeypatch.setattr(connection_module, "LINGER_S", 0.01)
    connection, _ = line
    ends = []
    on_loop(connection.start, lambda data: None, lambda: ends.append(1))
    on_loop(connection.send, bytes(3_000_000))
    on_loop(connection.close)
    until(lambda: ends)


def test_drained_waits_until_the_peer_reads_or_is_gone(on_loop, line):
    connection, _there = line
    on_loop(connection.start, lambda data: None, lambda: None)
    on_loop(connection.drained(1))
    on_loop(connection.send, bytes(3_000_000))
    with pytest.raises(WaitTimeout):
        on_loop(connection.drained(0.01))

    async def give_up():
        waiting = asyncio.create_task(connection.drained(5))
        await asyncio.sleep(0)
        connection.abort()
        await waiting

    on_loop(give_up())


@pytest.fixture(params=[False, True], ids=["plain", "tls"])
def any_lab(request, make_lab):
    """A lab, once for each carrier."""
    return make_lab(tls=request.param)


def test_bytes_right_behind_the_request_are_not_lost(any_lab, raw):
    client = raw(any_lab)
    head = (
        f"GET /echo HTTP/1.1\r\nHost: 127.0.0.1:{any_lab.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    ).encode()
    payload = bytes(range(256)) * 256
    client.send(
        head
        + encode_frame(TEXT, b"first", masking_key=b"abcd")
        + encode_frame(BINARY, payload, masking_key=b"wxyz")
    )
    assert client.head()[0] == 101
    assert client.frame().payload == b"first"
    assert client.frame().payload == payload


@pytest.mark.parametrize("attempt", range(5))
def test_the_peer_can_read_the_goodbye_although_it_has_sent_more(any_lab, raw, attempt):
    client = raw(any_lab).open_websocket()
    oversize = encode_frame(BINARY, bytes(3_000_000), masking_key=b"abcd")
    client.send(oversize)
    assert client.close_code() == 1009
    assert client.read_to_end() == b""


def test_a_client_that_leaves_right_behind_its_request_is_no_error(any_lab, raw, until):
    for leave in ("close", "reset", "half"):
        for target in ("/sse/news", "/echo"):
            client = raw(any_lab)
            with contextlib.suppress(ConnectionError):
                client.ask_upgrade(target)
                if leave == "half":
                    client.sock.shutdown(socket.SHUT_WR)
                else:
                    getattr(client, leave)()
    raw(any_lab).open_websocket().close()  # the server accepts in order, so it has seen the others by now

    def all_are_gone():
        lines = [line.text for line in any_lab.log]
        return len([x for x in lines if x.endswith("opened")]) == len([x for x in lines if x.endswith("gone")])

    until(all_are_gone)
    assert any_lab.connections == ()
    assert [line.text for line in any_lab.log if line.level == "error"] == []


def test_idle_connections_are_not_kept_alive_by_the_lab(any_lab, raw, until):
    for _ in range(3):
        raw(any_lab).open_stream().close()
        raw(any_lab).open_websocket().close()
    until(lambda: not any_lab.connections)
    gc.collect()
    assert not [found for found in gc.get_objects() if isinstance(found, connection_module.Connection)]
