"""One relayed connection: an end towards the client, an end towards the server, and what passes between them.

::

    client ──► End "up" ──► chain of faults ──► Flow ──► End "down" ──► server
           ◄──         Flow ◄── chain of faults ◄──                 ◄──

An end reads what its peer sends and writes what the other end has read. Everything that can happen to one end
happens to the other: the end of the sending, a reset, and a reader that takes its time; unless a fault keeps it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence

from rtlab import clock
from rtlab.network.chain import Chain
from rtlab.network.end import End
from rtlab.network.faults.fault import Fault, Piece, Sign
from rtlab.network.flow import Flow
from rtlab.records import Direction

CONNECT_TIMEOUT_S = 10.0


class Line:
    """A connection that was accepted, and the one that continues it.

    Args:
        chain: Its faults.
        on_open: Called when the client's end is there.
        on_data: Called with each piece as it came, before any fault.

    Attributes:
        client: The end towards the client.
        server: The end towards the server.
        up: What goes to the server.
        down: What goes to the client.
        broken: Who broke it off and why; empty for an orderly end.
    """

    def __init__(
        self, chain: Chain, on_open: Callable[[], None], on_data: Callable[[Direction, bytes], None]
    ) -> None:
        self._chain = chain
        self._on_data = on_data
        self.client = End("up", self._read, on_open, lambda: self.down.pump(), self._broke)
        self.server = End("down", self._read, self._server_is_there, lambda: self.up.pump(), self._broke)
        self.up = Flow(self.client, self.server, self._obey)
        self.down = Flow(self.server, self.client, self._obey)
        self._ended: set[Direction] = set()
        self._alarm: asyncio.TimerHandle | None = None
        self.broken = ""

    async def carry(self, host: str, port: int) -> None:
        """Connect to the server, and stay until both ends are gone.

        Args:
            host: The server's name or address.
            port: Its port.
        """
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                await asyncio.get_running_loop().create_connection(lambda: self.server, host, port)
        except (OSError, ValueError) as error:  # ValueError: no such name can be
            self.broken = self.broken or f"no connection to {host}:{port} ({str(error) or 'no answer'})"
            self._read("down", Sign.RESET)
        await self.until_gone()
        self._quiet()

    async def until_gone(self) -> None:
        """Wait until no end has a connection."""
        await self.client.gone.wait()
        await self.server.gone.wait()

    def apply(self, faults: Sequence[Fault]) -> None:
        """Replace the faults, at once.

        Args:
            faults: The new ones.
        """
        is_freed = any(fault not in faults for fault in self._chain.faults)
        released = self._chain.apply(faults, clock.now_ns())
        if is_freed:
            self.up.hurry()
            self.down.hurry()
        self._pass(released)

    def cut(self) -> None:
        """Reset both ends, whatever the faults are."""
        self._quiet()
        self.client.reset()
        self.server.reset()

    def _read(self, direction: Direction, data: bytes | Sign) -> None:
        if isinstance(data, bytes):
            self._on_data(direction, data)
            flow = self.up if direction == "up" else self.down
            if flow.is_free and self._chain.lets_pass(direction, data):
                flow.send(data)  # the usual case, and a quick one
                return
        self._pass(self._chain.feed(Piece(direction, data, clock.now_ns())))

    def _pass(self, pieces: Iterable[Piece]) -> None:
        ways: dict[Direction, list[Piece]] = {"up": [], "down": []}
        for piece in pieces:
            ways[piece.direction].append(piece)
        self._set_alarm()
        self.up.hold(self._chain.holds("up"))
        self.down.hold(self._chain.holds("down"))
        for flow, going in ((self.up, ways["up"]), (self.down, ways["down"])):
            if going:
                flow.push(going)

    def _set_alarm(self) -> None:
        """See to it that an effect is woken; one that moved its time on is asked again then."""
        wake_ns = self._chain.wake_ns
        if wake_ns is None:
            return
        loop = asyncio.get_running_loop()
        at_s = loop.time() + max(0, wake_ns - clock.now_ns()) / 1e9
        if self._alarm:
            if self._alarm.when() <= at_s:
                return
            self._alarm.cancel()
        self._alarm = loop.call_at(at_s, self._wake)

    def _wake(self) -> None:
        self._alarm = None
        self._pass(self._chain.wake(clock.now_ns()))

    def _obey(self, piece: Piece) -> None:
        """Let an end know that nothing follows, or that the connection is broken."""
        target = self.server if piece.direction == "up" else self.client
        if piece.data is Sign.RESET:
            (self.up if piece.direction == "up" else self.down).drop()
            target.reset()
            return
        target.end_output()
        self._ended.add(piece.direction)
        if len(self._ended) == 2:
            self.client.close()
            self.server.close()

    def _server_is_there(self) -> None:
        if self.client.is_connected:
            self.up.pump()
            self.down.pump()
        else:
            self.server.reset()

    def _quiet(self) -> None:
        if self._alarm:
            self._alarm.cancel()
            self._alarm = None
        self.up.drop()
        self.down.drop()

    def _broke(self, direction: Direction, error: Exception) -> None:
        who = "client" if direction == "up" else "server"
        self.broken = self.broken or f"broken off by the {who} ({error})"
