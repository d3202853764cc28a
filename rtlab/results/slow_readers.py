"""``slow_readers()``: what a server can do for readers who pause, and what that costs the others."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.experiments.slow_readers import pause_readers
from rtlab.figures.slow_readers import figure_slow_readers
from rtlab.findings.slow_readers import SlowReading
from rtlab.results.measured import Measured
from rtlab.results.progress import ProgressBar
from rtlab.servers.backpressure import POLICIES
from rtlab.tables.serving import slow_readers_table


class SlowReaders(Measured):
    """What everybody got while some readers paused, under each policy.

    Args:
        found: One for each transport, policy and repeat.
    """

    def __init__(self, found: Sequence[SlowReading]) -> None:
        self.found = tuple(found)

    @property
    def table(self) -> pd.DataFrame:
        """One row a transport and policy (``describe("slow_readers")``)."""
        return slow_readers_table(self.found)

    @property
    def text(self) -> str:
        """What each policy did, both transports together, as one sentence."""
        table = self.table
        parts = []
        for policy, rows in table.groupby("policy", sort=False):
            means = rows[["got_per_s", "paused_got", "paused_missed", "cut"]].mean()
            fate = f"{means['cut']:.3g} of {rows['paused'].iloc[0]} were cut" if means["cut"] else "nobody was cut"
            parts.append(
                f"{policy}: the others got {means['got_per_s']:,.0f} a second in the pause, one who paused "
                f"{means['paused_got']:,.0f} of {rows['sent'].iloc[0]:,} with {means['paused_missed']:,.0f} left "
                f"out, {fate}"
            )
        return (
            f"{'; '.join(parts)}; due were {table['due_per_s'].iloc[0]:,.0f} a second, and the server's memory "
            f"grew by {table['server_bytes'].max() / 1e6:.2f} MB at most."
        )

    def figure(self) -> go.Figure:
        """Draw the ages of the good readers' messages, and the fate of those of one who paused."""
        return figure_slow_readers(self.table)


def slow_readers(
    policies: Sequence[str] = POLICIES,
    *,
    readers: int = 20,
    slow: int = 2,
    pause_s: float = 1.5,
    rate_per_s: float = 1_000.0,
    payload_bytes: int = 4_096,
    kept_bytes: int = 65_536,
    repeats: int = 3,
    progress: bool = True,
) -> SlowReaders:
    """Let some readers pause while messages go to all, under each policy of the server, over both transports.

    Neither protocol knows what its client has read. TCP does: when the buffers of both systems are full, some
    megabytes, it takes no more from the server. What the server does then is its policy
    (:mod:`rtlab.servers.backpressure`): it gives up the others' time, some messages, or the connection.

    Args:
        policies: Any of ``"wait"``, ``"drop_oldest"``, ``"latest"`` and ``"disconnect"``.
        readers: How many readers there are in all, 2 to 200.
        slow: How many of them pause, at least 1 and fewer than all.
        pause_s: For how long, 0.1 to 10; one that is too short only fills the buffers of the systems.
        rate_per_s: How many messages are due each second, 10 to 10,000.
        payload_bytes: Size of each, 20 to 65,536.
        kept_bytes: What the server may keep for one subscriber, from 1,024.
        repeats: How often each is tried, 1 to 100.
        progress: Show a progress bar.

    Returns:
        What the others got and how late, what those got who paused, who was cut, and the server's memory.

    Raises:
        InputError: A setting is out of its range.
        LabError: A message came twice, out of order or damaged; or a process failed.
        WaitTimeout: The readers did not end in time.
    """
    with ProgressBar(progress) as bar:
        found = pause_readers(
            policies,
            readers=readers,
            slow=slow,
            pause_s=pause_s,
            rate_per_s=rate_per_s,
            payload_bytes=payload_bytes,
            kept_bytes=kept_bytes,
            repeats=repeats,
            progress=bar.tell,
        )
    return SlowReaders(found)
