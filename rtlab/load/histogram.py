"""Times in an HDR histogram: any number of them in little memory, each kept to three digits.

Many times are counted at once, for to count them one by one would hold up those who still wait to be measured. What
workers found is added up exactly: the histogram of all is the sum of theirs.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence

import numpy as np
from hdrh.histogram import HdrHistogram  # type: ignore[import-untyped]  # hdrhistogram ships no types

HIGHEST_US = 60_000_000
"""A longer time counts as a minute."""

_LOWEST_US, _DIGITS = 1, 3
# Three digits need 2,000 steps, and 11 bits have 2,048. A longer number is kept to its first 11 bits, so each
# further bit has half as many places: those with the highest bit set.
_EXACT_BITS = 11


class Times:
    """A histogram of times from 1 us to 60 s.

    Args:
        encoded: What :meth:`encode` gave; each is added.
    """

    def __init__(self, encoded: Iterable[str] = ()) -> None:
        self._counts = HdrHistogram(_LOWEST_US, HIGHEST_US, _DIGITS)
        for text in encoded:
            self._counts.decode_and_add(text.encode("ascii"))

    def add(self, times_ns: array[int]) -> None:
        """Count times.

        Args:
            times_ns: Nanoseconds, an array of type ``q``; what is below 0 counts as 0, what is above a minute as a
                minute.
        """
        if not times_ns:
            return
        times_us = np.clip(np.frombuffer(times_ns, dtype="int64") // 1000, 0, HIGHEST_US)
        surplus_bits = np.maximum(np.frexp(times_us)[1] - _EXACT_BITS, 0)
        places = (surplus_bits << (_EXACT_BITS - 1)) + (times_us >> surplus_bits)
        counts = np.frombuffer(self._counts.counts, dtype="uint64")
        counts += np.bincount(places, minlength=len(counts)).astype("uint64")
        # What record_value() would keep beside the counts; a test holds the two against each other.
        self._counts.total_count += len(times_us)
        self._counts.min_value = min(self._counts.min_value, int(times_us.min()))
        self._counts.max_value = max(self._counts.max_value, int(times_us.max()))

    def __len__(self) -> int:
        return int(self._counts.get_total_count())

    @property
    def max_ms(self) -> float | None:
        """The longest time, in milliseconds; None if there is none."""
        return self._counts.get_max_value() / 1000 if len(self) else None

    def percentiles_ms(self, percentiles: Sequence[float]) -> list[float | None]:
        """Tell times that a share of all does not exceed.

        Args:
            percentiles: The shares, each above 0 to 100.

        Returns:
            Milliseconds for each of them; None for all if there are no times.
        """
        if not len(self):
            return [None] * len(percentiles)
        found = self._counts.get_percentile_to_value_dict(list(percentiles))
        return [found[percentile] / 1000 for percentile in percentiles]

    def encode(self) -> str:
        """Give the standard's compressed form as text, or nothing for no times.

        Spec: HdrHistogram, the V2 compressed encoding in base64
        """
        return self._counts.encode().decode("ascii") if len(self) else ""
