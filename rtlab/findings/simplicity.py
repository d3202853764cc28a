"""What experiments on simplicity found: what is left to the program when a line breaks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from rtlab.errors import InputError


@dataclass(frozen=True, slots=True)
class Account:
    """What became of the messages that were sent: every one is delivered or lost.

    Attributes:
        sent: Messages that the server sent.
        arrivals: Messages as the client got them, doubled ones included.
        delivered: Different messages that arrived.
        lost: Messages that never arrived.
        doubled: Arrivals of a message that was there already.
        out_of_order: First arrivals of a message after one with a higher number.

    Raises:
        InputError: It does not add up: some message is accounted for twice, or not at all.
    """

    sent: int
    arrivals: int
    delivered: int
    lost: int
    doubled: int
    out_of_order: int

    def __post_init__(self) -> None:
        adds_up = self.delivered + self.lost == self.sent and self.delivered + self.doubled == self.arrivals
        if not adds_up or min(self.lost, self.delivered, self.doubled) < 0 or self.out_of_order > self.delivered:
            raise InputError(f"This account does not add up: {self}.")


def account(received: Iterable[int], sent: int) -> Account:
    """Say what became of numbered messages.

    Args:
        received: The numbers in the order of their arrival.
        sent: How many messages were sent, with the numbers from 0.

    Returns:
        The account; delivered, lost and doubled are counted each for itself.

    Raises:
        InputError: A number arrived that was not sent.
    """
    times = [0] * sent
    arrivals = doubled = out_of_order = 0
    highest = -1
    for seq in received:
        if not 0 <= seq < sent:
            raise InputError(f"Message {seq} arrived, but only 0 to {sent - 1} were sent.")
        arrivals += 1
        doubled += times[seq] > 0
        out_of_order += times[seq] == 0 and seq < highest
        times[seq] += 1
        highest = max(highest, seq)
    return Account(sent, arrivals, sum(map(bool, times)), times.count(0), doubled, out_of_order)


@dataclass(frozen=True, slots=True)
class Loss:
    """What one client design lost with one server design while the line was cut.

    Attributes:
        server: The server's design, such as ``"ids, short history"``.
        client: The client's design, such as ``"WebSocket, reopened"``.
        seed: What chose the moments.
        cuts: How often the client was connected when the line was cut.
        account: What became of the messages.
        recovery_ms: For each time it came back, the time from the cut to the next message; a client that never
            comes back has none.
    """

    server: str
    client: str
    seed: int
    cuts: int
    account: Account
    recovery_ms: tuple[float, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class DeadPeer:
    """How one kind of heartbeat noticed that a line was dead, and what it cost while the line was idle.

    Attributes:
        strategy: What crosses the idle line, such as ``"SSE comment"``.
        noticed_by: Who looks for the silence: ``"client"`` or ``"server"``.
        interval_s: The time between two beats.
        seed: What chose the moment of the fault.
        beats: Beats that crossed while the line was idle and well.
        bytes_per_beat: What one of them cost on the socket, both ways, without the heads of TCP and IP.
        detected_s: Time from the fault to its being noticed; None if it was not, or if a false alarm came before.
        held_s: Time from the fault until the server let go of the connection; None if it still held it in the end.
        watched_s: How long after the fault the server was watched.
    """

    strategy: str
    noticed_by: str
    interval_s: float
    seed: int
    beats: int
    bytes_per_beat: float
    detected_s: float | None
    held_s: float | None
    watched_s: float


@dataclass(frozen=True, slots=True)
class IdleLine:
    """Whether a heartbeat saved an idle line from a proxy that cuts silent ones.

    Attributes:
        way: ``"sse"`` or ``"websocket"``.
        idle_s: After how much silence the proxy cuts.
        heartbeat_s: How often the lab showed life.
        survived: True if the line was never cut.
    """

    way: str
    idle_s: float
    heartbeat_s: float
    survived: bool


@dataclass(frozen=True, slots=True)
class Restart:
    """What one client design got of the messages before and after a restart of the server.

    Attributes:
        client: The client's design, such as ``"EventSource"``.
        returned: True if it came back.
        account: What became of the messages.
    """

    client: str
    returned: bool
    account: Account
