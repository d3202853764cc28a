"""``run()`` and ``compare()``: what load tools of others see of a lab, beside what it sent."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab import clock
from rtlab.errors import InputError, MissingExtra, RtlabError
from rtlab.exports.scenario import Scenario
from rtlab.figures.tools import figure_tools
from rtlab.findings.tools import ToolRun
from rtlab.load.histogram import Times
from rtlab.results.direction import Finding
from rtlab.results.progress import ProgressBar
from rtlab.results.swarm import Swarm, swarm
from rtlab.servers.lab import Lab
from rtlab.surroundings import place
from rtlab.tables.tools import tool_runs_table
from rtlab.tools.catalogue import TOOLS, find_tool
from rtlab.tools.kept import save_runs, shipped_runs
from rtlab.tools.run import run_tool
from rtlab.tools.sender import Sender

SWARM = "rtlab swarm"
"""What our own swarm is called among the tools."""
TRANSPORTS = ("sse", "websocket")
_SHAPE = Scenario("http://any/")
_RAMP_S = 0.3
_SWARM_LEAD_S = 2.5
"""A swarm measures from half a second after its ramp on; its workers need their time to start, too."""


class ToolRuns(Finding):
    """What one or several tools counted, beside what the lab sent.

    Args:
        runs: One for each tool and transport.
        missing: Tools that are not installed here.
    """

    def __init__(self, runs: Sequence[ToolRun], missing: Sequence[str] = ()) -> None:
        self.runs = tuple(runs)
        self.missing = tuple(missing)

    @property
    def table(self) -> pd.DataFrame:
        """One row a tool and transport (``describe("tool_runs")``)."""
        return tool_runs_table(self.runs)

    @property
    def dull(self) -> list[str]:
        """The outcome, if all ran now."""
        return ["outcome"] if set(self.table["outcome"]) == {"ran now"} else []

    @property
    def text(self) -> str:
        """Who sees single messages, who agrees with the lab, and what failed, in some sentences."""
        fine = [run for run in self.runs if not run.problem]
        parts = []
        for transport, name in (("sse", "events of a stream"), ("websocket", "messages of a WebSocket")):
            single = [run.tool for run in fine if run.transport == transport and run.single]
            whole = [run.tool for run in fine if run.transport == transport and not run.single]
            if single:
                parts.append(f"Single {name} were seen by {', '.join(single)}.")
            if whole:
                parts.append(f"Only the whole body was seen by {', '.join(whole)}.")
        wrong = [
            f"{run.tool} over {run.transport}: {run.messages} of {run.sent}" for run in fine if run.agrees is False
        ]
        counting = [run for run in fine if run.agrees is not None]
        if wrong:
            parts.append(f"Other counts than the lab's: {'; '.join(wrong)}.")
        elif counting:
            parts.append("Each tool that counts messages counted what the lab had sent.")
        failed = [f"{run.tool} over {run.transport}" for run in self.runs if run.problem]
        if failed:
            parts.append(f"No result: {', '.join(failed)}.")
        dates = sorted({run.date for run in fine if run.dated})
        if dates:
            parts.append(f"Runs that are kept from another day: {', '.join(dates)}.")
        parts += [f"{name} is not installed here; install it: {TOOLS[name].install}." for name in self.missing]
        return " ".join(parts)

    def figure(self) -> go.Figure:
        """Draw what each tool can tell of time."""
        return figure_tools(self.table)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the runs to a JSON file, with the machine and the day.

        Raises:
            RecordingError: The file cannot be written.
        """
        return save_runs(self.runs, place.conditions(), path)


def run(
    lab: Lab,
    tool: str,
    transport: str = "",
    *,
    connections: int = 5,
    messages: int = 40,
    rate_per_s: float = 20.0,
    payload_bytes: int = 64,
    progress: bool = True,
) -> ToolRuns:
    """Run one load tool against a lab, without a screen, and read its result.

    The lab waits until all connections are open, sends its messages to each, and ends the streams. Where the tool
    is not installed, the run that came with rtlab is shown, with its day.

    Args:
        lab: A running lab in this kernel, without TLS.
        tool: One of :func:`rtlab.tooling.tools`, or ``"rtlab swarm"``.
        transport: ``"sse"`` or ``"websocket"``; empty for all that the tool speaks.
        connections: How many connections, 1 to 10,000.
        messages: How many messages each gets, 1 to 100,000.
        rate_per_s: How many a second, above 0 to 10,000.
        payload_bytes: How large each is, 48 to 65,536.
        progress: Show a progress bar.

    Returns:
        What the tool counted, beside what the lab sent; ages on arrival where it can tell.

    Raises:
        InputError: There is no such tool, or a setting is out of its range.
        MissingExtra: The tool is not installed, and no run of it is kept; the text says how to install it.
        WaitTimeout: The tool did not end in time, and was killed.
        LabError: The tool failed, or its result is missing, unreadable or counts nothing.
    """
    shape = _shape(connections, messages, rate_per_s, payload_bytes)
    asked = (transport,) if transport else TRANSPORTS if tool == SWARM else tuple(find_tool(tool).sees)
    runs, missing = [], False
    with ProgressBar(progress) as bar:
        for done, each in enumerate(asked):
            bar.tell(done, len(asked), f"{tool}, {each}")
            try:
                runs.append(_run_one(lab, tool, each, shape))
            except MissingExtra:
                kept = [run for run in shipped_runs() if (run.tool, run.transport) == (tool, each)]
                if not kept:
                    raise
                runs += kept
                missing = True
    return ToolRuns(runs, (tool,) * missing)


