from __future__ import annotations

import asyncio
import concurrent.futures
import random
import socket
import struct
from collections import Counter
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rtlab import clock
from rtlab.loop_thread import shared
from rtlab.network import line as line_module
from rtlab.network import relay as relay_module
from rtlab.network.end import READ_BYTES
from rtlab.network.flow import MAX_WAITING_BYTES
from rtlab.network.line import Line
from rtlab.network.relay import Relay

TIMEOUT_S = 30.0
MIB = 1_048_576


class Wire:
    """A relay before a listening socket, and connections through it."""

    def __init__(self, host="127.0.0.1", **options):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=200)
        self.listener.settimeout(TIMEOUT_S)
        self.relay = Relay(host, self.listener.getsockname()[1], **options)
        self.sockets = [self.listener]
        shared.hold()
        shared.call(self.relay.start, TIMEOUT_S)

    def connect(self):
        """Give both ends of a new connection: the client's socket, the server's socket."""
        client = socket.create_connection(("127.0.0.1", self.relay.port), TIMEOUT_S)
        self.sockets.append(client)
        server, _ = self.listener.accept()
        server.settimeout(TIMEOUT_S)
        self.sockets.append(server)
        return client, server

    def stop(self):
        shared.call(self.relay.stop, TIMEOUT_S)

    def close(self):
        self.stop()
        shared.release()
        for sock in self.sockets:
            sock.close()

    def kept(self, number=0, direction="up"):
        return b"".join(
            chunk.data
            for chunk in self.relay.chunks
            if (chunk.connection_id, chunk.direction) == (number, direction)
        )

    def said(self, number=0):
        """What the log says about a connection."""
        start = f"connection {number}: "
        return [text.removeprefix(start) for _, text in self.relay.log if text.startswith(start)]


@pytest.fixture
def make_wire():
    made = []

    def make(*arguments, **options):
        made.append(Wire(*arguments, **options))
        return made[-1]

    yield make
    for wire in made:
        wire.close()


@pytest.fixture
def wire(make_wire):
    return make_wire()


def read(sock, count):
    data = bytearray()
    while len(data) < count:
        piece = sock.recv(min(65536, count - len(data)))
        assert piece, f"the connection ended after {len(data)} of {count} bytes"
        data += piece
    return bytes(data)


def read_to_end(sock):
    data = bytearray()
    while piece := sock.recv(65536):
        data += piece
    return bytes(data)


def reset(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def is_over(sock):
    with suppress(ConnectionError):
        read_to_end(sock)
    return True


# Bytes pass as they are, and are kept before they pass.


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.booleans(), st.binary(min_size=1, max_size=5_000)), max_size=12))
def test_what_is_sent_arrives_and_was_kept_before(wire, pieces):
    number = wire.relay.accepted
    client, server = wire.connect()
    sent = {"up": b"", "down": b""}
    for is_up, data in pieces:
        direction, source, target = ("up", client, server) if is_up else ("down", server, client)
        source.sendall(data)
        sent[direction] += data
        assert read(target, len(data)) == data
        assert wire.kept(number, direction) == sent[direction]


def test_megabytes_cross_both_ways_at_once(wire):
    client, server = wire.connect()
    up, down = (random.Random(seed).randbytes(3 * MIB) for seed in (1, 2))
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        jobs = [pool.submit(client.sendall, up), pool.submit(server.sendall, down)]
        jobs += [pool.submit(read, server, len(up)), pool.submit(read, client, len(down))]
        results = [job.result(TIMEOUT_S) for job in jobs]
    assert results[2] == up
    assert results[3] == down
    assert wire.kept(direction="up") == up
    assert wire.kept(direction="down") == down
    assert not wire.relay.truncated


def test_many_connections_cross_at_once_and_are_kept_apart(make_wire, until):
    wire = make_wire(run_id="many")
    clients = [socket.create_connection(("127.0.0.1", wire.relay.port), TIMEOUT_S) for _ in range(100)]
    servers = [wire.listener.accept()[0] for _ in clients]
    wire.sockets += clients + servers
    for number, client in enumerate(clients):
        client.sendall(b"%03d" % number * 100)
    for server in servers:
        server.settimeout(TIMEOUT_S)
        asked = read(server, 300)
        server.sendall(asked[::-1])
    for number, client in enumerate(clients):
        assert read(client, 300) == (b"%03d" % number * 100)[::-1]
        assert wire.kept(number, "up") == b"%03d" % number * 100
        assert wire.kept(number, "down") == (b"%03d" % number * 100)[::-1]
    assert {chunk.run_id for chunk in wire.relay.chunks} == {"many"}
    assert wire.relay.accepted == 100


