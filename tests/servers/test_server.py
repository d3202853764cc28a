import asyncio
import gc
import socket

import pytest

from rtlab.errors import InputError, PortUnavailable
from rtlab.servers.guards import Guards
from rtlab.servers.server import MAX_CHANNELS, LabServer
from rtlab.servers.socket_connection import SocketConnection


def tasks():
    return {task for task in asyncio.all_tasks() if task is not asyncio.current_task()}


def test_a_channel_is_made_at_its_first_use_and_kept(make_server):
    server = make_server()
    assert server.channel("news") is server.channel("news")
    assert server.channel("news") is not server.channel("other")


@pytest.mark.parametrize("name", ["", "a b", "a/b", "é", "x" * 65, "a\n"])
def test_a_name_that_cannot_stand_in_a_path_is_refused(make_server, name):
    with pytest.raises(InputError, match="1 to 64"):
        make_server().channel(name)


def test_the_number_of_channels_is_bounded(make_server, raw):
    server = make_server()
    for number in range(MAX_CHANNELS):
        server.channel(str(number))
    with pytest.raises(InputError, match="at most 1000 channels"):
        server.channel("one-more")
    for target, status in (("/poll/one-more", 503), ("/sse/one-more", 503), ("/poll/0", 200)):
        client = raw(server)
        client.get(target)
        assert client.head()[0] == status


def test_open_connections_are_described_oldest_first(make_server, raw, until, on_loop):
    server = make_server()
    raw(server).open_stream("/sse/a")
    until(lambda: len(server.connections()) == 1)
    client = raw(server).open_websocket()
    until(lambda: len(server.connections()) == 2)
    client.send_text("x")
    client.frame()
    stream, socket_ = on_loop(server.connections)
    assert (stream.transport, stream.channel, stream.bytes_up) == ("sse", "a", 0)
    assert (socket_.transport, socket_.channel, socket_.bytes_up) == ("websocket", "echo", 7)
    assert socket_.bytes_down == 129 + 3  # the head of the answer, and a frame
    assert 0 <= socket_.open_s <= stream.open_s
    assert (stream.buffered_bytes, socket_.buffered_bytes) == (0, 0)


def test_stopping_leaves_no_task_no_port_and_no_peer(make_server, raw, on_loop, until):
    before = on_loop(tasks)
    server = make_server()
    raw(server).open_stream()
    raw(server).open_websocket("/ws/news")
    raw(server).get("/poll/news?wait_s=30")
    idle = raw(server)
    idle.get("/")
    idle.answer()
    channel = server.channel("news")
    until(lambda: channel.subscribers == 2 and channel._waiting)
    on_loop(server.stop())
    on_loop(asyncio.sleep(0))
    assert on_loop(tasks) == before
    assert server.connections() == ()
    assert not channel.subscribers
    assert not channel._waiting
    assert idle.is_over()
    with pytest.raises(ConnectionRefusedError):
        raw(server.port)
    on_loop(server.stop())  # a second time does nothing
    assert [line.text for line in server.log.lines()].count("stopped") == 1


def test_a_connection_that_changes_hands_while_the_server_stops_is_closed(make_server, raw, on_loop, until):
    server = make_server()
    client = raw(server).open_stream()
    until(lambda: server.connections())
    (peer,) = server._peers
    on_loop(server.stop())
    assert client.chunk() == b""

    here, there = socket.socketpair()
    here.setblocking(False)

    async def arrive_late():
        peer.connection = SocketConnection(here)
        server.admit(peer)

    on_loop(arrive_late())
    there.settimeout(30)
    assert there.recv(1) == b""
    there.close()
    until(lambda: not server.connections())


def test_a_stop_does_not_wait_for_clients_that_do_not_react(make_server, raw, on_loop, until):
    server = make_server()
    for _ in range(3):
        raw(server, receive_buffer_bytes=4_096).open_stream()
        raw(server, receive_buffer_bytes=4_096).open_websocket("/ws/news")
    until(lambda: len(server.connections()) == 6)
    for _ in range(40):
        on_loop(server.publish("news", "x" * 100_000, ""))
    on_loop(asyncio.wait_for(server.stop(), 5))
    assert server.connections() == ()


def test_an_error_inside_a_handler_is_a_500_that_gives_nothing_away(make_server, raw):
    server = make_server()

    def fail(data, event=""):
        raise ZeroDivisionError("a secret detail")

    server.channel("news").publish = fail
    client = raw(server)
    client.post("/publish/news", b"x")
    status, _, body = client.answer()
    assert (status, body) == (500, b"500 Internal Server Error\n")
    assert any("a secret detail" in line.text and line.level == "error" for line in server.log.lines())


def test_the_size_limit_of_bodies_and_heads_is_the_guards(make_server, raw):
    server = make_server(guards=Guards(max_head_bytes=300, max_body_bytes=5))
    client = raw(server)
    client.post("/publish/news", b"12345")
    assert client.answer()[0] == 200
    client.post("/publish/news", b"123456")
    assert client.head()[0] == 400


@pytest.mark.parametrize("host", ["192.0.2.1", "no.such.host.invalid", "x" * 70, "::ffff:ffff:ffff"])
def test_an_address_that_cannot_be_bound_is_told(on_loop, host):
    with pytest.raises(PortUnavailable, match="cannot be used"):
        on_loop(LabServer(host).start())


def test_a_taken_port_leaves_no_socket(on_loop):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        with pytest.raises(PortUnavailable):
            on_loop(LabServer(port=taken.getsockname()[1]).start())
        gc.collect()  # a socket that was forgotten would warn here
