"""What a page's EventSource did in each situation, as a tidy table."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from rtlab.findings.page_replies import PageReply
from rtlab.tables.schema import rows_table

_SHOWN = 6


def page_replies_table(replies: Sequence[PageReply]) -> pd.DataFrame:
    """List what a page's EventSource made of each situation, beside ours and the standard.

    Args:
        replies: One for each situation.

    Returns:
        The ``page_replies`` table (``describe("page_replies")``), one row a situation.
    """
    rows = [
        {
            "situation": reply.page.situation,
            "events": _listed(reply.events, ", "),
            "states": _listed([str(state) for state in reply.states], " → "),
            "page": reply.page.outcome,
            "rtlab": reply.ours.outcome,
            "standard": reply.page.standard,
            "agrees": reply.page.agrees,
        }
        for reply in replies
    ]
    return rows_table(rows, "page_replies")


def _listed(items: Sequence[str], sign: str) -> str:
    return sign.join([*items[:_SHOWN], *(["…"] if len(items) > _SHOWN else [])])
