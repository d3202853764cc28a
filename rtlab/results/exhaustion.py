"""``security.exhaust()`` and ``security.siege()``: attacks that want to use a lab up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.errors import InputError
from rtlab.experiments.attack_exhaustion import PATIENCE_S, targets, weighed
from rtlab.experiments.exhaustion_cases import CASES
from rtlab.experiments.siege import REST_S, hold_out
from rtlab.figures.exhaustion import figure_exhaustion, figure_siege
from rtlab.findings.exhaustion import Exhaustion, SiegeSample
from rtlab.results.attacks import Attacks
from rtlab.results.direction import Finding
from rtlab.results.progress import ProgressBar
from rtlab.tables.exhaustion import exhaustion_table, siege_table

WARM_UP_PART = 0.2
"""The part of a siege in which the lab may grow: caches fill, and the attackers open their connections."""
MEMORY_MORE, DESCRIPTORS_MORE, LATENCY_TIMES = 1.25, 1.25, 3.0
"""By what factor the last third of a siege may lie above the first third after the warm-up, and still be flat."""
_SPARE_MIB, _SPARE_DESCRIPTORS, _SPARE_MS = 8.0, 16, 100.0
"""What may come on top: small numbers jump, and 100 ms still feel like at once."""


class Exhausted(Finding):
    """What attacks of exhaustion cost each server.

    Args:
        found: One for each attack and server.
    """

    def __init__(self, found: Sequence[Exhaustion]) -> None:
        self.found = tuple(found)

    @property
    def table(self) -> pd.DataFrame:
        """One row an attack and server (``describe("exhaustion")``)."""
        return exhaustion_table(self.found)

    @property
    def attacks(self) -> Attacks:
        """The same attacks, servers side by side, with their bytes."""
        return Attacks([each.attempt for each in self.found])

    @property
    def text(self) -> str:
        """How many attacks succeeded, and what the costliest took of memory."""
        costs = []
        for target in dict.fromkeys(each.attempt.target for each in self.found):
            largest = max(each.memory_bytes for each in self.found if each.attempt.target == target)
            costs.append(f"{target} {largest / 1_048_576:.0f} MiB")
        return f"{self.attacks.text} The most memory that one attack took: {', '.join(costs)}."

    def figure(self) -> go.Figure:
        """Draw memory and descriptors of each attack."""
        return figure_exhaustion(self.table)


@dataclass(frozen=True, slots=True)
class Change:
    """How one measure went during a siege.

    Attributes:
        name: What was measured, with its unit.
        first: Its value in the first third after the warm-up.
        last: Its value in the last third.
        is_flat: Whether it stayed within the rule.
    """

    name: str
    first: float
    last: float
    is_flat: bool


class Siege(Finding):
    """How a lab held out.

    Args:
        samples: What was seen, in order of time.
        strikes: How many strikes of each kind there were.
        seconds: How long the siege lasted.
        after: Memory in bytes and descriptors of the lab once it was over.
    """

    def __init__(
        self,
        samples: Sequence[SiegeSample],
        strikes: Mapping[str, int],
        seconds: float,
        after: tuple[int, int],
    ) -> None:
        self.samples = tuple(samples)
        self.strikes = dict(strikes)
        self.seconds = seconds
        self.after = after

    @property
    def table(self) -> pd.DataFrame:
        """One row a moment (``describe("siege")``)."""
        return siege_table(self.samples, round(REST_S * 1e9))

    @property
    def unanswered(self) -> int:
        """How many questions of healthy clients got no answer."""
        return int(self.table[["echo_ms", "opening_ms"]].isna().sum().sum())

    @property
    def is_flat(self) -> bool:
        """True if nothing rose, every healthy client was answered, and no descriptor stayed open.

        The rule: leave out the first fifth of the siege. Then the last third may lie above the first third by a
        quarter (median memory, most descriptors), and the median waiting time by a factor of 3; 8 MiB, 16
        descriptors and 100 ms may come on top. Once the siege is over, at most 16 more descriptors are open than
        before it.
        """
        return (
            all(change.is_flat for change in self.changes())
            and not self.unanswered
            and self._left <= _SPARE_DESCRIPTORS
        )

    @property
    def text(self) -> str:
        """Flat or not, and by which numbers."""
        told = "; ".join(
            f"{each.name} {each.first:,.3g} to {each.last:,.3g}{'' if each.is_flat else ' (NOT FLAT)'}"
            for each in self.changes()
        )
        struck = ", ".join(f"{count:,} {kind}" for kind, count in self.strikes.items())
        return (
            f"{'Flat' if self.is_flat else 'Not flat'} over {self.seconds:g} s of {struck}. First to last third: "
            f"{told}; healthy clients without an answer: {self.unanswered}; descriptors left over: {self._left}."
        )

    def figure(self) -> go.Figure:
        """Draw memory, descriptors and waiting times over the siege."""
        return figure_siege(self.table, self.seconds, self.text)

    @property
    def _left(self) -> int:
        return self.after[1] - self.samples[0].descriptors

    def changes(self) -> tuple[Change, ...]:
        """How each measure went from the first third after the warm-up to the last."""
        table, begin_s = self.table, WARM_UP_PART * self.seconds
        third_s = (self.seconds - begin_s) / 3
        first = table[table["at_s"].between(begin_s, begin_s + third_s)]
        last = table[table["at_s"].between(self.seconds - third_s, self.seconds)]

        def change(name: str, before: float, after: float, more: float, spare: float) -> Change:
            return Change(name, before, after, bool(after <= more * before + spare))

        return (
            change(
                "memory (MiB)", first["memory_mib"].median(), last["memory_mib"].median(), MEMORY_MORE, _SPARE_MIB
            ),
            change(
                "descriptors",
                first["descriptors"].max(),
                last["descriptors"].max(),
                DESCRIPTORS_MORE,
                _SPARE_DESCRIPTORS,
            ),
            change("an echo (ms)", first["echo_ms"].median(), last["echo_ms"].median(), LATENCY_TIMES, _SPARE_MS),
            change(
                "a new client (ms)",
                first["opening_ms"].median(),
                last["opening_ms"].median(),
                LATENCY_TIMES,
                _SPARE_MS,
            ),
        )


def exhaust(*attacks: str, progress: bool = True) -> Exhausted:
    """Attack labs in processes of their own, and weigh these processes: memory, descriptors, time, bytes.

    Each attack meets a lab with its guard as good as off, one with the guard, and one as ``start_lab()`` makes it.
    Where the default lab waits for more than 20 s, or its limit is more than can be tried here, only the first two
    are attacked. All labs are on this machine, and no attack leaves it.

    Args:
        *attacks: Names of attacks, as in the table; all if none is named.
        progress: Show a progress bar.

    Returns:
        What each attack cost each server, as table, text and figure.

    Raises:
        InputError: There is no such attack.
        LabError: A lab did not start.
    """
    known = {case.attack: case for case in CASES}
    if unknown := [attack for attack in attacks if attack not in known]:
        raise InputError(f"There is no attack {unknown[0]!r}; there are {', '.join(known)}.")
    chosen = [known[attack] for attack in dict.fromkeys(attacks)] or list(CASES)
    wanted = [(case, target) for case in chosen for target in targets(case, PATIENCE_S)]
    found: list[Exhaustion] = []
    with ProgressBar(progress, unit="attack") as bar:
        for done, (case, target) in enumerate(wanted):
            bar.tell(done, len(wanted), f"{case.attack}, {target}")
            found.append(weighed(case, target, PATIENCE_S))
    return Exhausted(found)


def siege(seconds: float = 20.0, *, progress: bool = True) -> Siege:
    """Attack a lab in all ways at once, while healthy clients use it.

    The lab has the default guards and a process of its own; so has the attacker, with some 300 connections. Both
    are on this machine. ``is_flat`` tells by a fixed rule whether the lab held out.

    Args:
        seconds: How long the siege lasts, 2 to 3,600; the lab is watched for 3 s before and after it.
        progress: Show a progress bar.

    Returns:
        Memory, descriptors and waiting times, as table, text and figure.

    Raises:
        InputError: The time is out of its range.
        LabError: The lab's process, or the attacker's, failed.
    """
    total = round(seconds + 2 * REST_S)
    with ProgressBar(progress, unit="s") as bar:
        samples, strikes, after = hold_out(
            seconds, lambda gone_s: bar.tell(min(round(gone_s), total), total, "under siege")
        )
    return Siege(samples, strikes, seconds, after)
