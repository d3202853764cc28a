"""Experiments for the claims on load tools: C71, C72, C73, C74. Three of them need the tools themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from rtlab.claims.evidence import Evidence, Experiment
from rtlab.errors import MissingExtra
from rtlab.exports.gatling import gatling_script
from rtlab.exports.jmeter import jmeter_script
from rtlab.exports.k6 import k6_script
from rtlab.exports.locust import locust_script
from rtlab.exports.scenario import Scenario
from rtlab.findings.tools import ToolRun
from rtlab.results.load_tools import run
from rtlab.results.sse_perf import sse_perf
from rtlab.servers.lab import Lab
from rtlab.tools.catalogue import find_tool
from rtlab.tools.java import JavaTool
from rtlab.tools.kept import shipped_runs

_MESSAGES, _RATE_PER_S = 20, 20.0
_STREAMS = 20
_WRITERS: dict[str, Callable[[Scenario], str]] = {
    "k6": k6_script,
    "gatling": gatling_script,
    "jmeter": jmeter_script,
    "locust": locust_script,
}
NEEDS = {"C71": ("gatling", "jmeter"), "C73": ("k6",), "C74": tuple(_WRITERS)}
"""The tools that each claim needs; the others need none."""
BEST = frozenset({"gatling", "k6"})
"""Who gives the best experience, as the article has it."""


def has_tools(claim_id: str) -> bool:
    """Tell whether the tools that a claim needs are installed."""
    try:
        for name in NEEDS.get(claim_id, ()):
            find_tool(name).find()
    except MissingExtra:
        return False
    return True


def both_support_both(lab: Lab) -> Evidence:
    """C71: run JMeter and Gatling over both, and look whether their archives have the protocols built in."""
    runs = {name: _runs(lab, name) for name in NEEDS["C71"]}
    built_in = {name: _built_in(name) for name in runs}
    seen = {name: all(each.single and each.agrees for each in made) for name, made in runs.items()}
    words = {name: "built in" if inside else "by scripts only" for name, inside in built_in.items()}
    return Evidence(
        "C71",
        judge_support(seen, built_in),
        f"Gatling saw {_counts(runs['gatling'])} ({words['gatling']}); JMeter {_counts(runs['jmeter'])} "
        f"({words['jmeter']}).",
        {f"{each.tool} {each.transport}": float(each.messages or 0) for made in runs.values() for each in made},
    )


def judge_support(seen: Mapping[str, bool], built_in: Mapping[str, bool]) -> str:
    """Judge C71: holds if each tool sees both and has both built in; imprecise if some need scripts for it."""
    if not all(seen.values()):
        return "wrong"
    return "holds" if all(built_in.values()) else "imprecise"


def a_load_tool_for_streams(lab: Lab) -> Evidence:
    """C72: load event streams as sse-perf did, and look whether its charts come out; nobody can build it now."""
    found = sse_perf(lab, streams=_STREAMS, ramp_up_s=1.0, seconds=3.0, rate_per_s=_RATE_PER_S, progress=False)
    table = found.table
    chunks, streams = int(table["chunks_per_s"].max()), int(table["streams"].max())
    wanted = _STREAMS * _RATE_PER_S
    transport = found.swarm.totals.transport
    fine = transport == "sse" and streams == _STREAMS and abs(chunks - wanted) <= 0.2 * wanted
    return Evidence(
        "C72",
        "holds" if fine else "wrong",
        f"A ramp to {streams} event streams and no other transport gave {chunks} chunks in a second, and bytes "
        "beside them: what sse-perf drew.",
        {"streams": streams, "chunks_per_s": chunks, "kb_per_s": float(table["kb_per_s"].max())},
    )


def sockets_only(lab: Lab) -> Evidence:
    """C73: run k6 over both; a k6 with the extension for event streams is a run of this day, or a kept one."""
    made = {each.transport: each for each in _runs(lab, "k6")}
    kept = [each for each in shipped_runs() if each.tool == "k6 with xk6-sse" and each.transport == "sse"]
    extended = next((each for each in kept if each.single and each.agrees), None)
    built_in = made["sse"].single
    finding = (
        f"k6 {made['sse'].version} saw {made['websocket'].messages} single messages of a WebSocket; it "
        f"{'saw an event stream event by event' if built_in else 'read an event stream as a finished download'}."
    )
    if extended:
        finding += f" With the extension xk6-sse k6 {extended.version} saw {extended.messages} single events."
    return Evidence(
        "C73",
        judge_k6(made["websocket"], built_in=built_in, extended=extended is not None),
        finding,
        {"websocket": float(made["websocket"].messages or 0), "sse": float(made["sse"].messages or 0)},
    )


def judge_k6(socket: ToolRun, *, built_in: bool, extended: bool) -> str:
    """Judge C73: outdated if some k6 sees single events now; it holds if none does."""
    if not (socket.single and socket.agrees):
        return "wrong"
    return "outdated" if built_in or extended else "holds"


def the_best_experience(lab: Lab) -> Evidence:
    """C74: run four tools over both, and rank them by what can be counted."""
    runs = {name: _runs(lab, name) for name in _WRITERS}
    shape = Scenario("http://any/", "ws://any/")
    live = {name: -sum(each.single and bool(each.agrees) for each in made) for name, made in runs.items()}
    seconds = {name: sum(each.seconds for each in made) for name, made in runs.items()}
    lines = {name: len(write(shape).splitlines()) for name, write in _WRITERS.items()}
    best = {
        "transports seen message by message": two_best(live),
        "time for the two runs": two_best(seconds),
        "lines of script": two_best(lines),
    }
    told = "; ".join(f"{what}: {', '.join(sorted(names))}" for what, names in best.items())
    return Evidence(
        "C74",
        judge_best(list(best.values())),
        f"The best two or more by {told}. Experience and maturity cannot be counted.",
        {f"seconds {name}": value for name, value in seconds.items()}
        | {f"lines {name}": float(value) for name, value in lines.items()},
    )


def two_best(values: Mapping[str, float]) -> frozenset[str]:
    """Give the two with the smallest values, and all that are level with the second."""
    second = sorted(values.values())[1]
    return frozenset(name for name, value in values.items() if value <= second)


def judge_best(best: Sequence[frozenset[str]]) -> str:
    """Judge C74: holds if the article's two are the two best by every measure, wrong if neither is by any."""
    if all(names == BEST for names in best):
        return "holds"
    return "needs measuring" if any(names & BEST for names in best) else "wrong"


def _runs(lab: Lab, name: str) -> tuple[ToolRun, ...]:
    find_tool(name).find()  # a kept run is no evidence of today
    return run(lab, name, connections=3, messages=_MESSAGES, rate_per_s=_RATE_PER_S, progress=False).runs


def _built_in(name: str) -> bool:
    tool = find_tool(name)
    assert isinstance(tool, JavaTool)
    return {"sse", "websocket"} <= tool.protocols()


def _counts(made: Sequence[ToolRun]) -> str:
    return " and ".join(f"{each.messages} of {each.sent} messages over {each.transport}" for each in made)


EXPERIMENTS: dict[str, Experiment] = {
    "C71": both_support_both,
    "C72": a_load_tool_for_streams,
    "C73": sockets_only,
    "C74": the_best_experience,
}
