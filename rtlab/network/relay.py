"""A TCP relay that stands between client and server and keeps what crosses it.

It passes bytes on and understands none of them, so TLS goes through as it is. What it keeps is for showing: see
:mod:`rtlab.network.redaction`.
"""

from __future__ import annotations

import asyncio
from collections import deque
from functools import partial

from rtlab import clock
from rtlab.errors import PortUnavailable
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

    Each piece is kept, secrets taken out, before it goes on. What is kept of a direction is all of it or its
    beginning: there are no holes.

    Args:
        host: The server's name or address.
        port: Its port.
        run_id: The run that the pieces belong to.
        max_bytes: How much is kept, in bytes of all connections together; the rest still passes.

    Attributes:
        port: Where the relay listens, on 127.0.0.1; 0 before it does.
        truncated: True once bytes have passed that were not kept.
    """

    def __init__(self, host: str, port: int, *, run_id: str = "", max_bytes: int = MAX_BYTES) -> None:
        self.port = 0
        self.truncated = False
        self._target = host, port
        self._run_id = run_id
        self._left_bytes = max_bytes
        self._chunks: list[WireChunk] = []
        self._log: deque[tuple[int, str]] = deque(maxlen=_LOG_LINES)
        self._accepted = 0
        self._lines: dict[asyncio.Task[None], Line] = {}
        self._listener: asyncio.Server | None = None

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
        """Listen on a port that the system chooses.

        Raises:
            PortUnavailable: The system gives none.
        """
        loop = asyncio.get_running_loop()
        try:
            # Made first and started then: a call that is cancelled between the two loses no socket.
            listener = await loop.create_server(self._accept, "127.0.0.1", 0, backlog=_BACKLOG, start_serving=False)
            self._listener = listener
            await listener.start_serving()
        except OSError as error:
            raise PortUnavailable(f"The relay cannot listen: {error}.") from error
        self.port = listener.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening and reset every connection; a second call does nothing."""
        if self._listener is None:
            return
        self._listener.close()
        self._listener = None
        lines = dict(self._lines)
        for task, line in lines.items():
            task.cancel()
            line.cut()
        await asyncio.gather(*lines, return_exceptions=True)
        for line in lines.values():
            await line.until_gone()
        self._note("stopped")

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

    def _accept(self) -> asyncio.Protocol:
        number, redactor = self._accepted, Redactor()
        self._accepted += 1
        line = Line(lambda: self._open(line, number), partial(self._keep, number, redactor))
        return line.client

    def _open(self, line: Line, number: int) -> None:
        if self._listener is None:  # stopped while this connection was on its way
            line.cut()
            return
        task = asyncio.get_running_loop().create_task(self._carry(line, number))
        self._lines[task] = line
        task.add_done_callback(self._lines.pop)

    async def _carry(self, line: Line, number: int) -> None:
        self._note(f"connection {number}: opened")
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

    def _note(self, what: str) -> None:
        self._log.append((clock.now_ns(), what))
