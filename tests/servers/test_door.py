import os
import socket
import sys

import pytest

from rtlab.servers.guards import Guards


def in_books(lab, on_loop):
    return on_loop(lambda: lab.server.door.inside)


def test_one_connection_too_many_is_closed_and_the_others_live(make_lab, raw, on_loop):
    lab = make_lab(guards=Guards(max_connections=2))
    streams = [raw(lab).open_stream() for _ in range(2)]
    assert raw(lab).is_over()
    lab.publish("Hello")
    assert all(b"Hello" in stream.chunk() for stream in streams)
    assert any("no room" in line.text for line in lab.log)


@pytest.mark.parametrize("options", [{}, {"tls": True}, {"http2": True}], ids=["plain", "tls", "http2"])
@pytest.mark.parametrize("kind", ["silent", "answered", "stream", "websocket", "refused"])
def test_whoever_leaves_makes_room(make_lab, raw, until, on_loop, options, kind):
    lab = make_lab(guards=Guards(max_connections=3), **options)
    for _ in range(5):
        clients = [raw(lab) for _ in range(3)]
        for client in clients:
            if kind == "answered":
                client.get("/")
                assert client.answer()[0] == 200
            elif kind == "stream":
                client.open_stream()
            elif kind == "websocket":
                client.open_websocket()
            elif kind == "refused":
                client.get("/echo")
                client.answer()
        for client in clients:
            client.close()
        until(lambda: in_books(lab, on_loop) == 0)
    assert raw(lab).open_stream()


def test_connections_over_http2_count_once_each(make_lab, dial, until, on_loop):
    lab = make_lab(http2=True)
    client = dial(lab)
    for _ in range(3):
        client.open_stream()
    assert in_books(lab, on_loop) == 1
    client.close()
    until(lambda: in_books(lab, on_loop) == 0)


def test_an_address_has_a_limit_of_its_own(make_lab, raw):
    lab = make_lab(guards=Guards(max_connections_per_client=2))
    for _ in range(2):
        raw(lab).open_stream()
    assert raw(lab).is_over()
    with socket.create_server(("127.0.0.1", 0)):
        pass
    try:
        other = socket.create_connection(("127.0.0.1", lab.port), timeout=30, source_address=("127.0.0.2", 0))
    except OSError:
        pytest.skip("this system has one loopback address only")
    with other:
        other.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert other.recv(100).startswith(b"HTTP/1.1 200 ")


@pytest.mark.skipif(sys.platform == "win32", reason="descriptors have no such limit there")
def test_a_lab_without_a_free_descriptor_serves_again_when_there_are_some(make_lab, raw):
    import resource

    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if allowed == resource.RLIM_INFINITY:
        pytest.skip("this process has no limit")
    with open(os.devnull) as lowest:
        lab = make_lab(guards=Guards(spare_descriptors=allowed - lowest.fileno() - 50))
    taken = [os.open(os.devnull, os.O_RDONLY) for _ in range(100)]
    try:
        assert raw(lab).is_over()
    finally:
        for each in taken:
            os.close(each)
    client = raw(lab)
    client.get("/")
    assert client.answer()[0] == 200


def test_the_oldest_silent_connection_makes_room_for_a_new_one(make_lab, raw):
    lab = make_lab(guards=Guards(max_silent_connections=2))
    heard = raw(lab).open_stream()
    silent = [raw(lab) for _ in range(3)]
    assert silent[0].is_over()
    for client in silent[1:]:
        client.open_stream()
    lab.publish("Hello")
    assert b"Hello" in heard.chunk()


def test_a_full_lab_prefers_whoever_speaks_to_whoever_is_silent(make_lab, raw):
    lab = make_lab(guards=Guards(max_connections=2))
    stream, silent = raw(lab).open_stream(), raw(lab)
    client = raw(lab)
    client.get("/")
    assert client.answer()[0] == 200
    assert silent.is_over()
    lab.publish("Hello")
    assert b"Hello" in stream.chunk()


def test_a_kept_connection_that_waits_for_its_next_request_is_not_silent(make_lab, raw):
    lab = make_lab(guards=Guards(max_silent_connections=1))
    kept = raw(lab)
    kept.get("/")
    assert kept.answer()[0] == 200
    for _ in range(3):
        raw(lab).open_stream()
    kept.get("/")
    assert kept.answer()[0] == 200


def test_a_flood_does_not_wash_the_log_away(make_lab, raw):
    lab = make_lab(guards=Guards(max_connections=1))
    raw(lab).open_stream()
    for _ in range(30):
        assert raw(lab).is_over()
    assert 0 < sum("a connection was closed" in line.text for line in lab.log) < 15


def test_a_client_that_takes_nothing_between_two_heartbeats_is_cut(make_lab, raw, until):
    lab = make_lab(heartbeat_s=0.1, guards=Guards(max_buffered_bytes=1_024))
    for _ in range(8):
        lab.publish("x" * 500_000)
    reader = raw(lab, receive_buffer_bytes=4_096)
    reader.get("/sse/news?last_event_id=x-1")
    until(lambda: any("reads nothing" in line.text for line in lab.log))
    until(lambda: not lab.connections)


def test_a_slow_client_that_goes_on_reading_is_not_stuck(make_lab, raw, on_loop, until):
    most = 1_024
    lab = make_lab(heartbeat_s=600, guards=Guards(max_buffered_bytes=most))
    for _ in range(8):
        lab.publish("x" * 500_000)
    reader = raw(lab, receive_buffer_bytes=4_096)
    reader.get("/sse/news?last_event_id=x-1")
    until(lambda: lab.connections)
    (peer,) = lab.server.peers()
    until(lambda: peer.connection.buffered_bytes > most)
    while (before := peer.connection.buffered_bytes) > most:
        on_loop(peer.is_stuck)  # as each heartbeat asks
        while peer.connection.buffered_bytes == before:
            assert reader.sock.recv(4_096)
        assert not on_loop(peer.is_stuck)