def dated() -> ToolRuns:
    """Show the runs of all tools that came with rtlab, with their day; nothing is started.

    Raises:
        RecordingError: The file that came with rtlab is damaged.
    """
    return ToolRuns(shipped_runs())


def compare(
    lab: Lab,
    names: Sequence[str] = (SWARM, *TOOLS),
    *,
    connections: int = 5,
    messages: int = 40,
    rate_per_s: float = 20.0,
    payload_bytes: int = 64,
    kept: bool = True,
    progress: bool = True,
) -> ToolRuns:
    """Run several load tools and rtlab's own swarm on the same work, and put what they saw side by side.

    A tool that fails has a row that says why; one that is not installed has the run that came with rtlab.

    Args:
        lab: A running lab in this kernel, without TLS.
        names: Which ones; all of :func:`rtlab.tooling.tools` and ``"rtlab swarm"`` if left out.
        connections: How many connections, 1 to 10,000.
        messages: How many messages each gets, 1 to 100,000.
        rate_per_s: How many a second, above 0 to 10,000.
        payload_bytes: How large each is, 48 to 65,536.
        kept: Show kept runs of tools that are not here; False shows only that they are missing.
        progress: Show a progress bar.

    Returns:
        One table, one figure: who sees single messages, who can tell their age, whose count agrees.

    Raises:
        InputError: There is no such tool, or a setting is out of its range.
    """
    shape = _shape(connections, messages, rate_per_s, payload_bytes)
    sees = {name: TRANSPORTS if name == SWARM else tuple(find_tool(name).sees) for name in names}
    jobs = [(name, transport) for name in names for transport in sees[name]]
    old = {(run.tool, run.transport): run for run in shipped_runs()} if kept else {}
    runs: list[ToolRun] = []
    absent: list[str] = []
    with ProgressBar(progress) as bar:
        for done, (name, transport) in enumerate(jobs):
            bar.tell(done, len(jobs), f"{name}, {transport}")
            try:
                runs.append(_run_one(lab, name, transport, shape))
            except InputError:
                raise
            except RtlabError as error:
                missing = isinstance(error, MissingExtra) and (name, transport) in old
                runs.append(old[name, transport] if missing else _failed(name, transport, shape, error))
                if missing and name not in absent:
                    absent.append(name)
    return ToolRuns(runs, absent)


def _shape(connections: int, messages: int, rate_per_s: float, payload_bytes: int) -> Scenario:
    return replace(
        _SHAPE, connections=connections, messages=messages, rate_per_s=rate_per_s, payload_bytes=payload_bytes
    )


def _run_one(lab: Lab, name: str, transport: str, shape: Scenario) -> ToolRun:
    return _swarm(lab, transport, shape) if name == SWARM else run_tool(find_tool(name), lab, transport, shape)


def _swarm(lab: Lab, transport: str, shape: Scenario) -> ToolRun:
    """Let our own swarm listen to the same messages."""
    begin_ns = clock.now_ns()
    with Sender(lab, transport, shape, wait_s=30.0, settle_s=_SWARM_LEAD_S) as sender:
        work = sender.scenario
        seconds = shape.messages / shape.rate_per_s + _SWARM_LEAD_S
        found: Swarm = swarm(
            work.sse_url or work.ws_url,
            connections=shape.connections,
            seconds=seconds,
            ramp_up_s=_RAMP_S,
            progress=False,
        )
        sender.require_done()
        sent = sender.sent
    ages = Times(each.latencies for share in found.report.shares for each in share.seconds if each.latencies)
    p50_ms, p95_ms = ages.percentiles_ms((50, 95))
    return ToolRun(
        SWARM,
        str(place.conditions().get("rtlab", "")),
        transport,
        clock.date_utc()[:10],
        f"rtlab.swarm(URL, connections={shape.connections}, seconds={seconds:g}, ramp_up_s={_RAMP_S:g})",
        shape.connections,
        sent,
        found.totals.messages,
        single=True,
        p50_ms=p50_ms,
        p95_ms=p95_ms,
        seconds=round((clock.now_ns() - begin_ns) / 1e9, 2),
    )


def _failed(name: str, transport: str, shape: Scenario, error: RtlabError) -> ToolRun:
    date = clock.date_utc()[:10]
    return ToolRun(name, "", transport, date, "", shape.connections, 0, problem=" ".join(str(error).split()))
