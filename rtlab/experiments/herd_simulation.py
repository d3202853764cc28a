"""A herd that is larger than any machine here: the same clients and the same server in a discrete-event simulation.

What things cost is taken from a measured herd. Before it tells anything about a larger one, the simulation must
reproduce the measured one.

::

    client:  notice ─► wait ─► knock ─┬─ server down ────────► refused at once ─► wait, longer ...
                                      ├─ backlog full ───────► nobody answers ──► TCP asks again, then gives up
                                      └─ queue ─► handshake ─► back
"""

from __future__ import annotations

import random
from collections.abc import Generator, Sequence
from dataclasses import replace
from statistics import median
from typing import Self

import simpy

from rtlab.errors import InputError, RtlabError
from rtlab.experiments.herd import (
    ATTEMPT_TIMEOUT_S,
    DOWN_S,
    LATEST_S,
    SOONEST_S,
    STRATEGIES,
    common_costs,
    herd_return,
)
from rtlab.findings.herd import HerdCosts, HerdReturn

MOST_PROCESSES = 5_000
"""With more clients than this, each process of the simulation stands for several of them."""
PEAK_FACTOR = 2.0
"""The simulated peak is right if it is at most so many times as high, or as low."""
BACK_TOLERANCE = 0.25
"""The simulated time until 95 % are back may be off by this share."""
_TRIES = 5
"""Random strategies come out differently each time; the middle one of so many is compared."""
_TCP_ASKS_AGAIN_S = (1.0, 2.0)
"""Waits between the requests for a connection that nobody answers, as Linux sends them."""

Steps = Generator[simpy.Event, None, None]


class HerdSimulation:
    """Simulates how clients come back; made by :meth:`checked`, so that it has proved itself.

    Args:
        costs: What things cost.
    """

    def __init__(self, costs: HerdCosts) -> None:
        self.costs = costs

    @classmethod
    def checked(cls, measured: Sequence[HerdReturn], costs: Sequence[HerdCosts]) -> Self:
        """Simulate what was measured, each run with its own costs, and hold the two against each other.

        Args:
            measured: How a real herd came back, one for each strategy.
            costs: What that cost, run by run.

        Returns:
            A simulation without the costs of a shared client process, for clients with a machine each.

        Raises:
            RtlabError: It does not reproduce what was measured; then nothing that it says of larger herds can be
                trusted.
        """
        runs = zip(measured, costs, strict=True)
        wrong = [text for each, its_costs in runs if (text := cls(its_costs).deviation(each))]
        if wrong:
            raise RtlabError(
                f"The simulation does not reproduce the measured herd, so it tells nothing of larger ones. "
                f"{'; '.join(wrong)}. Measure again while the machine has nothing else to do."
            )
        return cls(replace(common_costs(costs), knock_s=0.0))

    def deviation(self, measured: HerdReturn) -> str:
        """Say where the simulation parts from a measured return; empty if it does not."""
        tries = [self.run(measured.strategy, measured.clients, seed=seed) for seed in range(_TRIES)]
        peak = median(each.peak for each in tries)
        back_s = [each.back_95_s for each in tries if each.back_95_s is not None]
        if measured.back_95_s is None or not back_s:
            return f"{measured.strategy}: not all came back"
        if not 1 / PEAK_FACTOR <= peak / measured.peak <= PEAK_FACTOR:
            return f"{measured.strategy}: a peak of {peak:.0f}, not {measured.peak}"
        if abs(median(back_s) / measured.back_95_s - 1) > BACK_TOLERANCE:
            return (
                f"{measured.strategy}: {median(back_s):.1f} s until 95 % are back, not {measured.back_95_s:.1f} s"
            )
        return ""

    def run(self, strategy: str, clients: int, *, servers: int = 1, seed: int = 1) -> HerdReturn:
        """Simulate one herd.

        Args:
            strategy: A key of :data:`rtlab.experiments.herd.STRATEGIES`.
            clients: How many, 10 to 10,000,000.
            servers: How many servers share them evenly, from 1; they count as one that is so many times as quick.
            seed: For the clients' chance.

        Returns:
            How they came back.

        Raises:
            InputError: A setting is out of its range.
        """
        whole = isinstance(clients, int) and isinstance(servers, int)
        if strategy not in STRATEGIES or not whole or not 10 <= clients <= 10_000_000 or servers < 1:
            raise InputError(
                "clients: a whole number from 10 to 10,000,000; servers: from 1; "
                f"strategies: {', '.join(STRATEGIES)}."
            )
        weight = -(-clients // MOST_PROCESSES)
        herd = _Herd(self.costs, strategy, weight, servers, seed)
        for number in range(-(-clients // weight)):
            herd.env.process(herd.client(number * weight / clients))
        herd.env.run()
        return herd_return(strategy, "simulated", clients, herd.attempts_s, herd.back_s, weight)


class _Herd:
    """One run: the queue before the server, and what was noted."""

    def __init__(self, costs: HerdCosts, strategy: str, weight: int, servers: int, seed: int) -> None:
        self.env = simpy.Environment()
        self.attempts_s: list[float] = []
        self.back_s: list[float] = []
        self._costs = costs
        self._wait = STRATEGIES[strategy]
        self._chance = random.Random(seed)
        self._server = simpy.Resource(self.env)
        self._client_process = simpy.Resource(self.env)
        self._service_s = weight * costs.service_s / servers
        self._knock_s = weight * costs.knock_s
        self._room = max(1, costs.backlog * servers // weight)

    def client(self, turn: float) -> Steps:
        """Live as one client from the cut until it is back; ``turn`` from 0 to 1 tells when it hears of the cut."""
        first_s, last_s = self._costs.notice_first_s, self._costs.notice_last_s
        yield self.env.timeout(first_s + turn * (last_s - first_s))
        retry_s, failures = self._chance.uniform(SOONEST_S, LATEST_S), 0
        while True:
            yield self.env.timeout(self._wait(failures, retry_s, self._chance))
            if self._knock_s:
                with self._client_process.request() as own_turn:
                    yield own_turn
                    yield self.env.timeout(self._knock_s)
            self.attempts_s.append(self.env.now)
            failures += 1
            if self.env.now < DOWN_S:
                continue
            given_up_s = self.env.now + ATTEMPT_TIMEOUT_S
            for wait_s in _TCP_ASKS_AGAIN_S:
                if self._has_room():
                    break
                yield self.env.timeout(wait_s)
            if not self._has_room():
                yield self.env.timeout(given_up_s - self.env.now)
                continue
            with self._server.request() as served:
                yield served | self.env.timeout(given_up_s - self.env.now)
                if not served.triggered:
                    continue
                yield self.env.timeout(self._service_s)
            self.back_s.append(self.env.now)
            return

    def _has_room(self) -> bool:
        return len(self._server.queue) < self._room
