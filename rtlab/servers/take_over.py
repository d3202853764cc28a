"""Where a connection changes hands: from tornado, which has read the request, to a carrier of our own."""

from __future__ import annotations

import asyncio
import socket

from tornado.ioloop import IOLoop
from tornado.iostream import SSLIOStream, StreamClosedError

from rtlab.servers.connection import Connection
from rtlab.servers.exchange import Exchange
from rtlab.servers.http2_stream import Http2Stream
from rtlab.servers.socket_connection import SocketConnection
from rtlab.servers.stream_connection import StreamConnection


def take_over(exchange: Exchange) -> Connection:
    """Take a connection out of tornado's hands, before anything was answered.

    Args:
        exchange: The request that opened it.

    Returns:
        The connection; bytes that the client sent right behind its head are in it.
    """
    stream = exchange.detach()
    if isinstance(stream, Http2Stream):
        return stream
    if isinstance(stream, SSLIOStream):
        line = StreamConnection(stream)
        exchange.server.door.hand_over(stream, line)
        return line
    try:
        # One read empties the stream's buffer. If that is empty, it looks at the socket once.
        ready = asyncio.ensure_future(stream.read_bytes(stream.max_buffer_size, partial=True))
        early = ready.result() if ready.done() else b""
    except StreamClosedError:
        gone = SocketConnection(socket.socket())
        gone.abort()
        return gone
    ready.add_done_callback(lambda future: future.cancelled() or future.exception())
    sock = stream.socket
    IOLoop.current().remove_handler(sock)  # from here on the stream hears nothing; it is left without being closed
    # asyncio sets this only on sockets that say they are TCP, and an accepted one does not. Without it a second
    # small write waits until the client has acknowledged the first, up to 40 ms.
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection = SocketConnection(sock, early)
    exchange.server.door.hand_over(stream, connection)
    return connection
