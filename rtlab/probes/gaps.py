"""The times between events, counted in classes."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

GAP_LIMITS_MS = (1, 10, 30, 100, 300, 1_000, 3_000, 10_000)
"""Where one class ends and the next begins, in milliseconds."""


def gap_counts(gaps_ms: Sequence[float]) -> list[tuple[str, int]]:
    """Count gaps by class.

    Args:
        gaps_ms: The gaps, in milliseconds.

    Returns:
        Each class in words with its count, empty classes included.
    """
    counts = [0] * (len(GAP_LIMITS_MS) + 1)
    for gap_ms in gaps_ms:
        counts[bisect_right(GAP_LIMITS_MS, gap_ms)] += 1
    limits = [(limit, "ms") if limit < 1_000 else (limit // 1_000, "s") for limit in GAP_LIMITS_MS]
    (first, unit), (last, last_unit) = limits[0], limits[-1]
    names = [
        f"{low} to {high} {unit}" if low_unit == unit else f"{low} {low_unit} to {high} {unit}"
        for (low, low_unit), (high, unit) in pairwise(limits)
    ]
    return list(zip([f"below {first} {unit}", *names, f"{last} {last_unit} or more"], counts, strict=True))
