"""``sweep()``: a swarm for every combination of some numbers, again and again, kept as it goes."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any, Self

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab import clock
from rtlab.errors import InputError
from rtlab.figures.sweep import AXES, figure_sweep
from rtlab.findings.sweep import SweepCase, SweepRun
from rtlab.load.plan import LoadPlan
from rtlab.load.sweep_file import SweepFile, read_sweep
from rtlab.results.consent import ask_consent
from rtlab.results.direction import Finding
from rtlab.results.progress import ProgressBar
from rtlab.results.swarm import choose_engine, swarm
from rtlab.surroundings import place
from rtlab.tables.statistics import milliseconds
from rtlab.tables.sweep import sweep_runs_table, sweep_table

_MACHINE = ("cpu", "cores", "platform", "python", "rtlab")
"""Runs that differ in one of these do not belong into one sweep."""


class Sweep(Finding):
    """What the swarms of a sweep saw.

    Args:
        settings: What the sweep does, and on which machine.
        runs: The runs that are over.
        file: Where they are kept; None if nowhere.
    """

    def __init__(self, settings: Mapping[str, Any], runs: Sequence[SweepRun], file: Path | None = None) -> None:
        self.settings = dict(settings)
        self.runs = tuple(_newest(runs).values())
        self.file = file

    @property
    def planned(self) -> int:
        """How many runs the whole sweep has."""
        return len(_cases(self.settings)) * int(self.settings["repeats"])

    @property
    def failed(self) -> tuple[str, ...]:
        """Each run that failed or lost a worker, with the reason."""
        return tuple(
            f"{run.case}, run {run.repeat + 1}: {run.error or '; '.join(run.lost)}"
            for run in self.runs
            if run.error or run.lost
        )

    @property
    def table(self) -> pd.DataFrame:
        """One row a run (``describe("sweep_runs")``)."""
        return sweep_runs_table(self._transport, self.runs)

    @cached_property
    def summary(self) -> pd.DataFrame:
        """One row a combination, with intervals (``describe("sweep")``)."""
        return sweep_table(self._transport, self.runs)

    @property
    def dull(self) -> list[str]:
        """What a sweep that only listens has not."""
        return ["rate_per_s", "payload_bytes", "sent", "missing"] if self.settings["rate_per_s"] is None else []

    @property
    def text(self) -> str:
        """The extremes, what failed, and how to go on."""
        parts = [f"{len(self.runs)} of {self.planned} runs were made"]
        rows = self.summary.to_dict("records")
        if known := [row for row in rows if row["messages_per_s"] > 0]:
            most = max(known, key=lambda row: row["messages_per_s"])
            parts.append(f"most messages arrived with {_case_of(most)}: {most['messages_per_s']:,.0f} a second")
        if aged := sorted((row for row in rows if row["p99_ms"] > 0), key=lambda row: row["p99_ms"]):
            told = " and ".join(
                f"{milliseconds(row['p99_ms'])} {how} ({_case_of(row)})"
                for row, how in ((aged[0], "at best"), (aged[-1], "at worst"))
            )
            parts.append(f"99 % arrived within {told}")
        care = f" Handle with care: {' | '.join(self.failed)}." if self.failed else ""
        invalid = int(self.summary["invalid"].sum())
        care += f" {invalid} of the runs failed a check, see failed_checks." if invalid else ""
        return f"{'; '.join(parts)}.{care}{self._how_to_go_on}"

    def figure(self, by: str = "") -> go.Figure:
        """Draw arrivals and ages with their intervals.

        Args:
            by: What runs to the right: ``"connections"``, ``"rate_per_s"`` or ``"payload_bytes"``; empty for what
                has the most different values.

        Raises:
            InputError: There is nothing to draw, or ``by`` was not changed.
        """
        return figure_sweep(self.summary, by or max(AXES, key=lambda name: self.summary[name].nunique()))

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read a sweep from its file, complete or not.

        Raises:
            RecordingError: The file is missing, damaged, or of a later format.
        """
        return cls(*read_sweep(path), Path(path))

    @property
    def _transport(self) -> str:
        return "websocket" if str(self.settings["url"]).startswith("ws") else "sse"

    @property
    def _how_to_go_on(self) -> str:
        unmeasured = self.planned - sum(not run.error for run in self.runs)
        if not unmeasured:
            return ""
        missing = f"{unmeasured} run{'s are' if unmeasured > 1 else ' is'} missing"
        if self.file is None:
            return f" {missing}; give file=... next time, then a sweep can go on where it was stopped."
        return f" {missing}: call sweep() again with the same settings and file={str(self.file)!r}."


