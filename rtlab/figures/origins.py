"""Where a page may connect to, and what its browser has, as matrices."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.figures.cells import Tone, figure_cells
from rtlab.tables.schema import check

_STOPPED: dict[str, Tone] = {"nobody": "good"}
_UNSEEN: tuple[str, Tone] = ("not seen", "plain")
_HERE: dict[bool, tuple[str, Tone]] = {True: ("yes", "good"), False: ("no", "plain")}


def figure_reaches(reaches: pd.DataFrame) -> go.Figure:
    """Draw what came of each attempt to connect: what the script saw, and who stopped it.

    Args:
        reaches: A ``reaches`` table.

    Returns:
        A matrix, one row an attempt; the rule and its place come on hovering.

    Raises:
        InputError: The table does not follow its rules.
    """
    reaches = check(reaches, "reaches")
    rows = reaches.to_dict("records")
    told = "; ".join(f"{row['attempt']}: {row['outcome']}, stopped by {row['stopped_by']}" for row in rows)
    return figure_cells(
        [row["attempt"] for row in rows],
        {
            "the script saw": [(row["outcome"].partition(";")[0], "plain") for row in rows],
            "the server was asked": [("yes" if row["arrived"] else "no", "plain") for row in rows],
            "stopped by": [(row["stopped_by"], _STOPPED.get(row["stopped_by"], "plain")) for row in rows],
        },
        "Where a script may connect to",
        f"{len(rows)} attempts of one page. {told}.",
        hover=[f"{row['attempt']}: {row['outcome']}. The rule: {row['rule']} ({row['spec']})" for row in rows],
    )


def figure_browser_has(features: pd.DataFrame, browser: str) -> go.Figure:
    """Draw what a browser has beside what is published; red is where the two part.

    Args:
        features: A ``browser_has`` table.
        browser: The browser's name.

    Returns:
        A matrix, one row a feature; the other browsers come on hovering.

    Raises:
        InputError: The table does not follow its rules.
    """
    features = check(features, "browser_has")
    rows = features.to_dict("records")

    def here(row: dict[Hashable, Any]) -> tuple[str, Tone]:
        word, tone = _UNSEEN if pd.isna(row["here"]) else _HERE[bool(row["here"])]
        return word, "bad" if row["agrees"] is False else tone

    def published(row: dict[Hashable, Any]) -> tuple[str, Tone]:
        said = str(row["published"])
        return (f"since {said}" if said and said != "no" else said or "nothing"), "plain"

    there = [row["feature"] for row in rows if row["here"] is True]
    return figure_cells(
        [row["feature"] for row in rows],
        {browser: [here(row) for row in rows], "published": [published(row) for row in rows]},
        "What this browser has",
        f"{browser} has {', '.join(there)}.",
        hover=[f"{row['feature']}: {row['others'] or 'nothing is published on others'}" for row in rows],
    )
