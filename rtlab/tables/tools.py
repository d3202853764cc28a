"""Runs of load tools, what the tools can see, and what is known of each, as tidy tables."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

import pandas as pd

from rtlab.findings.swarm import SwarmSecond
from rtlab.findings.tools import Ability, Support, ToolRun
from rtlab.tables.schema import rows_table

_AGREES = {True: "yes", False: "no", None: "cannot tell"}


def tool_runs_table(runs: Iterable[ToolRun]) -> pd.DataFrame:
    """List what each tool counted beside what the lab sent.

    Args:
        runs: The runs.

    Returns:
        The ``tool_runs`` table (``describe("tool_runs")``), one row a tool and transport.
    """
    rows = [
        {
            **{name: getattr(run, name) for name in ("tool", "version", "transport", "sent", "messages")},
            **{name: getattr(run, name) for name in ("p50_ms", "p95_ms", "answer_ms", "seconds")},
            "agrees": "" if run.problem else _AGREES[run.agrees],
            "sees": "" if run.problem else "single messages" if run.single else "the whole body",
            "outcome": run.problem or (f"kept from {run.date}" if run.dated else "ran now"),
        }
        for run in runs
    ]
    return rows_table(rows, "tool_runs")


def tool_abilities_table(abilities: Iterable[Ability]) -> pd.DataFrame:
    """List what each tool can see, and whether it is here (``describe("tool_abilities")``)."""
    return rows_table([asdict(ability) for ability in abilities], "tool_abilities")


def tool_support_table(systems: Iterable[Support]) -> pd.DataFrame:
    """List what is known of each system that the article names (``describe("tool_support")``)."""
    return rows_table([asdict(system) for system in systems], "tool_support")


def sse_perf_table(seconds: Iterable[SwarmSecond]) -> pd.DataFrame:
    """List streams, chunks and bytes second by second.

    Args:
        seconds: The seconds of a swarm on event streams, the ramp included.

    Returns:
        The ``sse_perf`` table (``describe("sse_perf")``), one row a second.
    """
    opened = 0
    rows: list[dict[str, object]] = []
    for each in seconds:
        opened += each.opened
        rows.append(
            {
                "second": each.second,
                "streams": opened,
                "chunks_per_s": each.messages,
                "kb_per_s": each.bytes_down / 1e3,
            }
        )
    return rows_table(rows, "sse_perf")
