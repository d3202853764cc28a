"""A TCP relay that stands between client and server, keeps what crosses it, and does to it what faults say.

Without a fault it passes bytes on as they are, so TLS goes through. What it keeps is for showing: see
:mod:`rtlab.network.redaction`; the faults: :mod:`rtlab.network.faults`.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections import deque
from collections.abc import Sequence
from functools import partial

from rtlab import clock
from rtlab.errors import PortUnavailable
from rtlab.network.chain import Chain
from rtlab.network.end import End
from rtlab.network.faults.fault import Fault
from rtlab.network.line import Line
from rtlab.network.redaction import Redactor
from rtlab.records import Direction, WireChunk

MAX_BYTES = 16_777_216
MAX_CHUNKS = 262_144
"""Small pieces cost more memory than their bytes, so their number has a bound of its own."""
_LOG_LINES = 500
_BACKLOG = 1_024


class Relay:
    """Passes connections on to one server, both ways, byte for byte; its coroutines run on the event loop.

    Each piece is kept as it came, secrets taken out, before any fault and before it goes on. What is kept of a
    direction is all of it or its beginning: there are no holes.

    Args:
        host: The server's name or address.
        port: Its port.
        faults: What is done to each connection, in this order.
        seed: Chooses the random numbers of the faults.
        listen_port: Where to listen on 127.0.0.1; 0 lets the system choose.
        run_id: The run that the pieces belong to.
        max_bytes: How much is kept, in bytes of all connections together; the rest still passes.

    Attributes:
        port: Where the relay listens, on 127.0.0.1; before it does, the port that was asked for.
        truncated: True once bytes have passed that were not kept.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        faults: Sequence[Fault] = (),
        seed: int = 0,
        listen_port: int = 0,
        run_id: str = "",
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self.port = listen_port
        self._faults = tuple(faults)
        self._seed = seed
        self.truncated = False
        self._target = host, port
        self._run_id = run_id
        self._left_bytes = max_bytes
        self._chunks: list[WireChunk] = []
        self._log: deque[tuple[int, str]] = deque(maxlen=_LOG_LINES)
        self._accepted = 0
        self._lines: dict[asyncio.Task[None], Line] = {}
        self._listener: asyncio.Server | None = None
        self._closed_door: socket.socket | None = None
        """Keeps the port while connections are refused: bound, and not listening."""

    @property
    def chunks(self) -> tuple[WireChunk, ...]:
        """What has passed so far, in the order in which it came."""
        return tuple(self._chunks)

    @property
    def log(self) -> tuple[tuple[int, str], ...]:
        """What happened when, oldest first: ``(at_ns, what)``."""
        return tuple(self._log)

    @property
    def accepted(self) -> int:
        """How many connections have come so far; the next one gets this number."""
        return self._accepted

    async def start(self) -> None:
        """Take a port, and listen.

        Raises:
            PortUnavailable: The system does not give it.
        """
        self._closed_door = self._bound_socket()
        if self._faults:
            self._note_faults()
        if not self._refuses:
            await self._open_door()

    async def stop(self) -> None:
        """Stop listening and reset every connection; a second call does nothing."""
        if self._is_stopped and not self._lines:
            return
        self._shut_door(keep_port=False)
        lines = dict(self._lines)
        for task, line in lines.items():
            task.cancel()
            line.cut()
        await asyncio.gather(*lines, return_exceptions=True)
        for line in lines.values():
            await line.until_gone()
        self._note("stopped")

    async def apply(self, *faults: Fault) -> None:
        """Replace the faults, at once, for the connections that are there and those that will come.

        What a removed fault still holds goes on. A fault that was there before goes on with what it has counted.

        Args:
            *faults: The new ones, in this order; none removes all.

        Raises:
            PortUnavailable: The system does not let the relay listen again.
        """
        self._faults = faults
        self._note_faults()
        for line in tuple(self._lines.values()):
            line.apply(faults)
        if self._refuses and self._listener:
            self._shut_door(keep_port=True)
        elif not self._refuses and self._closed_door:
            await self._open_door()

    def cut(self) -> int:
        """Reset every connection of this moment; new ones may come.

        Returns:
            How many there were.
        """
        lines = list(self._lines.values())
        for line in lines:
            line.cut()
        self._note(f"{len(lines)} connections cut")
        return len(lines)

    @property
    def _refuses(self) -> bool:
        return any(fault.refuses for fault in self._faults)

    @property
    def _is_stopped(self) -> bool:
        return self._listener is None and self._closed_door is None

    def _bound_socket(self) -> socket.socket:
        sock = socket.socket()
        try:
            if os.name == "posix":  # elsewhere it would let two programs share the port
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind(("127.0.0.1", self.port))
        except OSError as error:
            sock.close()
            raise self._unavailable(error) from error
        self.port = sock.getsockname()[1]
        return sock

    async def _open_door(self) -> None:
        assert self._closed_door
        try:
            # Made first and started then: a call that is cancelled between the two loses no socket.
            listener = await asyncio.get_running_loop().create_server(
                self._accept, sock=self._closed_door, backlog=_BACKLOG, start_serving=False
            )
            self._listener, self._closed_door = listener, None
            await listener.start_serving()
        except OSError as error:
            raise self._unavailable(error) from error

    def _unavailable(self, error: OSError) -> PortUnavailable:
        advice = "Choose another port; 0 lets the system choose."
        return PortUnavailable(f"The relay cannot listen on 127.0.0.1:{self.port}: {error}. {advice}")

    def _shut_door(self, *, keep_port: bool) -> None:
        if self._listener:
            self._listener.close()
            self._listener = None
        if self._closed_door:
            self._closed_door.close()
            self._closed_door = None
        if keep_port:
            self._closed_door = self._bound_socket()

    def _accept(self) -> End:
        number, redactor = self._accepted, Redactor()
        self._accepted += 1
        chain = Chain(number, self._seed, lambda what: self._note(f"connection {number}: {what}"))
        line = Line(chain, lambda: self._open(line, number), partial(self._keep, number, redactor))
        return line.client

    def _open(self, line: Line, number: int) -> None:
        if self._listener is None:  # stopped while this connection was on its way, or closed to new ones
            line.cut()
            return
        task = asyncio.get_running_loop().create_task(self._carry(line, number))
        self._lines[task] = line
        task.add_done_callback(self._lines.pop)
        self._note(f"connection {number}: opened")
        line.apply(self._faults)

    async def _carry(self, line: Line, number: int) -> None:
        await line.carry(*self._target)
        self._note(f"connection {number}: {line.broken or 'ended'}")

    def _keep(self, number: int, redactor: Redactor, direction: Direction, data: bytes) -> None:
        at_ns = clock.now_ns()
        kept = data[: self._left_bytes] if len(self._chunks) < MAX_CHUNKS else b""
        if len(kept) < len(data):
            self.truncated = True
            self._left_bytes = 0
        else:
            self._left_bytes -= len(kept)
        if kept:
            shown = redactor.redact(direction, kept)
            self._chunks.append(WireChunk(self._run_id, number, direction, at_ns, shown))

    def _note_faults(self) -> None:
        self._note(f"faults: {', '.join(map(repr, self._faults)) or 'none'}")

    def _note(self, what: str) -> None:
        self._log.append((clock.now_ns(), what))
