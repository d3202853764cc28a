"""A short bench: how many events a second one reader gets, and how many round trips a second one WebSocket makes.

It is short and uses one connection each: good for an order of magnitude. A whole server's capacity is another
question, for :func:`rtlab.swarm`.
"""

from __future__ import annotations

import os
import socket

from rtlab import clock
from rtlab.codecs.http1_heads import RequestHead, encode_request_head
from rtlab.codecs.websocket_frames import TEXT, FrameDecoder, encode_frame
from rtlab.codecs.websocket_handshake import make_key, opening_request
from rtlab.errors import LabError
from rtlab.stacks.serving import Served

EVENTS = 20_000
ROUND_TRIPS = 500
_TIMEOUT_S = 60.0
_READ_BYTES = 262_144
_PAYLOAD = b"x" * 32


def events_per_s(served: Served) -> float:
    """Read a stream without a rate as fast as it comes.

    Args:
        served: The running server.

    Returns:
        Events a second, from the request to the last byte of the answer.

    Raises:
        LabError: Fewer or more events came, or the line broke.
    """
    host = f"127.0.0.1:{served.port}"
    target = f"/events?count={EVENTS}&rate_per_s=0"
    request = RequestHead("GET", target, (("Host", host), ("Connection", "close")))
    with _connected(served) as sock:
        begin_ns, tail, found = clock.now_ns(), b"", 0
        sock.sendall(encode_request_head(request))
        came = _read(served, sock)
        end_ns = begin_ns + round(_TIMEOUT_S * 1e9)
        while came:
            found += (tail + came).count(b'{"n":')
            tail = (tail + came)[-4:]
            if clock.now_ns() > end_ns:
                raise LabError(f"{served.stack.title} sent {found} of {EVENTS} events in {_TIMEOUT_S:g} s.")
            came = _read(served, sock)
        took_ns = clock.now_ns() - begin_ns
    if found != EVENTS:
        raise LabError(f"{served.stack.title} sent {found} events instead of {EVENTS}.")
    return EVENTS / took_ns * 1e9


def echoes_per_s(served: Served) -> float:
    """Send texts of 32 characters and wait for each echo before the next.

    Args:
        served: The running server.

    Returns:
        Round trips a second.

    Raises:
        LabError: Something else came back, or the line broke.
    """
    host = f"127.0.0.1:{served.port}"
    with _connected(served) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.sendall(encode_request_head(opening_request(host, "/echo", make_key(os.urandom(16)))))
        head = b""
        while b"\r\n\r\n" not in head:
            more = _read(served, sock)
            if not more:
                raise LabError(f"{served.stack.title} closed the line in the opening handshake.")
            head += more
        if not head.startswith(b"HTTP/1.1 101"):
            raise LabError(f"{served.stack.title} answered the opening handshake with {head[:40]!r}.")
        frames = FrameDecoder()
        frames.feed(head.partition(b"\r\n\r\n")[2])
        begin_ns = clock.now_ns()
        for _ in range(ROUND_TRIPS):
            _round_trip(served, sock, frames)
        took_ns = clock.now_ns() - begin_ns
    return ROUND_TRIPS / took_ns * 1e9


def _round_trip(served: Served, sock: socket.socket, frames: FrameDecoder) -> None:
    sock.sendall(encode_frame(TEXT, _PAYLOAD, masking_key=os.urandom(4)))
    payload = b""
    while payload != _PAYLOAD:
        data = _read(served, sock)
        came = b"".join(frame.payload for frame in frames.feed(data) if frame.opcode <= TEXT)
        payload += came
        if not data or not _PAYLOAD.startswith(payload):
            raise LabError(f"{served.stack.title} sent back {payload[:40]!r} instead of the text.")


def _connected(served: Served) -> socket.socket:
    try:
        return socket.create_connection(("127.0.0.1", served.port), timeout=_TIMEOUT_S)
    except OSError as error:
        raise LabError(f"{served.stack.title} cannot be reached: {error}.") from error


def _read(served: Served, sock: socket.socket) -> bytes:
    try:
        return sock.recv(_READ_BYTES)
    except OSError as error:
        raise LabError(f"The line to {served.stack.title} broke: {error}.") from error