def sweep(
    url: str,
    *,
    connections: Sequence[int] = (10, 100),
    rate_per_s: Sequence[float] | None = None,
    payload_bytes: Sequence[int] = (64,),
    seconds: float = 5.0,
    repeats: int = 3,
    file: str | os.PathLike[str] | None = None,
    ramp_up_s: float = 1.0,
    publish_url: str = "",
    workers: int | None = None,
    sample: float = 0.01,
    headers: Sequence[tuple[str, str]] = (),
    ca_pem: str = "",
    consent: bool = False,
    cluster: Any = None,
    progress: bool = True,
) -> Sweep:
    """Run a swarm for every combination of connections, rate and size, all of them once and then again.

    A run that fails or loses a worker is kept and named, and the others go on. With ``file`` each run is on the
    disk before the next one begins: called again with the same settings, the sweep goes on where it was stopped,
    and tries again what failed. An interrupt ends the sweep and gives what is there. A lab that shall be found
    again needs a fixed port: ``start_lab(port=8765)``.

    Args:
        url: An event stream (http, https) or a WebSocket (ws, wss).
        connections: How many clients, as for :func:`~rtlab.results.swarm.swarm`.
        rate_per_s: Messages that the swarm sends a second in all; None to listen only.
        payload_bytes: Sizes of the messages sent.
        seconds: How long each run is measured, above 0 to 86,400.
        repeats: How often each combination is run, 1 to 1,000.
        file: Where the runs are kept, one line of JSON each; None to keep them in memory only.
        ramp_up_s: As for a swarm.
        publish_url: As for a swarm.
        workers: As for a swarm.
        sample: As for a swarm.
        headers: As for a swarm; they are not written to the file.
        ca_pem: As for a swarm; likewise.
        consent: True if you may load a server that is not on this machine.
        cluster: A ``distributed.Client`` of the cluster where the swarms run; None for this machine.
        progress: Show a progress bar.

    Returns:
        Tables, a figure with intervals, and what is still to be made.

    Raises:
        InputError: A setting cannot work, a URL names another machine and ``consent`` is not given, or the file is
            from a sweep with other settings.
        RecordingError: The file cannot be read or written, or is damaged.
        MissingExtra: ``cluster`` is given, and Dask is not installed.
    """
    changed = {"connections": connections, "rate_per_s": rate_per_s, "payload_bytes": payload_bytes}
    for name, values in changed.items():
        if isinstance(values, int | float):
            raise InputError(f"{name} is {values!r}; a sweep needs several in brackets, or one: ({values!r},).")
    fixed: dict[str, Any] = {
        "url": url,
        "seconds": seconds,
        "ramp_up_s": ramp_up_s,
        "publish_url": publish_url,
        "sample": sample,
    }
    secret: dict[str, Any] = {"headers": tuple((name, value) for name, value in headers), "ca_pem": ca_pem}
    conditions = place.conditions()
    settings = {
        **fixed,
        "connections": list(connections),
        "rate_per_s": None if rate_per_s is None else list(rate_per_s),
        "payload_bytes": list(payload_bytes),
        "repeats": repeats,
        "workers": workers,
        "on_cluster": cluster is not None,
        **{name: conditions.get(name) for name in _MACHINE},
    }
    cases = _cases(settings)
    if not cases or not 1 <= repeats <= 1_000:
        raise InputError("A sweep needs one number of each kind at least, and repeats from 1 to 1,000.")
    ask_consent(url, publish_url, consent=consent)
    choose_engine(cluster)
    for case in cases:
        LoadPlan(**fixed, **secret, **asdict(case))
    kept = SweepFile(file, settings) if file is not None else None
    made = _newest(kept.runs if kept else ())
    order = [(case, repeat) for repeat in range(repeats) for case in cases]
    how = {"workers": workers, "consent": consent, "cluster": cluster, "progress": False}
    with ProgressBar(progress) as bar:
        try:
            for done, (case, repeat) in enumerate(order):
                bar.tell(done, len(order), str(case))
                if (before := made.get((case, repeat))) and not before.error:
                    continue
                run = _run(case, repeat, fixed | secret | how)
                made[case, repeat] = run
                if kept:
                    kept.append(run)
        except KeyboardInterrupt:
            pass  # what is there is kept, and the result says how to go on
    return Sweep(settings, [made[each] for each in order if each in made], kept.path if kept else None)


def _run(case: SweepCase, repeat: int, settings: dict[str, Any]) -> SweepRun:
    date_utc = clock.date_utc()
    try:
        found = swarm(**settings, **asdict(case))
    except Exception as error:  # whatever it is, the other runs shall not suffer
        return SweepRun(case, repeat, date_utc, None, error=f"{type(error).__name__}: {error}")
    lost = tuple(failure.reason for failure in found.report.failures)
    return SweepRun(case, repeat, date_utc, found.totals, lost)


def _cases(settings: Mapping[str, Any]) -> list[SweepCase]:
    """Give all combinations, each once."""
    rates = [None] if settings["rate_per_s"] is None else settings["rate_per_s"]
    numbers = product(settings["connections"], rates, settings["payload_bytes"])
    return list(dict.fromkeys(SweepCase(*each) for each in numbers))


def _newest(runs: Sequence[SweepRun]) -> dict[tuple[SweepCase, int], SweepRun]:
    """Give each run once; one that failed may have been made again."""
    return {(run.case, run.repeat): run for run in runs}


def _case_of(row: Mapping[Any, Any]) -> SweepCase:
    rate = None if pd.isna(row["rate_per_s"]) else float(row["rate_per_s"])
    return SweepCase(int(row["connections"]), rate, int(row["payload_bytes"]))
