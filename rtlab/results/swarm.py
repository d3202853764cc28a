"""``swarm()``: many lean clients in processes of their own, against any event stream or WebSocket."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab import clock
from rtlab.errors import InputError
from rtlab.figures.load import figure_load_latency, figure_load_seconds
from rtlab.findings.load import LoadProgress, LoadReport
from rtlab.findings.swarm import SwarmTotals
from rtlab.load.client import OPEN_TIMEOUT_S
from rtlab.load.cluster import ClusterEngine
from rtlab.load.crew import CLOSE_S, DRAIN_S
from rtlab.load.engine import Engine, ProcessEngine
from rtlab.load.histogram import Times
from rtlab.load.merge import latency_points, make_report, swarm_seconds, swarm_totals
from rtlab.load.plan import LoadPlan
from rtlab.load.saved import load_report, save_report
from rtlab.results.consent import ask_consent
from rtlab.results.direction import Finding
from rtlab.results.progress import ProgressBar
from rtlab.surroundings import machine, place
from rtlab.tables.load import (
    load_connections_table,
    load_latency_table,
    load_seconds_table,
    load_table,
    load_validity_table,
    load_workers_table,
)
from rtlab.tables.schema import TRANSPORT_NAMES
from rtlab.tables.statistics import milliseconds
from rtlab.tables.validity import is_valid

_SPARE_S = 10.0
_FIGURES = ("seconds", "latency")


class Swarm(Finding):
    """What a swarm saw.

    Args:
        report: What its workers found.
    """

    def __init__(self, report: LoadReport) -> None:
        self.report = report

    @cached_property
    def totals(self) -> SwarmTotals:
        """The swarm's sums."""
        return swarm_totals(self.report)

    @property
    def table(self) -> pd.DataFrame:
        """The whole swarm in one row (``describe("load")``)."""
        return load_table(self.totals)

    @cached_property
    def seconds(self) -> pd.DataFrame:
        """One row a second (``describe("load_seconds")``)."""
        return load_seconds_table(swarm_seconds(self.report))

    @cached_property
    def latency(self) -> pd.DataFrame:
        """One row a percentile (``describe("load_latency")``); none if no message had a stamp."""
        return load_latency_table(latency_points(self.report))

    @cached_property
    def connections(self) -> pd.DataFrame:
        """One row a connection (``describe("load_connections")``), those of lost workers left out."""
        return load_connections_table(self.report)

    @cached_property
    def workers(self) -> pd.DataFrame:
        """One row a worker (``describe("load_workers")``), lost ones too."""
        lags = {
            share.number: Times([share.lags] * bool(share.lags)).percentiles_ms((50, 99))
            for share in self.report.shares
        }
        return load_workers_table(self.report, lags)

    @cached_property
    def validity(self) -> pd.DataFrame:
        """One row a check: may these figures be believed? (``describe("validity")``)."""
        return load_validity_table(self.totals)

    @property
    def valid(self) -> bool:
        """True if every check passed."""
        return is_valid(self.validity)

    @property
    def failed_checks(self) -> list[str]:
        """The names of the checks that did not pass."""
        report = self.validity
        return [str(name) for name in report.loc[~report["passed"].astype(bool), "check"]]

    @property
    def conditions(self) -> dict[str, str | int | float | bool]:
        """Machine, versions and date."""
        return self.report.conditions

    @property
    def dull(self) -> list[str]:
        """What a swarm that only listens has not."""
        return [] if self.totals.planned else ["sent", "missing"]

    @property
    def text(self) -> str:
        """What happened, as one sentence, and what to bear in mind."""
        totals = self.totals
        name = TRANSPORT_NAMES[totals.transport]
        parts = [f"{totals.opened:,} of {totals.connections:,} {name} connections opened"]
        if totals.planned:
            parts.append(f"{totals.sent:,} of {totals.planned:,} messages were sent")
        parts.append(f"{totals.messages:,} arrived ({totals.messages_per_s:,.0f} a second)")
        if totals.planned:
            parts.append(_missing_in_words(totals))
        if totals.p50_ms is None or totals.p99_ms is None:
            parts += ["without a stamp, so their age is not known"] * bool(totals.messages)
        else:
            parts.append(
                f"half of them within {milliseconds(totals.p50_ms)}, 99 % within {milliseconds(totals.p99_ms)}"
                + f" (each ± {milliseconds(totals.clock_error_ms)}, for several clocks)"
                * bool(totals.clock_error_ms)
            )
        care = (
            f" Handle with care, these checks failed: {'; '.join(self.failed_checks)}."
            if self.failed_checks
            else ""
        )
        return f"{', '.join(parts)}.{care}"

    def figure(self, kind: str = "seconds") -> go.Figure:
        """Draw the result.

        Args:
            kind: ``"seconds"`` for rate and latency over time, ``"latency"`` for the curve of percentiles.

        Raises:
            InputError: There is no such figure, or no message had a stamp.
        """
        if kind == "seconds":
            return figure_load_seconds(self.seconds, self.totals.transport, valid=self.valid)
        if kind == "latency":
            return figure_load_latency(self.latency, self.totals.transport, valid=self.valid)
        raise InputError(f"There is no figure {kind!r}; there are {', '.join(_FIGURES)}.")

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write all that the workers found to a JSON file; an older file is replaced when the new one is complete.

        Raises:
            RecordingError: The file cannot be written.
        """
        return save_report(self.report, path)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read a swarm that was saved.

        Raises:
            RecordingError: The file is missing, damaged, or of a later format.
        """
        return cls(load_report(path))


