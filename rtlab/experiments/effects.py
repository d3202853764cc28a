"""One factor at a time: what does it change in the time that a message takes?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rtlab.errors import InputError
from rtlab.experiments.cases import Case, Progress, run_in_turns
from rtlab.experiments.nagle import two_writes_us
from rtlab.experiments.parsers import PARSERS, decode_us
from rtlab.experiments.speeds import TRANSPORTS
from rtlab.findings.performance import FactorEffect

BASE_BYTES = 1_024
BASE_CONNECTIONS = 10
_SERVED: dict[str, tuple[str, dict[str, object], tuple[str, ...]]] = {
    "server library": ("rtlab → tornado, as in its documentation", {"library": "tornado"}, TRANSPORTS),
    "message size": ("1 KiB → 16 KiB", {"payload_bytes": 16_384}, TRANSPORTS),
    "joining": ("1 → 16 messages in a send", {"join": 16}, TRANSPORTS),
    "TLS": ("without → with", {"tls": True}, TRANSPORTS),
    "proxy": ("none → a relay", {"proxy": True}, TRANSPORTS),
    "compression": ("none → permessage-deflate", {"compress": True}, ("websocket",)),
    "chunked coding": ("with → without", {"http_1_0": True}, ("sse",)),
}
_PARSER, _NAGLE = "client's parser", "Nagle's algorithm"
FACTORS = (*_SERVED, _PARSER, _NAGLE)


def measure_effects(
    factors: Sequence[str] = FACTORS,
    transports: Sequence[str] = TRANSPORTS,
    *,
    seconds: float = 0.4,
    repeats: int = 3,
    progress: Progress | None = None,
) -> tuple[FactorEffect, ...]:
    """Change one thing after the other, and measure each change beside the base case.

    The base case is rtlab's own server in a process of its own, 10 connections, 1 KiB, no TLS, no compression.

    Args:
        factors: Any of :data:`FACTORS`.
        transports: ``"sse"``, ``"websocket"`` or both.
        seconds: Length of each run, 0.1 to 30.
        repeats: How often each is measured, 1 to 100.
        progress: Called with runs done, runs in all and what is on.

    Returns:
        One for each change and transport that has it.

    Raises:
        InputError: A factor or a transport is unknown, or a setting is out of its range.
        LabError: A process could not do its part.
    """
    if not factors or not set(factors) <= set(FACTORS) or not transports or not set(transports) <= set(TRANSPORTS):
        raise InputError(f"factors: any of {', '.join(FACTORS)}; transports: any of {', '.join(TRANSPORTS)}.")
    effects = []
    served = [name for name in factors if name in _SERVED]
    bases = [Case(way, BASE_CONNECTIONS, BASE_BYTES) for way in transports]
    changes = [(name, base) for base in bases for name in served if base.way in _SERVED[name][2]]
    changed = [replace(base, **_SERVED[name][1]) for name, base in changes]  # type: ignore[arg-type]  # of the fields
    if changed:
        runs = run_in_turns([*bases, *changed], seconds=seconds, repeats=repeats, progress=progress)
        times = [tuple(1e6 / run.deliveries_per_s for run in each) for each in runs]
        base_us = dict(zip(transports, times, strict=False))
        for (name, base), changed_us in zip(changes, times[len(bases) :], strict=True):
            what = _SERVED[name][0]
            effects.append(FactorEffect(name, base.way, what, "time per delivery", base_us[base.way], changed_us))
    if _PARSER in factors:
        effects += [_parser_effect(way, repeats) for way in transports]
    if _NAGLE in factors and "websocket" in transports:
        pairs = [(two_writes_us(True), two_writes_us(False)) for _ in range(repeats)]
        without, held = zip(*pairs, strict=True)
        effects.append(
            FactorEffect(_NAGLE, "websocket", "off → on, two writes a message", "median age", without, held)
        )
    return tuple(effects)


def _parser_effect(way: str, repeats: int) -> FactorEffect:
    ours, other = PARSERS[way]
    pairs = [[decode_us(way, parser, payload_bytes=BASE_BYTES) for parser in (ours, other)] for _ in range(repeats)]
    own_us, others_us = zip(*pairs, strict=True)
    return FactorEffect(_PARSER, way, f"{ours} → {other}", "time to decode", own_us, others_us)
