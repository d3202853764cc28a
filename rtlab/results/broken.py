"""``broken()``: benchmarks that cannot be believed, as an exercise in finding out why."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.errors import InputError
from rtlab.experiments.broken_benchmarks import BENCHMARKS, SOUND, run_benchmark
from rtlab.figures.summary import figure_summary
from rtlab.records import Recording
from rtlab.results.comparison import Comparison
from rtlab.results.direction import Finding
from rtlab.servers.lab import Lab
from rtlab.surroundings import place
from rtlab.tables.schema import check
from rtlab.tables.statistics import milliseconds

FAULTS = (*BENCHMARKS, SOUND)
"""The fault of each number, from 1 on."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What there is to find out.

    Attributes:
        name: Its name.
        check: The validity check that shows it; empty if there is none to show.
        why: Why it makes the figures false, and how to do better.
    """

    name: str
    check: str
    why: str


_FAULTS = {
    fault.name: fault
    for fault in (
        Fault(
            "survivors only",
            "every message has its row",
            "The line broke in every run. The EventSource came back and fetched what it had missed, late; the "
            "WebSocket did not come back, and what it lost was left out. Who loses the slow ones looks quick. Keep "
            "a row for each message that was planned, and count a lost one as one that takes for ever.",
        ),
        Fault(
            "closed loop",
            "latency counts from the plan",
            "Each message waited for the arrival of the one before, so a server that stands still is never asked "
            "anything while it does. Users do not wait for one another. Send on a schedule, and count from the "
            "scheduled time.",
        ),
        Fault(
            "timing the close",
            "runs ended with their last message",
            "The clock went on until the line was settled again. A WebSocket that is cut is over at once; an "
            "EventSource waits for its reconnection time and comes back. That is no time of delivery. Stop the "
            "clock at the last message, and close afterwards.",
        ),
        Fault(
            "no warm-up",
            "the first messages were warm",
            "The first messages were due while the clients connected, so they count the handshakes. Those are "
            "worth measuring, but on their own: here the length of a run decides which part of it they spoil. "
            "Open first, send a few messages that do not count, and only then start the clock.",
        ),
        Fault(
            "server-side clock",
            "messages arrived after they were sent",
            "Each message counted as received when the server had handed it over. The way, and the client, are "
            "not in the figure at all; a client that is gone would get the same times. Take the time where the "
            "message arrives.",
        ),
        Fault(SOUND, "", "it counts every message from its scheduled time to its arrival, warm and in turns."),
    )
}


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether a fault was named rightly; it is true if so.

    Attributes:
        right: True if it was.
        text: Why.
    """

    right: bool
    text: str

    def __bool__(self) -> bool:
        return self.right

    def __repr__(self) -> str:
        return f"{'Right' if self.right else 'No'}: {self.text}"


class BrokenBenchmark(Finding):
    """What one of the benchmarks says, and what shows that it must not be believed.

    Args:
        fault: Its fault.
        recording: What it noted.
    """

    def __init__(self, fault: str, recording: Recording) -> None:
        self.recording = recording
        self._fault = _FAULTS[fault]
        self._comparison = Comparison(recording)

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a transport, as the author would publish it (``describe("published")``)."""
        runs, medians = self._comparison.runs, self._comparison.summary.set_index("transport")
        totals = runs.groupby("transport", observed=True)[["delivered", "duration_s"]].sum()
        found = medians[["median_ms", "p95_ms", "max_ms"]]
        rates = (totals["delivered"] / totals["duration_s"]).rename("messages_per_s")
        return check(found.join(rates).reset_index(), "published")

    @property
    def text(self) -> str:
        """What its author claims."""
        rows: dict[str, dict[str, float]] = self.table.set_index("transport").astype(float).to_dict("index")  # type: ignore[assignment]
        sse, websocket = rows["sse"], rows["websocket"]
        slow_sse, slow_websocket = milliseconds(sse["p95_ms"]), milliseconds(websocket["p95_ms"])
        medians = sorted((sse["median_ms"], websocket["median_ms"]))
        match self._fault.name:
            case "survivors only":
                return (
                    f"On a bad line take WebSocket: 95 of 100 of its messages were there within {slow_websocket}, "
                    f"those of SSE within {slow_sse}."
                )
            case "closed loop":
                longest = milliseconds(float(self.table["max_ms"].max()))
                return f"There are no outliers: not one message of SSE or WebSocket took longer than {longest}."
            case "timing the close":
                return (
                    f"WebSocket carries {websocket['messages_per_s']:.0f} messages a second, "
                    f"SSE only {sse['messages_per_s']:.0f}."
                )
            case "no warm-up":
                return (
                    f"Neither is fit for a game: the median looks good with {milliseconds(medians[0])}, "
                    f"but 5 of 100 messages took longer than {slow_sse} (SSE) or {slow_websocket} (WebSocket)."
                )
            case "server-side clock":
                return f"Both deliver at once: the medians are {' and '.join(map(milliseconds, medians))}."
        return self._comparison.difference().text

    @property
    def validity(self) -> pd.DataFrame:
        """One row a check: may these figures be believed? (``describe("validity")``)."""
        return self._comparison.validity

    @property
    def valid(self) -> bool:
        """True if every check passed."""
        return self._comparison.valid

    def figure(self) -> go.Figure:
        """Draw the medians as the author would: without a word on whether they are valid."""
        return figure_summary(self._comparison.summary)

    def check(self, name: str) -> Judgement:
        """Say whether a fault is the one that was planted.

        Args:
            name: One of ``"survivors only"``, ``"closed loop"``, ``"timing the close"``, ``"no warm-up"``,
                ``"server-side clock"`` and ``"nothing"``.

        Raises:
            InputError: There is no such fault.
        """
        asked = _FAULTS.get(name.strip().lower())
        if asked is None:
            raise InputError(f"There is no fault {name!r}; there are {', '.join(sorted(_FAULTS))}.")
        if asked == self._fault:
            return Judgement(True, f"{self._evidence(asked)}{asked.why}")
        # On a noisy machine a check may fail without the fault; that would be no evidence.
        evidence = "" if asked.check in self._comparison.failed_checks else self._evidence(asked)
        return Judgement(False, f"{evidence}Look for a check that fails whatever the machine does, in .validity.")

    @property
    def answer(self) -> str:
        """The name of the fault."""
        return self._fault.name

    def _evidence(self, fault: Fault) -> str:
        if not fault.check:
            return ""
        row = self.validity.set_index("check").loc[fault.check]
        verdict = "passed" if row["passed"] else "failed"
        return (
            f"the check {fault.check!r} {verdict} ({row['measured']:.3g} {row['unit']}, limit {row['limit']:g}). "
        )


def broken(lab: Lab, number: int) -> BrokenBenchmark:
    """Run a benchmark that has a fault: SSE against WebSocket on your own machine.

    Read its claim and its figures, look at ``.validity``, name the fault with ``.check("closed loop")``, and read
    the reason. ``.answer`` gives it away.

    Args:
        lab: The running lab, with ids and the usual ``retry_ms``; better one in a process of its own.
        number: 1 to 5. Number 6 is sound, to compare with.

    Returns:
        What the benchmark says. It takes some seconds.

    Raises:
        InputError: There is no such number, or the lab is made otherwise.
        LabNotRunning: The lab was stopped.
    """
    if number not in range(1, len(FAULTS) + 1):
        raise InputError(f"number: 1 to {len(BENCHMARKS)}; {len(FAULTS)} is a benchmark without a fault.")
    fault = FAULTS[number - 1]
    return BrokenBenchmark(fault, run_benchmark(lab, fault, place.conditions()))
