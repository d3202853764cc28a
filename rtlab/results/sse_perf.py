"""``sse_perf()``: the charts of sse-perf, a load tool of 2013 for event streams, made with rtlab's own swarm."""

from __future__ import annotations

import concurrent.futures
import secrets

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab import clock
from rtlab.errors import InputError
from rtlab.figures.tools import figure_sse_perf
from rtlab.load.merge import swarm_seconds
from rtlab.loop_thread import shared
from rtlab.results.direction import Finding
from rtlab.results.swarm import Swarm, swarm
from rtlab.servers.lab import Lab
from rtlab.tables.tools import sse_perf_table
from rtlab.workload import Workload

_SPARE_S = 5.0
_TIMEOUT_S = 10.0


class SsePerf(Finding):
    """Throughput and chunks second by second while event streams are opened.

    Args:
        found: The swarm that listened.
        rate_per_s: How many events a second each stream got.
    """

    def __init__(self, found: Swarm, rate_per_s: float) -> None:
        self.swarm = found
        self.rate_per_s = rate_per_s

    @property
    def table(self) -> pd.DataFrame:
        """One row a second (``describe("sse_perf")``), without the one that begins when the swarm ends."""
        report = self.swarm.report
        return sse_perf_table(each for each in swarm_seconds(report) if each.second < report.plan["seconds"])

    @property
    def text(self) -> str:
        """What came in the best second, as a sentence or two."""
        seconds = self.table
        most, streams = int(seconds["chunks_per_s"].max()), int(seconds["streams"].max())
        kb_per_s = float(seconds["kb_per_s"].max())
        care = "" if self.swarm.valid else " Handle with care: the swarm's validity report has failed checks."
        return (
            f"{streams} streams with {self.rate_per_s:g} events a second each: at most {most:,} chunks and "
            f"{kb_per_s:,.0f} kB came in one second.{care}"
        )

    def figure(self) -> go.Figure:
        """Draw streams, chunks and bytes second by second."""
        return figure_sse_perf(self.table)


def sse_perf(
    lab: Lab,
    *,
    streams: int = 100,
    ramp_up_s: float = 4.0,
    seconds: float = 4.0,
    rate_per_s: float = 35.0,
    payload_bytes: int = 200,
    progress: bool = True,
) -> SsePerf:
    """Open more and more event streams and watch throughput and chunks a second, as sse-perf did.

    sse-perf listened to a feed of some 35 short texts a second; so does this by default.

    Args:
        lab: The running lab.
        streams: How many streams in the end, 1 to 10,000.
        ramp_up_s: Over how many seconds they are opened, 0 to 60.
        seconds: How long all of them listen, above 0 to 60.
        rate_per_s: Events a second that each stream gets, above 0 to 1,000.
        payload_bytes: How large each event's data is, 11 to 65,536.
        progress: Show a progress bar.

    Returns:
        A table and a figure, second by second.

    Raises:
        InputError: A setting is out of its range.
    """
    if not (1 <= streams <= 10_000 and 0 <= ramp_up_s <= 60 and 0 < seconds <= 60 and 0 < rate_per_s <= 1_000):
        raise InputError("streams: 1 to 10,000; ramp_up_s: 0 to 60; seconds: 0 to 60; rate_per_s: 0 to 1,000.")
    count = max(1, round((ramp_up_s + seconds + _SPARE_S) * rate_per_s))
    workload = Workload(rate_per_s, count, payload_bytes)
    channel = f"perf.{secrets.token_hex(6)}"
    feed = shared.submit(lambda: lab.play(channel, workload, clock.now_ns()))
    try:
        found = swarm(
            lab.sse_url(channel),
            connections=streams,
            seconds=seconds,
            ramp_up_s=ramp_up_s,
            ca_pem=lab.ca_pem,
            progress=progress,
        )
    finally:
        feed.cancel()
        concurrent.futures.wait([feed], _TIMEOUT_S)
    if not feed.cancelled():
        feed.result(_TIMEOUT_S)  # it ended before: perhaps with an error, and then nothing came
    return SsePerf(found, rate_per_s)
