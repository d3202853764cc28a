"""``dead_peer()``: how soon a heartbeat notices a line that died without a word, and what it costs."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.errors import InputError
from rtlab.experiments.dead_peer import NEVER_S, SILENCE, check_interval, notice_dead_peer
from rtlab.figures.dead_peer import figure_dead_peers
from rtlab.findings.simplicity import DeadPeer
from rtlab.results.direction import Finding
from rtlab.results.progress import ProgressBar
from rtlab.servers.guards import Guards
from rtlab.servers.lab import start_lab
from rtlab.tables.dead_peer import dead_peers_table


class DeadPeers(Finding):
    """When each heartbeat noticed the dead line, and what it cost before.

    Args:
        found: One for each strategy, interval and seed.
    """

    def __init__(self, found: Sequence[DeadPeer]) -> None:
        self.found = tuple(found)

    @property
    def table(self) -> pd.DataFrame:
        """One row a strategy, interval and seed (``describe("dead_peers")``)."""
        return dead_peers_table(self.found)

    @property
    def text(self) -> str:
        """How late the fault was noticed, what a beat costs, and who was held, as one sentence."""
        table = self.table
        late = (table["detected_s"] / table["interval_s"]).dropna()
        beats = table.groupby("strategy", sort=False)["bytes_per_beat"].median()
        costs = ", ".join(f"{strategy} {size:.0f}" for strategy, size in beats.items())
        held = int(table["held_s"].isna().sum())
        when = f"after {late.min():.1f} to {late.max():.1f} intervals" if len(late) else "never"
        return (
            f"The dead line was noticed in {len(late)} of {len(table)} cases, {when}; bytes for a beat: {costs}; "
            f"the server still held {held} of the {len(table)} dead connections in the end."
        )

    def figure(self) -> go.Figure:
        """Draw the time to notice against the bytes an hour."""
        return figure_dead_peers(self.table)


def dead_peer(
    intervals_s: Sequence[float] = (0.2, 0.5, 1.0), *, repeats: int = 2, seed: int = 1, progress: bool = True
) -> DeadPeers:
    """Let idle connections die without a word, and see which heartbeat notices, when, and at what cost.

    A relay swallows everything from a random moment on (``BlackHole``). The strategies are comments on an event
    stream, pings of the server, pings of the client, and a message that the server's program answers. The costs are
    those of the socket: TCP and IP add 40 bytes and more to each piece, and to its acknowledgement.

    Two things do not show here. The relay's own system acknowledges what the server sends; where nobody does, TCP
    gives up by itself, on Linux after about 15 minutes (``tcp_retries2`` in the kernel's ``ip-sysctl`` text). And a
    proxy that speaks WebSocket itself may answer pings, as a proxy built on tornado does: then a ping reaches the
    proxy, and only a message reaches the program behind it (RFC 6455 5.5.2 makes a pong the duty of the endpoint
    that gets the ping).

    Args:
        intervals_s: The times between two beats to try, each 0.05 to 60 s. The lab's own is 15 s.
        repeats: How often each is tried, 1 to 100, with another moment of the fault.
        seed: Chooses the moments.
        progress: Show a progress bar.

    Returns:
        Times, bytes for each beat and hour, and how long the server held the dead connection.

    Raises:
        InputError: A setting is out of its range.
    """
    if not (isinstance(repeats, int) and 1 <= repeats <= 100 and intervals_s):
        raise InputError("repeats: a whole number from 1 to 100; intervals_s: at least one.")
    for interval_s in intervals_s:
        check_interval(interval_s)
    rounds = [(interval_s, seed + repeat) for interval_s in intervals_s for repeat in range(repeats)]
    found: list[DeadPeer] = []
    with ProgressBar(progress) as bar, start_lab("dead peer, silent", heartbeat_s=NEVER_S) as silent:
        for done, (interval_s, chosen) in enumerate(rounds):
            bar.tell(done, len(rounds), f"a beat every {interval_s:g} s")
            guards = Guards(idle_timeout_s=SILENCE * interval_s)
            with start_lab("dead peer", heartbeat_s=interval_s, guards=guards) as beating:
                found += notice_dead_peer(beating, silent, interval_s, seed=chosen)
    return DeadPeers(found)
