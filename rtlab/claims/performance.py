"""Experiments for the claims on performance: C54 to C58, and C62.

Rates are measured between servers and clients in processes of their own; the lab serves the rest.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from rtlab.claims.evidence import Evidence, Experiment
from rtlab.experiments.broken_benchmarks import BENCHMARKS
from rtlab.experiments.files import size_limits, transfer_files
from rtlab.experiments.message_overhead import message_costs
from rtlab.experiments.speeds import measure_joined, measure_speeds
from rtlab.experiments.upstream import WAYS, push_only
from rtlab.results.broken import broken
from rtlab.results.effects import factors
from rtlab.results.files import Files
from rtlab.results.speeds import Rates, client_note
from rtlab.servers.lab import Lab

_LIBRARIES = ("rtlab", "tornado")
_PARSER = "client's parser"
_FACTORS = ("joining", "TLS", _PARSER, "Nagle's algorithm")
_SIZES_BYTES = (1, 1_024, 65_536, 1_048_576)
_FILES_BYTES = (1_000, 100_000, 4_000_000)
_PUSHED = 50_000
_ANSWER_BYTES = 0.1
"""Who answers messages sends a frame or a request for each; a heartbeat comes to far less than this."""
_GAIN = 1.5
"""Joining is what makes the rate if it brings half as much again, at least."""
_CONSIDERABLE = 0.1
"""From a tenth on, an overhead is called considerable."""


def perform_alike(lab: Lab) -> Evidence:
    """C54: send the same over both, at full speed, with two server libraries. The lab is not needed."""
    findings, numbers, told = [], {}, ""
    for library in _LIBRARIES:
        rates = Rates(measure_speeds([32], [50], seconds=0.3, repeats=3, library=library))
        row = rates.ratios.iloc[0]
        findings.append(str(row["finding"]))
        numbers[f"WebSocket by SSE, {library}"] = float(row["ratio"])
        told += f" {library}: {row['finding']} (WebSocket by SSE {row['ratio']:.2f}).{client_note(rates.cases)}"
    return Evidence(
        "C54",
        judge_alike(findings),
        f"Deliveries a second at full speed, 32 bytes to 50 connections.{told}",
        numbers,
    )


def judge_alike(findings: Sequence[str]) -> str:
    """Judge from what was found with each library: always alike, always the same one ahead, or it depends."""
    if all(finding.startswith("alike") for finding in findings):
        return "holds"
    ahead = {finding for finding in findings if finding.endswith("leads")}
    return "wrong" if len(ahead) == 1 and all(finding in ahead for finding in findings) else "needs measuring"


def no_limit_built_in(lab: Lab) -> Evidence:
    """C55: send messages of 1 byte to 1 MiB, and count what each costs beside itself."""
    costs = message_costs(lab, _SIZES_BYTES)
    ways = ("SSE event, no id", "WebSocket, server", "SSE event, base64", "WebSocket, binary")
    beside = {(each.carrier, each.payload_bytes): each.wire_bytes - each.payload_bytes for each in costs}
    small = {way: beside[way, _SIZES_BYTES[0]] for way in ways}
    large = {way: beside[way, _SIZES_BYTES[-1]] / _SIZES_BYTES[-1] for way in ways}
    return Evidence(
        "C55",
        judge_limits(tuple(small.values()), tuple(large.values())),
        f"All sizes up to 1 MiB went through, but not alike. Beside a message of one byte: "
        f"{'; '.join(f'{way} {count} bytes' for way, count in small.items())}. Of 1 MiB, base64 in events adds "
        f"{large['SSE event, base64']:.0%}, a binary frame {large['WebSocket, binary']:.4%}.",
        {f"beside 1 byte, {way}": count for way, count in small.items()}
        | {f"share of 1 MiB, {way}": share for way, share in large.items()},
    )


def judge_limits(small_bytes: Collection[int], large_shares: Collection[float]) -> str:
    """Judge from the overheads of a small and of a large message, one for each way.

    No way has a largest size here, so the claim is not wrong. But a built-in cost that differs between the ways is
    a limit of its own: it takes a part of each connection.
    """
    nothing = not any(small_bytes) and not any(large_shares)
    differ = len(set(small_bytes)) > 1 or max(large_shares) >= _CONSIDERABLE
    return "holds" if nothing or not differ else "imprecise"


def fire_and_forget(lab: Lab) -> Evidence:
    """C56: push 50,000 messages and count bytes from client to server; then let messages leave together."""
    pushed = {way: push_only(lab, way, _PUSHED) for way in WAYS}
    runs = {
        (each.way, each.join): each.runs
        for each in measure_joined([1, 16], connections=20, payload_bytes=32, seconds=0.2, repeats=2, ages=False)
    }
    gains = {
        way: min(b.deliveries_per_s / a.deliveries_per_s for a, b in zip(runs[way, 1], runs[way, 16], strict=True))
        for way in WAYS
    }
    back = {way: each.bytes_up for way, each in pushed.items()}
    return Evidence(
        "C56",
        judge_answers(back["sse"] / _PUSHED, back["websocket"] / _PUSHED, gains.values()),
        f"While {_PUSHED:,} messages came, the clients sent {back['sse']} bytes over SSE and {back['websocket']} "
        f"over WebSocket, where each ping of the server's heartbeat gets a pong of 6. With 16 messages in one send "
        f"came at least {gains['sse']:.1f} and {gains['websocket']:.1f} times as many.",
        {f"bytes_up {way}": count for way, count in back.items()}
        | {f"received {way}": each.received for way, each in pushed.items()}
        | {f"least gain {way}": gain for way, gain in gains.items()},
    )


def judge_answers(up_each_sse: float, up_each_websocket: float, gains: Collection[float]) -> str:
    """Judge from the bytes that a client sent for each message, and from the gain of joining for each way."""
    answers = up_each_websocket >= _ANSWER_BYTES
    if answers and up_each_sse < _ANSWER_BYTES:
        return "holds"
    return "wrong" if not answers and min(gains) >= _GAIN else "needs measuring"


def only_the_client(lab: Lab) -> Evidence:
    """C57: change one factor at a time: joining, TLS, the client's parser, Nagle. The lab is not needed."""
    effects = factors(_FACTORS, ("websocket",), seconds=0.3, repeats=3, progress=False)
    ratios = {row["factor"]: float(row["ratio"]) for row in effects.table.to_dict("records")}
    told = ", ".join(f"{factor} {ratio:,.{0 if ratio >= 10 else 2}f}" for factor, ratio in ratios.items())
    return Evidence(
        "C57",
        judge_factors(effects.clear),
        f"Times as long as without the change: {told}. Beyond doubt: {', '.join(effects.clear) or 'none'}.",
        ratios,
    )


