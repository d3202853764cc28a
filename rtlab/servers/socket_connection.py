"""A plain TCP connection: its socket leaves tornado's stream, and the loop tells when it can be read and written.

All connections receive into one buffer, for it is emptied before the next one is read. So an idle connection costs
a third of the memory that its stream would, and an echo a fifth of the time.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import cast

from tornado.ioloop import IOLoop
from tornado.platform.asyncio import BaseAsyncIOLoop

from rtlab.servers.connection import Connection

READ_BYTES = 65_536
WRITE_BYTES = 262_144
"""The most that is given to the system at a time, of much that waits."""


class SocketConnection(Connection):
    """A plain TCP connection; made on the loop, and read from then on.

    Args:
        sock: The socket, which does not block; it is the connection's from now on.
        early: Bytes that were received before the socket changed hands.
    """

    __slots__ = ("_line_is_down", "_loop", "_sock", "_waiting")

    _shared = memoryview(bytearray(READ_BYTES))

    def __init__(self, sock: socket.socket, early: bytes = b"") -> None:
        super().__init__()
        self._received(early)
        self._sock = sock
        self._waiting: bytearray | None = None
        self._line_is_down = False
        # On Windows, tornado watches sockets with a thread, for the loop itself cannot.
        self._loop = cast(BaseAsyncIOLoop, IOLoop.current()).selector_loop
        self._loop.add_reader(sock, self._readable)

    def send(self, data: bytes) -> None:
        """Write bytes; see :meth:`Connection.send`."""
        if self._line_is_down or self._closing:
            return
        self._bytes_sent += len(data)
        if self._waiting is not None:
            self._waiting += data
            return
        try:
            taken = self._sock.send(data)
        except BlockingIOError:
            taken = 0
        except OSError:
            self.abort()
            return
        if taken < len(data):
            self._waiting = bytearray(memoryview(data)[taken:])
            self._loop.add_writer(self._sock, self._writable)
            if self.watcher:
                self.watcher.fell_behind()

    def taker(self) -> Callable[[bytes], int]:
        """See :meth:`Connection.taker`."""
        return self._sock.send

    @property
    def buffered_bytes(self) -> int:
        """See :attr:`Connection.buffered_bytes`."""
        return 0 if self._waiting is None else len(self._waiting)

    def pause_reading(self) -> None:
        """See :meth:`Connection.pause_reading`."""
        if not self._line_is_down:
            self._loop.remove_reader(self._sock)

    def resume_reading(self) -> None:
        """See :meth:`Connection.resume_reading`."""
        if not self._line_is_down:
            self._loop.add_reader(self._sock, self._readable)

    def abort(self) -> None:
        """See :meth:`Connection.abort`."""
        if self._line_is_down:
            return
        self._line_is_down = True
        self._loop.remove_reader(self._sock)
        if self._waiting is not None:
            self._loop.remove_writer(self._sock)
            self._waiting = None
        self._sock.close()
        # In the next turn: whoever writes to many does not expect to be called back in the middle.
        asyncio.get_running_loop().call_soon(self._ended)

    def _readable(self) -> None:
        try:
            count = self._sock.recv_into(self._shared)
        except BlockingIOError:
            return
        except OSError:
            self.abort()
            return
        if count:
            self._received(bytes(self._shared[:count]))
        elif self._waiting:
            self._loop.remove_reader(self._sock)  # the peer has said all, and may still read
            self.close()
        else:
            self.abort()

    def _writable(self) -> None:
        waiting = self._waiting
        assert waiting is not None
        try:
            with memoryview(waiting) as view:
                taken = self._sock.send(view[:WRITE_BYTES])
        except BlockingIOError:
            return
        except OSError:
            self.abort()
            return
        del waiting[:taken]
        if not waiting:
            self._loop.remove_writer(self._sock)
            self._waiting = None
        self._shrank()
        if self._closing and self._waiting is None:
            self._end_output()

    def _end_output(self) -> None:
        if self._waiting is not None or self._line_is_down:
            return
        try:
            self._sock.shutdown(socket.SHUT_WR)
        except OSError:  # the peer has reset the line, and we have not seen it yet
            self.abort()
