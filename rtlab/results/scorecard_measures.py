"""From the results of the course to the numbers of the scorecard: what each result says of both sides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import pandas as pd

from rtlab.clock import date_utc
from rtlab.errors import InputError
from rtlab.findings.scorecard import Measure
from rtlab.results.attacks import Attacks
from rtlab.results.comparison import Comparison
from rtlab.results.direction import Exchange, Outages
from rtlab.results.documents import Documents
from rtlab.results.idle import IdleCosts
from rtlab.results.league import League
from rtlab.results.load_tools import ToolRuns
from rtlab.results.messages import Overheads
from rtlab.results.postman import Postman
from rtlab.results.programs import Programs
from rtlab.results.protocol import SetUp

_SIDES = ("sse", "websocket")


def measures_of(result: object) -> list[Measure]:
    """Take the numbers of both sides out of a result.

    Args:
        result: A result of one of the known kinds, or a ``Measure`` of the learner's own.

    Returns:
        The measures; none if the result does not have both sides.

    Raises:
        InputError: This kind of result says nothing for the scorecard.
    """
    if isinstance(result, Measure):
        return [result]
    for kind, take in _TAKERS.items():
        if isinstance(result, kind):
            return take(result)
    known = ", ".join(kind.__name__ for kind in _TAKERS)
    raise InputError(
        f"The scorecard knows nothing to take from a {type(result).__name__}. It knows {known}, Measure."
    )


def _measure(
    category: str,
    name: str,
    values: dict[Any, Any],
    unit: str,
    better: Literal["lower", "higher"] = "lower",
    **more: Any,
) -> list[Measure]:
    if any(pd.isna(values.get(side)) for side in _SIDES):
        return []
    day = str(more.pop("date", date_utc()))[:10]
    sse, websocket = float(values["sse"]), float(values["websocket"])
    return [Measure(category, name, sse, websocket, better, unit, day, **more)]


def _exchange(result: Exchange) -> list[Measure]:
    rows = result.table.set_index("way")
    rows.index = rows.index.str.replace("sse+post", "sse", regex=False)
    found = []
    if (rows["up_sent"] > 0).any():
        total = rows["bytes_up"] + rows["bytes_down"]
        found += _measure("Communication Direction", "connections", rows["connections"].to_dict(), "connections")
        found += _measure("Communication Direction", "requests", rows["requests"].to_dict(), "requests")
        found += _measure("Communication Direction", "bytes of the conversation", total.to_dict(), "bytes")
    return found


def _set_up(result: SetUp) -> list[Measure]:
    table = result.table
    plain = table[~table["secure"].astype(bool)].groupby("way")["wire_bytes"].sum()
    secure = table[table["secure"].astype(bool)].groupby("way")["wire_bytes"].sum()
    return [
        *_measure("Underlying Protocol", "bytes until the first message", plain.to_dict(), "bytes"),
        *_measure("Underlying Protocol", "the same over TLS", secure.to_dict(), "bytes"),
    ]


def _attacks(result: Attacks) -> list[Measure]:
    naive = [each for each in result.attempts if each.target == "naive"]
    if not all(any(each.transport == side for each in naive) for side in _SIDES):
        return []
    # Families, not attempts: how many attempts there are of one family is our choice.
    values = {
        side: len({each.family for each in naive if each.succeeded and each.transport == side}) for side in _SIDES
    }
    return _measure("Security", "kinds of attack that a naive server lets through", values, "kinds")


def _outages(result: Outages) -> list[Measure]:
    lost = result.table.set_index("way")["lost"].to_dict()
    return _measure("Simplicity", "messages lost when the line is cut", lost, "messages")


def _programs(result: Programs) -> list[Measure]:
    lines = result.table.groupby("protocol")[["lines", "passed"]].sum()
    return [
        *_measure("Simplicity", "lines of client and server, all levels", lines["lines"].to_dict(), "lines"),
        *_measure("Simplicity", "faults survived", lines["passed"].to_dict(), "faults", "higher"),
    ]


def _comparison(result: Comparison) -> list[Measure]:
    medians = result.summary.groupby("transport", observed=True)["median_ms"].first().to_dict()
    runs = result.runs.groupby("transport", observed=True)["bytes_down_per_message"].mean().to_dict()
    date = result.conditions.get("date_utc", date_utc())
    if not {*_SIDES} <= medians.keys():
        return []
    care = "" if result.valid else f"failed checks: {'; '.join(result.failed_checks)}"
    alike = result.difference().verdict == "no clear difference"
    return [
        *_measure("Performance", "median latency", medians, "ms", date=date, care=care, alike=alike),
        *_measure("Message Structure", "bytes for each message received", runs, "bytes", date=date),
    ]


def _idle(result: IdleCosts) -> list[Measure]:
    rows = result.table
    own = rows[rows["library"] == "rtlab"].set_index("way")["bytes_each"].to_dict()
    return _measure("Performance", "memory of an idle connection", own, "bytes")


def _overheads(result: Overheads) -> list[Measure]:
    found = []
    for kind, carriers in (
        ("text", ("SSE event", "WebSocket, server")),
        ("binary", ("SSE event, base64", "WebSocket, binary")),
    ):
        rows = result.details[result.details["kind"] == kind]
        if rows.empty:
            continue
        small = rows[rows["payload_bytes"] == rows["payload_bytes"].min()].set_index("carrier")["wire_bytes"]
        values = {side: small.get(carrier) for side, carrier in zip(_SIDES, carriers, strict=True)}
        found += _measure("Message Structure", f"bytes on the wire for a small {kind} message", values, "bytes")
    return found


def _league(result: League) -> list[Measure]:
    tried = result.table[result.table["vectors"] > 0]
    percent = (100 * (tried["failed"] == 0).groupby(tried["protocol"]).mean()).to_dict()
    date = tried["date_utc"].max() if len(tried) else date_utc()
    return _measure("Ease of Adoption", "libraries that fail no test stream", percent, "%", "higher", date=date)


def _tools(result: ToolRuns) -> list[Measure]:
    fine = [run for run in result.runs if not run.problem]
    if not all(any(run.transport == side for run in fine) for side in _SIDES):
        return []
    single = {side: sum(run.single for run in fine if run.transport == side) for side in _SIDES}
    date = max(run.date for run in fine)
    return _measure("Tooling", "load tools that see single messages", single, "tools", "higher", date=date)


def _documents(result: Documents) -> list[Measure]:
    channels = [each["address"] for each in result.asyncapi["channels"].values() if each.get("messages")]
    events = [path for path, item in result.openapi["paths"].items() if "itemSchema" in str(item)]
    values = {
        side: sum(any(each.startswith(path) for each in described) for described in (channels, events))
        for side, path in (("sse", "/sse/"), ("websocket", "/ws/"))
    }
    return _measure("Tooling", "document formats that describe each message", values, "formats", "higher")


def _postman(result: Postman) -> list[Measure]:
    most = {"sse": 0, "websocket": 0}
    for step in result.steps:
        side = "websocket" if step.collection == "WebSocket" else "sse"
        most[side] = max(most[side], step.tests)
    if not any(most.values()):
        return []
    return _measure("Tooling", "tests that Postman's programs run without a screen", most, "tests", "higher")


_TAKERS: dict[type, Callable[[Any], list[Measure]]] = {
    Exchange: _exchange,
    SetUp: _set_up,
    Attacks: _attacks,
    Outages: _outages,
    Programs: _programs,
    Comparison: _comparison,
    IdleCosts: _idle,
    Overheads: _overheads,
    League: _league,
    ToolRuns: _tools,
    Documents: _documents,
    Postman: _postman,
}