def test_chunks_stand_in_the_order_of_their_times(wire):
    before_ns = clock.now_ns()
    client, server = wire.connect()
    for number in range(50):
        client.sendall(b"%d " % number)
        read(server, len(b"%d " % number))
        server.sendall(b"%d!" % number)
        read(client, len(b"%d!" % number))
    chunks = wire.relay.chunks
    assert [chunk.direction for chunk in chunks] == ["up", "down"] * 50
    assert [chunk.data for chunk in chunks[::2]] == [b"%d " % number for number in range(50)]
    times_ns = [before_ns, *(chunk.at_ns for chunk in chunks), clock.now_ns()]
    assert all(earlier < later for earlier, later in pairwise(times_ns))


def test_a_server_may_speak_first(wire):
    client, server = wire.connect()
    server.sendall(b"220 welcome\r\n")
    assert read(client, 13) == b"220 welcome\r\n"


def test_secrets_reach_the_server_but_not_the_chunks(wire):
    client, server = wire.connect()
    request = b"GET / HTTP/1.1\r\nHost: a\r\nCookie: id=0123\r\nAuthorization: Basic QUJD\r\n\r\n"
    answer = b"HTTP/1.1 200 OK\r\nSet-Cookie: id=4567\r\nContent-Length: 15\r\n\r\n\nCookie: hello\n"
    for at in range(len(request)):
        client.sendall(request[at : at + 1])
        assert read(server, 1) == request[at : at + 1]
    server.sendall(answer)
    assert read(client, len(answer)) == answer
    assert wire.kept() == request.replace(b"id=0123", b"*" * 7).replace(b"Basic QUJD", b"*" * 10)
    assert wire.kept(direction="down") == answer.replace(b"id=4567", b"*" * 7)


# The end of a connection.


@pytest.mark.parametrize("first", ["client", "server"])
def test_a_half_close_is_passed_on_and_the_other_half_stays_open(wire, until, first):
    client, server = wire.connect()
    one, other = (client, server) if first == "client" else (server, client)
    one.sendall(b"the end")
    one.shutdown(socket.SHUT_WR)
    assert read_to_end(other) == b"the end"
    for _ in range(3):
        other.sendall(b"but still")
        assert read(one, 9) == b"but still"
    other.close()
    assert read_to_end(one) == b""
    until(lambda: wire.said() == ["opened", "ended"])


def test_a_half_close_comes_after_all_that_was_sent_before_it(wire):
    client, server = wire.connect()
    data = random.Random(3).randbytes(3 * MIB)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        sending = pool.submit(lambda: (client.sendall(data), client.shutdown(socket.SHUT_WR)))
        assert read_to_end(server) == data
        sending.result(TIMEOUT_S)


@pytest.mark.parametrize("who", ["client", "server"])
def test_a_reset_is_passed_on_as_a_reset(wire, until, who):
    client, server = wire.connect()
    client.sendall(b"x")
    read(server, 1)
    one, other = (client, server) if who == "client" else (server, client)
    reset(one)
    with pytest.raises(ConnectionResetError):
        other.recv(1)
    until(lambda: len(wire.said()) == 2)
    assert wire.said()[1].startswith(f"broken off by the {who}")


def test_a_half_close_and_a_reset_at_the_same_time_are_a_reset(wire, until):
    client, server = wire.connect()
    client.sendall(b"x")
    read(server, 1)

    async def both():
        client.shutdown(socket.SHUT_WR)
        reset(server)

    shared.call(both, TIMEOUT_S)  # on the loop, so that it sees both in one turn
    with pytest.raises(ConnectionResetError):
        client.recv(1)
    until(lambda: len(wire.said()) == 2)
    assert wire.said()[1].startswith("broken off by the server")


