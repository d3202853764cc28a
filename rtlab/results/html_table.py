"""A result's table for a notebook's page: it has a name, and a wide one can be moved sideways with the keyboard."""

from __future__ import annotations

from html import escape

import pandas as pd


def html_table(frame: pd.DataFrame, name: str) -> str:
    """Write a table as HTML.

    Args:
        frame: The table; a missing value becomes a dash.
        name: What it holds, in a few words.

    Returns:
        A region that scrolls by itself, so that a reader without a mouse can reach what is out of sight.
    """
    table = frame.to_html(index=False, border=0, na_rep="–").replace("<th>", '<th scope="col">')
    region = f'role="region" tabindex="0" aria-label="{escape(name)}"'
    return f'<div {region} style="overflow-x: auto">{table}</div>'
