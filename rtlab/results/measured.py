"""A finding whose numbers have intervals."""

from __future__ import annotations

import re

from rtlab.results.direction import Finding


class Measured(Finding):
    """A result with intervals: its figure shows them, so a page's table can be narrow."""

    @property
    def dull(self) -> list[str]:
        """The ends of the intervals, which the figure shows."""
        return [name for name in map(str, self.table) if re.search(r"(^|_)(low|high)(_|$)", name)]