def test_a_client_that_closes_while_the_server_sends_breaks_the_servers_connection(wire):
    client, server = wire.connect()
    client.close()
    with pytest.raises(ConnectionError):  # as it would be without a relay
        for _ in range(1_000):
            server.sendall(bytes(65536))


@pytest.mark.parametrize("host", ["127.0.0.1", "no such\0name"])
def test_without_a_server_the_client_is_reset_and_the_log_says_why(make_wire, until, host):
    wire = make_wire(host)
    wire.listener.close()
    for number in range(2):
        # The reset may come while the client is still connecting.
        with (
            pytest.raises(ConnectionResetError),
            socket.create_connection(("127.0.0.1", wire.relay.port), TIMEOUT_S) as client,
        ):
            client.recv(1)
        until(lambda number=number: len(wire.said(number)) == 2)
        assert wire.said(number)[1].startswith(f"no connection to {host}:{wire.relay._target[1]} (")


@pytest.fixture
def unanswered(make_wire):
    """A wire whose server's queue is full, so that it does not answer a further connection."""
    wire = make_wire()
    wire.listener.listen(0)
    with pytest.raises(TimeoutError):
        for _ in range(200):
            sock = socket.socket()
            wire.sockets.append(sock)
            sock.settimeout(0.2)
            sock.connect(wire.listener.getsockname())
    return wire


def test_a_server_that_does_not_answer_is_given_up(unanswered, monkeypatch, until):
    monkeypatch.setattr(line_module, "CONNECT_TIMEOUT_S", 0.1)
    client = socket.create_connection(("127.0.0.1", unanswered.relay.port), TIMEOUT_S)
    unanswered.sockets.append(client)
    with pytest.raises(ConnectionResetError):
        client.recv(1)
    until(lambda: len(unanswered.said()) == 2)
    assert "no answer" in unanswered.said()[1]


def test_a_relay_stops_while_it_waits_for_a_server(unanswered, until):
    client = socket.create_connection(("127.0.0.1", unanswered.relay.port), TIMEOUT_S)
    unanswered.sockets.append(client)
    client.sendall(b"x")
    until(lambda: unanswered.kept() == b"x")
    unanswered.stop()
    assert is_over(client)


# A server that takes its time.


@pytest.fixture
def late(make_wire, monkeypatch, until):
    """A wire with one client, whose server is not called before ``answer()``."""
    gate = asyncio.Event()
    carry = Line.carry

    async def carry_later(line, host, port):
        await gate.wait()
        await carry(line, host, port)

    async def open_gate():
        gate.set()

    monkeypatch.setattr(Line, "carry", carry_later)
    wire = make_wire()
    wire.client = socket.create_connection(("127.0.0.1", wire.relay.port), TIMEOUT_S)
    until(lambda: wire.relay._lines)
    (wire.line,) = wire.relay._lines.values()

    def answer():
        shared.call(open_gate, TIMEOUT_S)
        server, _ = wire.listener.accept()
        server.settimeout(TIMEOUT_S)
        wire.sockets += [wire.client, server]
        return server

    wire.answer = answer
    return wire


def test_what_the_client_says_at_once_waits_for_the_server(late, until):
    data = random.Random(5).randbytes(2 * MIB)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        sending = pool.submit(lambda: (late.client.sendall(data), late.client.shutdown(socket.SHUT_WR)))
        until(lambda: not late.line.client._transport.is_reading())
        assert 0 < late.line.up.waiting_bytes <= MAX_WAITING_BYTES + 4 * READ_BYTES
        server = late.answer()
        assert read_to_end(server) == data
        sending.result(TIMEOUT_S)
    server.sendall(b"all heard")
    assert read(late.client, 9) == b"all heard"


def test_a_client_that_only_listens_is_heard_by_a_late_server(late, until):
    late.client.shutdown(socket.SHUT_WR)
    until(lambda: late.line.up._queue)
    server = late.answer()
    assert read_to_end(server) == b""
    server.sendall(b"news")
    server.close()
    assert read_to_end(late.client) == b"news"


def test_a_client_that_has_gone_is_no_connection_for_a_late_server(late, until):
    reset(late.client)
    until(late.line.client.gone.is_set)
    with pytest.raises(ConnectionResetError):
        late.answer().recv(1)


