"""How fast can messages go, how old are they on arrival, and what does it bring to join them in one send?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product

from rtlab.errors import InputError
from rtlab.experiments.cases import Case, Progress, run_in_turns
from rtlab.findings.performance import Drained, JoinedSends

TRANSPORTS = ("sse", "websocket")
AGED_BYTES = 64


def measure_speeds(
    sizes_bytes: Sequence[int],
    connections: Sequence[int],
    *,
    seconds: float = 1.0,
    repeats: int = 3,
    library: str = "rtlab",
    progress: Progress | None = None,
) -> tuple[tuple[Drained, ...], ...]:
    """Let a server send as fast as all of its connections take it, over SSE and WebSocket in turns.

    Args:
        sizes_bytes: Sizes of the payloads, each from 11 to 1,048,576.
        connections: Numbers of connections, each from 1 to 10,000.
        seconds: Length of each window, 0.1 to 30.
        repeats: How often each is measured, 1 to 100.
        library: Which server, a key of :data:`rtlab.experiments.peer_servers.LIBRARIES`.
        progress: Called with pairs done, pairs in all and what is on.

    Returns:
        For each size, number of connections and transport the repeats.

    Raises:
        InputError: A setting is out of its range.
        LabError: A process could not do its part.
    """
    pairs = [
        [Case(way, number, size, library=library) for way in TRANSPORTS]
        for size, number in product(sizes_bytes, connections)
    ]
    found: list[tuple[Drained, ...]] = []
    for done, pair in _told(pairs, progress):
        found += run_in_turns(pair, seconds=seconds, repeats=repeats, progress=done)
    return tuple(found)


def measure_ages(
    rates_per_s: Sequence[float],
    connections: Sequence[int],
    *,
    seconds: float = 1.0,
    repeats: int = 3,
    progress: Progress | None = None,
) -> tuple[tuple[float, tuple[Drained, ...]], ...]:
    """Send on schedule, an open loop, and take the age of each message from the time when it was due.

    Args:
        rates_per_s: Messages a second on each connection, each above 0.
        connections: Numbers of connections, each from 1 to 10,000.
        seconds: Length of each window, 0.1 to 30.
        repeats: How often each is measured, 1 to 100.
        progress: Called with runs done, runs in all and what is on.

    Returns:
        For each rate, number of connections and transport the rate and the repeats.

    Raises:
        InputError: A setting is out of its range.
        LabError: A process could not do its part.
    """
    if not all(rate > 0 for rate in rates_per_s):
        raise InputError("rates_per_s: each above 0.")
    pairs = [
        [Case(way, number, AGED_BYTES, rate, stamp=True) for way in TRANSPORTS]
        for rate, number in product(rates_per_s, connections)
    ]
    found: list[tuple[float, tuple[Drained, ...]]] = []
    for done, pair in _told(pairs, progress):
        runs = run_in_turns(pair, seconds=seconds, repeats=repeats, progress=done)
        found += [(case.rate_per_s, each) for case, each in zip(pair, runs, strict=True)]
    return tuple(found)


def measure_joined(
    pending: Sequence[int],
    *,
    connections: int = 100,
    payload_bytes: int = 32,
    seconds: float = 1.0,
    repeats: int = 3,
    ages: bool = True,
    progress: Progress | None = None,
) -> tuple[JoinedSends, ...]:
    """Let several messages leave in one send, and measure the speed at full rate and the age in bursts.

    The bursts come 20 a second, and the age counts from the moment when the whole burst was due: once with each
    burst in one send, once with each message in a send of its own.

    Args:
        pending: How many leave together, each from 1 to 10,000; the first is what others are compared with.
        connections: How many receive, 1 to 10,000.
        payload_bytes: Size of each payload, 20 to 1,048,576.
        seconds: Length of each window, 0.1 to 30.
        repeats: How often each is measured, 1 to 100.
        ages: False measures the speed alone.
        progress: Called with runs done, runs in all and what is on.

    Returns:
        One for each transport and number.

    Raises:
        InputError: A setting is out of its range.
        LabError: A process could not do its part.
    """
    if not pending or not all(1 <= number <= 10_000 for number in pending) or payload_bytes < 20:
        raise InputError("pending: at least one number, each 1 to 10,000; payload_bytes: at least 20.")
    cases = [
        Case(way, connections, payload_bytes, join=number)
        for way in TRANSPORTS
        for number in dict.fromkeys(pending)
    ]
    bursts = [_burst(case, alone) for case in cases if case.join > 1 for alone in (False, True)]
    all_cases = cases + bursts * ages
    runs = run_in_turns(all_cases, seconds=seconds, repeats=repeats, progress=progress)
    found = dict(zip(all_cases, runs, strict=True))
    return tuple(
        JoinedSends(
            case.way, case.join, found[case], found.get(_burst(case, False), ()), found.get(_burst(case, True), ())
        )
        for case in cases
    )


def _burst(case: Case, alone: bool) -> Case:
    return replace(case, join=1, burst=case.join, alone=alone, stamp=True)


def _told(groups: Sequence[list[Case]], progress: Progress | None) -> Iterator[tuple[Progress, list[Case]]]:
    """Give each group with a progress of its own, which counts groups."""
    for number, group in enumerate(groups):

        def tell(done: int, total: int, text: str, number: int = number) -> None:
            if progress:
                progress(number * total + done, len(groups) * total, text)

        yield tell, group
