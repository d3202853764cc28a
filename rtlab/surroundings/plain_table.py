"""A small table for a display: HTML for a notebook, plain text for a terminal.

The HTML takes its colours from the variables of JupyterLab's theme, so it is readable in light and dark, and it
names its headers, so that a screen reader can tell which cell belongs to which.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

Rows = Sequence[Sequence[str]]

_TABLE = "border-collapse:collapse;color:var(--jp-ui-font-color1, inherit);background:transparent"
_CELL = "text-align:left;vertical-align:top;padding:0.25em 0.8em;white-space:normal"
_EDGE = "border-left:4px solid "


def html_table(caption: str, columns: Sequence[str], rows: Rows, edges: Sequence[str] = ()) -> str:
    """Write rows as an HTML table; the first cell of each row is its header.

    Args:
        caption: What the table shows, in a few words.
        columns: The column headers.
        rows: One sequence of cells a row, as plain text.
        edges: A CSS colour for the left edge of each row; none by default. It only repeats what a cell says.

    Returns:
        One ``<table>`` element, with every cell escaped.
    """
    head = "".join(f'<th scope="col" style="{_CELL}">{escape(column)}</th>' for column in columns)
    body = []
    for (first, *rest), edge in zip(rows, edges or [""] * len(rows), strict=True):
        style = f"{_CELL};{_EDGE}{edge}" if edge else _CELL
        cells = "".join(f'<td style="{_CELL}">{escape(cell)}</td>' for cell in rest)
        body.append(f'<tr><th scope="row" style="{style}">{escape(first)}</th>{cells}</tr>')
    title = f'<caption style="text-align:left;font-weight:600;padding:0.4em 0">{escape(caption)}</caption>'
    return f'<table style="{_TABLE}">{title}<thead><tr>{head}</tr></thead><tbody>{"".join(body)}</tbody></table>'


def text_table(rows: Rows) -> str:
    """Write rows as lines of text with aligned columns.

    Args:
        rows: One sequence of cells a row, all of the same length.

    Returns:
        One line a row, without a line end after the last.
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)
