"""Ratios of a handful of paired runs, with the interval that so few can carry.

Run k of one case is divided by run k of the other: they ran one after the other, so a slow minute of the machine
struck both. The ratio is the geometric mean; its interval is Student's on the logarithms, which is wide for few
runs, as it should be, and needs two at least.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rtlab.errors import InputError
from rtlab.tables.intervals import middle_of_repeats

ALIKE = 1.1
"""Two speeds are alike if the interval of their ratio lies within this factor of 1."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many times as large one thing is as another.

    Attributes:
        value: The ratio.
        low: Lower end of its 95 % interval; not a number with fewer than two pairs.
        high: Upper end, likewise.
        pairs: How many pairs of runs it rests on.
    """

    value: float
    low: float
    high: float
    pairs: int

    @property
    def alike(self) -> bool:
        """True if the whole interval lies within a factor of :data:`ALIKE` of 1."""
        return bool(self.low >= 1 / ALIKE and self.high <= ALIKE)

    @property
    def clear(self) -> bool:
        """True if the interval does not hold 1."""
        return bool(self.low > 1 or self.high < 1)

    @property
    def within_percent(self) -> float:
        """How far the interval reaches from 1, in percent of the smaller one."""
        return 100 * (max(self.high, 1 / self.low) - 1)

    def __str__(self) -> str:
        if np.isnan(self.low):
            return f"{self.value:.2f} (one pair of runs)"
        return f"{self.value:.2f} ({self.low:.2f} to {self.high:.2f})"


def ratio_of(base: Sequence[float], changed: Sequence[float]) -> Ratio:
    """Divide paired values.

    Args:
        base: One value a run, above 0.
        changed: As many of the other case, each from the run beside it.

    Returns:
        ``changed / base`` with its 95 % interval.

    Raises:
        InputError: There is no pair, one is left over, or a value is not above 0.
    """
    first, second = np.asarray(base, dtype=np.float64), np.asarray(changed, dtype=np.float64)
    if first.size != second.size or not first.size or not ((first > 0).all() and (second > 0).all()):
        raise InputError("A ratio needs pairs of values above 0, at least one.")
    return Ratio(*middle_of_repeats(list(second / first)), int(first.size))
