"""What came while a page was shown and while it was hidden, as tidy tables."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from rtlab.findings.page_background import PageWatch
from rtlab.tables.schema import rows_table

VISIBLE, HIDDEN = "visible", "hidden"


def beats_table(watch: PageWatch) -> pd.DataFrame:
    """List everything that came, for a figure.

    Args:
        watch: A page that was watched.

    Returns:
        The ``beats`` table (``describe("beats")``), one row for each that came, lane by lane.
    """
    rows = [
        {"lane": lane.name, "at_ms": at_ms, "page": _state(watch, at_ms)}
        for lane in watch.lanes
        for at_ms in lane.at_ms
    ]
    return rows_table(rows, "beats")


def background_table(watch: PageWatch) -> pd.DataFrame:
    """Count what came in the page's two states.

    Args:
        watch: A page that was watched.

    Returns:
        The ``background`` table (``describe("background")``), one row a lane and state that the page was in.
    """
    hidden_s = sum(end_ms - start_ms for start_ms, end_ms in watch.hidden_ms) / 1e3
    spans_s = {VISIBLE: watch.watched_ms / 1e3 - hidden_s, HIDDEN: hidden_s}
    rows = []
    for lane in watch.lanes:
        for page, seconds in spans_s.items():
            if not seconds:
                continue
            count = sum(1 for at_ms in lane.at_ms if _state(watch, at_ms) == page)
            gaps = _gaps(watch, lane.at_ms, page)
            rows.append(
                {
                    "lane": lane.name,
                    "page": page,
                    "seconds": seconds,
                    "count": count,
                    "per_s": count / seconds,
                    "median_gap_ms": float(np.median(gaps)) if gaps else None,
                    "longest_gap_ms": max(gaps, default=None),
                }
            )
    return rows_table(rows, "background")


def _gaps(watch: PageWatch, times_ms: Sequence[float], page: str) -> list[float]:
    """The times between two that came in the same state, with no change between them."""
    edges = [edge for span in watch.hidden_ms for edge in span]
    return [
        after - before
        for before, after in pairwise(times_ms)
        if _state(watch, before) == _state(watch, after) == page
        and not any(before < edge < after for edge in edges)
    ]


def _state(watch: PageWatch, at_ms: float) -> str:
    return HIDDEN if any(start_ms <= at_ms < end_ms for start_ms, end_ms in watch.hidden_ms) else VISIBLE