# Bounds.


@pytest.mark.parametrize("direction", ["up", "down"])
def test_a_slow_reader_holds_up_its_sender_and_nothing_is_lost(make_wire, until, direction):
    wire = make_wire(max_bytes=0)
    client, server = wire.connect()
    source, target = (client, server) if direction == "up" else (server, client)
    until(lambda: wire.relay._lines)
    (line,) = wire.relay._lines.values()
    reading, writing = (line.client, line.server) if direction == "up" else (line.server, line.client)
    data = random.Random(4).randbytes(32 * MIB)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        sending = pool.submit(source.sendall, data)
        until(lambda: not reading._transport.is_reading())
        flow = line.up if direction == "up" else line.down
        assert flow.waiting_bytes <= MAX_WAITING_BYTES + 4 * READ_BYTES
        assert writing._transport.get_write_buffer_size() <= READ_BYTES
        assert not sending.done()
        assert read(target, len(data)) == data
        sending.result(TIMEOUT_S)
    until(lambda: reading._transport.is_reading())


def test_what_is_kept_ends_at_the_limit_and_the_rest_still_passes(make_wire):
    wire = make_wire(max_bytes=10)
    first, second = wire.connect(), wire.connect()
    for number, (client, server) in enumerate([first, second, first]):
        client.sendall(b"0123456")
        assert read(server, 7) == b"0123456"
        assert wire.relay.truncated == (number > 0)
    assert wire.kept(0) == b"0123456"
    assert wire.kept(1) == b"012"


def test_just_the_limit_is_not_truncated(make_wire):
    wire = make_wire(max_bytes=5)
    client, server = wire.connect()
    client.sendall(b"12345")
    read(server, 5)
    assert not wire.relay.truncated
    server.sendall(b"6")
    read(client, 1)
    assert wire.relay.truncated
    assert wire.kept() == b"12345"
    assert wire.kept(direction="down") == b""


def test_the_number_of_chunks_is_limited_too(make_wire, monkeypatch):
    monkeypatch.setattr(relay_module, "MAX_CHUNKS", 3)
    wire = make_wire()
    client, server = wire.connect()
    for _ in range(5):
        client.sendall(b"x")
        read(server, 1)
    assert len(wire.relay.chunks) == 3
    assert wire.relay.truncated


# Nothing stays.


def test_stopping_breaks_open_connections_and_keeps_the_chunks(wire):
    pairs = [wire.connect() for _ in range(5)]
    for client, server in pairs:
        client.sendall(b"x")
        read(server, 1)
    wire.stop()
    for client, server in pairs:
        assert is_over(client)
        assert is_over(server)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", wire.relay.port), TIMEOUT_S)
    assert Counter(chunk.connection_id for chunk in wire.relay.chunks) == dict.fromkeys(range(5), 1)
    wire.stop()
    assert [text for _, text in wire.relay.log].count("stopped") == 1


def test_stopping_does_not_wait_for_a_slow_reader(wire, until):
    client, server = wire.connect()
    client.setblocking(False)
    until(lambda: wire.relay._lines)
    (line,) = wire.relay._lines.values()

    def fill():
        try:
            client.send(bytes(MIB))
        except BlockingIOError:
            return not line.client._transport.is_reading()

    until(fill)
    wire.stop()
    server.settimeout(TIMEOUT_S)
    assert is_over(server)


def test_a_connection_that_comes_while_the_relay_stops_is_reset(wire):
    async def connect_and_stop():
        with socket.socket() as client:
            client.setblocking(False)
            await asyncio.get_running_loop().sock_connect(client, ("127.0.0.1", wire.relay.port))
            await wire.relay.stop()
            try:
                return await asyncio.get_running_loop().sock_recv(client, 1)
            except ConnectionResetError:
                return b""

    assert shared.call(connect_and_stop, TIMEOUT_S) == b""
    assert not wire.relay._lines


def test_fifteen_relays_with_open_connections_leave_nothing():
    for _ in range(15):
        wire = Wire()
        for _ in range(3):
            client, server = wire.connect()
            client.sendall(b"x")
            read(server, 1)
        wire.close()
        assert not shared.running
