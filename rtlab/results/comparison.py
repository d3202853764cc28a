"""``compare()``: record, then table, then figure; and ``live()``, the same with a chart that moves."""

from __future__ import annotations

import os
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types
from IPython.display import display

from rtlab.errors import InputError
from rtlab.experiments.compare import record
from rtlab.figures.latency import figure_latency
from rtlab.figures.summary import figure_bytes, figure_summary
from rtlab.recordings import load_recording, save_recording
from rtlab.records import Recording
from rtlab.results.html_table import html_table
from rtlab.results.progress import ProgressBar
from rtlab.servers.lab import Lab
from rtlab.surroundings import place
from rtlab.tables.build import connections_table, deliveries_table, runs_table
from rtlab.tables.statistics import Difference, difference, half_width, summary
from rtlab.tables.validity import is_valid, validity
from rtlab.widgets.live import LiveChart
from rtlab.widgets.predict import Predict
from rtlab.workload import Workload

ALL_TRANSPORTS = ("sse", "websocket", "long-polling", "polling")
_FIGURES = ("summary", "latency", "bytes")


class Comparison:
    """What a comparison found: tables, figures, and whether they may be believed.

    Args:
        recording: What was seen.
    """

    def __init__(self, recording: Recording) -> None:
        self.recording = recording

    @property
    def conditions(self) -> dict[str, str | int | float | bool]:
        """Machine, versions, route and date."""
        return self.recording.conditions

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a message and connection, lost ones included (``describe("deliveries")``)."""
        return deliveries_table(self.recording)

    @cached_property
    def runs(self) -> pd.DataFrame:
        """One row a run (``describe("runs")``)."""
        return runs_table(self.recording)

    @cached_property
    def connections(self) -> pd.DataFrame:
        """One row a connection, with its requests and bytes (``describe("connections")``)."""
        return connections_table(self.recording)

    @cached_property
    def summary(self) -> pd.DataFrame:
        """One row a transport: medians with intervals, percentiles, losses (``describe("summary")``)."""
        return summary(self.table)

    @cached_property
    def validity(self) -> pd.DataFrame:
        """One row a check: may these figures be believed? (``describe("validity")``)."""
        return validity(self.recording)

    @property
    def valid(self) -> bool:
        """True if every check passed."""
        return is_valid(self.validity)

    def difference(self, a: str = "sse", b: str = "websocket") -> Difference:
        """Say which of two transports is faster, or that these runs cannot tell.

        Args:
            a: A transport of this comparison.
            b: Another one.
        """
        return difference(self.table, a, b)

    def figure(
        self, kind: str = "summary", *, guess: Predict | float | None = None, guess_for: str = "websocket"
    ) -> go.Figure:
        """Draw the result.

        Args:
            kind: ``"summary"`` for medians with intervals, ``"latency"`` for the whole distribution,
                ``"bytes"`` for what a message costs on the wire.
            guess: The learner's prediction in milliseconds, drawn over the result; an unanswered one is not drawn.
            guess_for: The transport that the guess is about.

        Raises:
            InputError: There is no such figure.
        """
        value = guess.value if isinstance(guess, Predict) else guess
        drawn = {guess_for: float(value)} if isinstance(value, int | float) else None
        if kind == "summary":
            return figure_summary(self.summary, guess_ms=drawn, valid=self.valid)
        if kind == "latency":
            return figure_latency(self.table, guess_ms=drawn, valid=self.valid)
        if kind == "bytes":
            return figure_bytes(self.runs)
        raise InputError(f"There is no figure {kind!r}; there are {', '.join(_FIGURES)}.")

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the recording to a JSON file.

        Raises:
            RecordingError: The file cannot be written.
        """
        return save_recording(self.recording, path)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read a comparison that was saved.

        Raises:
            RecordingError: The file is missing, damaged, or of a later format.
        """
        return cls(load_recording(path))

    @property
    def failed_checks(self) -> list[str]:
        """The names of the checks that did not pass."""
        report = self.validity
        return [str(name) for name in report.loc[~report["passed"].astype(bool), "check"]]

    def __repr__(self) -> str:
        return f"{self.summary.round(3).to_string(index=False)}\n{self.verdict}"

    @property
    def statements(self) -> list[str]:
        """What was found, one sentence each."""
        present = set(self.table["transport"].astype(str))
        lines = [self.difference().text] if {"sse", "websocket"} <= present and self._one_client() else []
        return [*lines, self.stopping] if self.stopping else lines

    @property
    def verdict(self) -> str:
        """What may be said, and whether it may be believed; one sentence a line."""
        failed = "; ".join(self.failed_checks)
        care = f"Handle with care, these checks failed: {failed}." if failed else "Every validity check passed."
        return "\n".join([*self.statements, care])

    @property
    def stopping(self) -> str:
        """Why the rounds ended, as one sentence; empty if no precision was asked for."""
        wanted, stopped = self.conditions.get("precision"), self.conditions.get("stopped")
        if wanted is None:
            return ""
        rounds = int(self.runs["repeat"].max()) + 1
        told = f"{rounds} round{'s' * (rounds != 1)}"
        if stopped == "enough":
            return f"After {told} every interval is within {_percent(wanted)} of its median."
        wide = half_width(self.summary)
        still = f"still {_percent(wide)} of its median to each side" if np.isfinite(wide) else "still without ends"
        bound = "the time was up" if stopped == "most_s" else "no more were allowed"
        return (
            f"Stopped after {told} because {bound}: the widest interval is {still}, "
            f"and {_percent(wanted)} was asked for. These runs cannot tell the medians so exactly."
        )

    def _one_client(self) -> bool:
        return bool((self.summary["transport"].value_counts() <= 1).all())

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        verdict = "".join(f"<p>{escape(line)}</p>" for line in self.verdict.splitlines())
        # Columns that say nothing here would push those that matter out of sight.
        dull = [name for name in ("lost", "duplicated") if not self.summary[name].any()]
        dull += ["client"] * self._one_client() + ["runs", "expected"]
        table = html_table(self.summary.drop(columns=dull).round(3), "Table: latency by transport")
        bundle: dict[str, Any] = {"text/plain": repr(self), "text/html": f"{table}{verdict}"}
        return bundle


def _percent(part: Any) -> str:
    return f"{100 * float(part):,.3g} %"


def compare(
    lab: Lab,
    workload: Workload | None = None,
    transports: tuple[str, ...] = ALL_TRANSPORTS,
    *,
    repeats: int = 5,
    precision: float | None = None,
    max_repeats: int = 30,
    most_s: float = 300.0,
    connections: int = 1,
    polling_interval_s: float = 0.25,
    pin: bool = True,
    progress: bool = True,
) -> Comparison:
    """Send one workload over several transports, in turns, and measure what arrives.

    A measured run draws nothing; the progress bar moves between runs only.

    With ``precision`` the rounds go on until every interval is narrow enough, or a bound is reached; then the
    verdict says what could not be told. Only the width decides, never who is ahead: whoever stops when the
    difference looks good finds one where there is none.

    Args:
        lab: The running lab; ``start_lab("bench", isolated=True)`` keeps the kernel out of the figure.
        workload: What is sent, and when; 20 messages a second for 5 s if left out.
        transports: Any of ``"sse"``, ``"websocket"``, ``"long-polling"``, ``"polling"``,
            ``"sse/sseclient-py"``, ``"websocket/websocket-client"``.
        repeats: How often each has its turn; 3 is the least for a verdict, and its interval is wide. With
            ``precision`` the least.
        precision: Half the width of each median's 95 % interval by the median, such as 0.1 for 10 %; above 0.
        max_repeats: With ``precision``, the most rounds, from ``repeats`` to 1,000.
        most_s: With ``precision``, no round begins that would probably end later, in seconds.
        connections: How many clients receive at once.
        polling_interval_s: Pause between two requests of short polling.
        pin: Keep this process and that of an isolated lab on different cores, where the system allows it.
        progress: Show a progress bar.

    Returns:
        Tables, figures and a validity report.

    Raises:
        InputError: A setting is out of its range.
        LabNotRunning: The lab was stopped.
    """
    if precision is not None and not 0 < precision < 10:
        raise InputError("precision: above 0, such as 0.1 for an interval of 10 % to both sides of the median.")
    kept = place.conditions() | ({} if precision is None else {"precision": precision})

    def is_narrow(recording: Recording) -> bool:
        return precision is None or half_width(summary(deliveries_table(recording))) <= precision

    with ProgressBar(progress) as bar:
        recording = record(
            lab,
            workload or Workload(),
            tuple(transports),
            repeats=repeats,
            enough=None if precision is None else is_narrow,
            max_repeats=max_repeats,
            most_s=most_s,
            connections=connections,
            polling_interval_s=polling_interval_s,
            pin=pin,
            conditions=kept,
            progress=bar.tell,
        )
    return Comparison(recording)


def live(
    lab: Lab, workload: Workload | None = None, transports: tuple[str, ...] = ("sse", "websocket")
) -> Comparison:
    """Send one workload over each transport, one after the other, and watch it arrive.

    The chart costs time of its own, so this is for looking: the validity report says that it was drawn.

    Args:
        lab: The running lab.
        workload: What is sent, and when; 20 messages a second for 3 s if left out.
        transports: See :func:`compare`.

    Returns:
        Tables and figures of the same run.

    Raises:
        InputError: A setting is out of its range.
        LabNotRunning: The lab was stopped.
    """
    load = workload or Workload(rate_per_s=20, count=60)
    chart = LiveChart(
        list(transports),
        "The same messages, live",
        "time since the start (s)",
        "latency (ms)",
        panels=True,
        max_points=load.count,
    )
    display(chart)  # type: ignore[no-untyped-call]  # IPython leaves it unannotated

    def watch(name: str, since_start_ns: int, latency_ns: int) -> None:
        chart.add(name, since_start_ns / 1e9, latency_ns / 1e6)

    try:
        recording = record(lab, load, tuple(transports), repeats=1, conditions=place.conditions(), watch=watch)
    finally:
        chart.finish()
    return Comparison(recording)
