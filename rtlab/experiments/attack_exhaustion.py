"""Can somebody use up a server: its memory, its descriptors, its patience?

Each attack meets three labs: one whose guard is as good as off, one with the guard, and one with the guards that
``start_lab()`` gives to every lab. A guard that waits is shorter in the second, so that nobody waits for long.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from rtlab.experiments.exhaustion_cases import CASES, ENDLESS, Case
from rtlab.experiments.weighing import Weighing, limit_descriptors
from rtlab.findings.attacks import Attempt, Target
from rtlab.findings.exhaustion import Exhaustion, Strike
from rtlab.servers.guards import Guards
from rtlab.servers.isolated import IsolatedServer
from rtlab.servers.lab import Lab, start_lab

FAMILY = "exhaustion"
PATIENCE_S = 20.0
"""Longer than a lab waits for a head or a body."""
_NAIVE_PATIENCE_S = 1.0
_AT_ONCE = 4
_STOP_S = 30.0
_numbers = itertools.count()


def attempts(patience_s: float = PATIENCE_S, cases: Sequence[Case] = CASES) -> tuple[Attempt, ...]:
    """Try each attack against its labs, several at a time.

    Args:
        patience_s: How long the attackers wait for a refusal. What the default lab refuses later than that is not
            tried against it: with 90 all are.
        cases: Which of :data:`CASES`.

    Returns:
        What came of them, the targets of one attack together.

    Raises:
        LabError: A lab did not serve at all.
    """
    wanted = [(case, target) for case in cases for target in targets(case, patience_s)]
    with ThreadPoolExecutor(_AT_ONCE, "rtlab attacker") as crew:
        tried = crew.map(lambda each: strike_at(each[0], each[1], patience_s), wanted)
        return tuple(attempt_of(*each, strike) for each, strike in zip(wanted, tried, strict=True))


def targets(case: Case, patience_s: float) -> tuple[Target, ...]:
    """Tell against which labs an attack can be tried here."""
    if case.descriptors and sys.platform != "linux":
        return ()
    tried: tuple[Target, ...] = ("naive", "fixed")
    return (*tried, "default lab") if case.default_s and case.default_s <= patience_s else tried


def strike_at(case: Case, target: Target, patience_s: float) -> Strike:
    """Start one lab, and attack it."""
    with attacked_lab(case, target, isolated=case.descriptors is not None) as lab:
        return case.strike(lab, _NAIVE_PATIENCE_S if target == "naive" else patience_s)


def weighed(case: Case, target: Target, patience_s: float) -> Exhaustion:
    """Attack a lab in a process of its own, and weigh that process meanwhile."""
    with attacked_lab(case, target, isolated=True) as lab:
        assert isinstance(lab.server, IsolatedServer) and lab.server.pid
        with Weighing(lab.server.pid) as weight:
            strike = case.strike(lab, _NAIVE_PATIENCE_S if target == "naive" else patience_s)
    return Exhaustion(
        attempt_of(case, target, strike),
        strike.bytes_up,
        strike.bytes_down,
        strike.refused_ns,
        weight.grown_bytes,
        weight.grown_descriptors,
    )


def attempt_of(case: Case, target: Target, strike: Strike) -> Attempt:
    """Write down what came of it."""
    return Attempt(
        case.attack,
        FAMILY,
        case.transport,
        target,
        strike.succeeded,
        strike.seen,
        strike.sent,
        strike.received,
        case.fix,
        case.spec,
    )


@contextmanager
def attacked_lab(case: Case, target: Target, *, isolated: bool) -> Iterator[Lab]:
    """Start the lab that an attack meets.

    Args:
        case: The attack.
        target: Which lab.
        isolated: Run it in a process of its own.

    Yields:
        The lab; it is stopped in the end.
    """
    options: dict[str, Any] = dict(case.options)
    if target == "default lab":
        options.pop("heartbeat_s", None)
    value = case.off if target == "naive" else case.tight if target == "fixed" else None
    changed: dict[str, Any] = {} if value is None else {case.guard: value}
    if case.guard == "spare_descriptors" and target == "naive":
        changed["max_silent_connections"] = ENDLESS
    lab = start_lab(
        f"attacked-{next(_numbers)}",
        isolated=isolated,
        guards=Guards(**changed),
        retry_ms=1_000,
        **options,
    )
    try:
        if case.descriptors and isinstance(lab.server, IsolatedServer) and lab.server.pid:
            limit_descriptors(lab.server.pid, case.descriptors)
        yield lab
    finally:
        lab.stop(_STOP_S)  # it may have much to clear away
