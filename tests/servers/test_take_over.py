from __future__ import annotations

import socket

import pytest


@pytest.mark.parametrize("path", ["/sse/news", "/ws/news"])
def test_small_writes_do_not_wait_for_an_acknowledgement(lab, raw, on_loop, until, path):
    client = raw(lab.port)
    key = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
    key += "dGhlIHNhbXBsZSBub25jZQ==\r\n"
    client.send(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{key}\r\n".encode())
    client.read_until(b"\r\n\r\n")
    until(lambda: lab.connections)

    def is_undelayed():
        (peer,) = lab.server._peers
        return peer.connection._sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0

    assert on_loop(is_undelayed)