def judge_factors(clear: Collection[str]) -> str:
    """Judge from the factors whose effect is beyond doubt."""
    if any(factor != _PARSER for factor in clear):
        return "wrong"
    return "holds" if clear else "needs measuring"


def own_tests(lab: Lab) -> Evidence:
    """C58: run five benchmarks, each with a fault, and see whether their own figures give the faults away."""
    failed = {}
    for number, fault in enumerate(BENCHMARKS, start=1):
        checks = broken(lab, number).validity
        failed[fault] = frozenset(checks.loc[~checks["passed"], "check"])
    everywhere = frozenset.intersection(*failed.values())  # says something of this machine, not of a fault
    signs = {fault: sorted(checks - everywhere) for fault, checks in failed.items()}
    told = "; ".join(f"{fault}: {', '.join(names) or 'nothing'}" for fault, names in signs.items())
    return Evidence(
        "C58",
        judge_tests([bool(names) for names in signs.values()]),
        f"What gave away the fault of each benchmark, by the checks that failed – {told}. Own runs reveal it; "
        f"believed without a check, they would mislead.",
        {f"signs of {fault}": len(names) for fault, names in signs.items()},
    )


def judge_tests(revealed: Collection[bool]) -> str:
    """Judge from which of the faults the runs themselves revealed."""
    return "holds" if all(revealed) else "imprecise" if any(revealed) else "wrong"


def files_cost(lab: Lab) -> Evidence:
    """C62: send files of rising size over both ways, and find the limits."""
    found = transfer_files(_FILES_BYTES, repeats=1)
    files = Files(found, size_limits(lab))
    more = {f"{each.way}, {each.size_bytes:,} B": each.wire_bytes / each.size_bytes - 1 for each in found}
    return Evidence(
        "C62",
        judge_overheads(tuple(more.values())),
        files.text,
        {f"overhead {what}": share for what, share in more.items()}
        | {f"memory {each.way}, {each.size_bytes:,} B": each.memory_bytes for each in found}
        | {f"limit {each.end}": each.largest_bytes for each in files.limits}
        | {f"close code {each.end}": each.close_code for each in files.limits},
    )


def judge_overheads(shares: Collection[float]) -> str:
    """Judge from the overhead of each way and size: considerable for all, for none, or it depends."""
    considerable = [share >= _CONSIDERABLE for share in shares]
    return "holds" if all(considerable) else "needs measuring" if any(considerable) else "wrong"


EXPERIMENTS: dict[str, Experiment] = {
    "C54": perform_alike,
    "C55": no_limit_built_in,
    "C56": fire_and_forget,
    "C57": only_the_client,
    "C58": own_tests,
    "C62": files_cost,
}
"""What can be tried."""