def swarm(
    url: str,
    *,
    connections: int = 100,
    seconds: float = 10.0,
    rate_per_s: float | None = None,
    payload_bytes: int = 64,
    ramp_up_s: float = 1.0,
    publish_url: str = "",
    workers: int | None = None,
    sample: float = 0.01,
    headers: Sequence[tuple[str, str]] = (),
    ca_pem: str = "",
    consent: bool = False,
    cluster: Any = None,
    progress: bool = True,
) -> Swarm:
    """Open many connections to a server, and count what comes; with a rate, send messages, too.

    Without ``rate_per_s`` the swarm only listens. With it, it sends messages over its WebSockets, or by POST to
    ``publish_url``, each when it is due, whatever became of those before; latency counts from the moment when it
    was due. Messages that a server on this machine stamped, as ``rtlab serve --stamp`` does, have a latency as
    well; others are only counted. WebSockets offer no compression.

    What should have come back and did not is counted, once it shows where the server sends what it gets: to the
    sender (an echo), to all, or to all others. If nothing comes back at all, or the swarm only listens, it is not
    known. Messages count as missing that have not come when nothing has come any more for half a second, or ten
    seconds after the end.

    Args:
        url: An event stream (http, https) or a WebSocket (ws, wss).
        connections: How many clients, 1 to 1,000,000.
        seconds: How long is measured, above 0 to 86,400.
        rate_per_s: Messages that the swarm sends a second in all; None to listen only.
        payload_bytes: Size of each message sent, from 36 to 1,048,576.
        ramp_up_s: Over how many seconds the connections open, 0 to 3,600; measuring begins half a second later.
        publish_url: Where messages are POSTed; empty to send them over the WebSockets.
        workers: In how many processes the clients live; None for all cores but one, or the whole cluster.
        sample: The share of the connections that are checked in full, above 0 to 1; at least one a worker is.
        headers: Further header fields of the opening requests and the POSTs.
        ca_pem: An authority to trust instead of the system's, as ``lab.ca_pem``.
        consent: True if you may load a server that is not on this machine.
        cluster: A ``distributed.Client``: the workers run on its Dask cluster instead of this machine. See
            :mod:`rtlab.load.cluster` for how to get one.
        progress: Show a progress bar.

    Returns:
        Tables, figures, and whether they may be believed.

    Raises:
        InputError: A setting cannot work, or a URL names another machine and ``consent`` is not given; or the
            cluster cannot do it.
        MissingExtra: ``cluster`` is given, and Dask is not installed.
    """
    plan = LoadPlan(
        url,
        connections,
        seconds,
        rate_per_s,
        payload_bytes,
        ramp_up_s,
        publish_url,
        sample,
        tuple((name, value) for name, value in headers),
        ca_pem,
    )
    ask_consent(url, publish_url, consent=consent)
    engine, most = choose_engine(cluster)
    shares = plan.shares(most if workers is None else workers)
    timeout_s = plan.begin_s + seconds + 2 * OPEN_TIMEOUT_S + DRAIN_S + CLOSE_S + _SPARE_S
    conditions = place.conditions()
    if cluster is not None:
        conditions["cluster_workers"] = len(shares)
    with ProgressBar(progress, unit="s") as bar:
        results = engine.run(shares, _teller(bar, plan), timeout_s)
    return Swarm(make_report(plan, conditions, results))


def choose_engine(cluster: Any) -> tuple[Engine, int]:
    """Tell where a swarm runs, and in how many workers if nobody says.

    Args:
        cluster: A ``distributed.Client``; None for this machine.

    Raises:
        InputError: It is something else, or has no workers that can be used.
        MissingExtra: Dask is not installed.
    """
    if cluster is None:
        return ProcessEngine(), max(1, machine.cores() - 1)
    engine = ClusterEngine(cluster)
    return engine, len(engine.addresses)


def _teller(bar: ProgressBar, plan: LoadPlan) -> Callable[[LoadProgress], None]:
    start_ns, total_s = clock.now_ns(), math.ceil(plan.begin_s + plan.seconds)

    def tell(now: LoadProgress) -> None:
        done_s = min(total_s, int((clock.now_ns() - start_ns) / 1e9))
        failed = f", {now.failed:,} failed" if now.failed else ""
        bar.tell(done_s, total_s, f"{now.opened:,} opened{failed}, {now.messages:,} messages")

    return tell


def _missing_in_words(totals: SwarmTotals) -> str:
    if totals.missing is None or totals.expected is None:
        if totals.returns == "nothing":
            return "nothing of it came back, so it is not known what is missing"
        return "what is missing is not known, for a worker was lost"
    missing = f"{totals.missing:,} of {totals.expected:,}" if totals.missing else "none"
    return f"{missing} missing (the server sends each {totals.returns})"
