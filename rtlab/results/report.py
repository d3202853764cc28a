"""Measurements as one HTML file that opens anywhere without a network, and can be handed in or printed."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.errors import RecordingError
from rtlab.results.chapter import Chapter, shown
from rtlab.results.comparison import Comparison

METHOD = (
    "Every number comes from bytes that crossed a socket of this machine (loopback). Who is compared takes turns, "
    "so that a slow minute hurts all alike. Latency counts from the time at which a message was planned, "
    "and messages that were lost stay in the count. An interval of 95 % is a bootstrap over whole runs: if "
    "everything were measured again, the new median would rarely lie outside. Where intervals overlap widely, no "
    "difference has been shown. Nothing was drawn while a measurement was on."
)
LIMITS = (
    "On loopback nothing is lost on the way and the way has no length: the figures compare what the programs do, "
    "not networks. Absolute numbers hold for this machine and these versions; ratios carry further. A difference "
    "between two libraries is none between the protocols that they speak."
)

_STYLE = """
:root { color-scheme: light dark }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse }
.wide { margin: 1rem 0; overflow-x: auto }
th, td { text-align: left; vertical-align: top; padding: .25rem .8rem; border-bottom: 1px solid #8886 }
td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
caption { text-align: left; font-weight: 600 }
figure { margin: 1.5rem 0 }
figcaption, .asked { font-style: italic }
.care { border-left: .3rem solid #d64545; padding-left: .7rem }
section { margin-top: 2.5rem }
@media print {
  body { max-width: none; margin: 0 }
  section { break-before: page }
  figure, tr, .care { break-inside: avoid }
  .wide { overflow: visible; font-size: .8rem }
  nav { display: none }
}
"""


def write_report(comparison: Comparison, path: str | os.PathLike[str]) -> Path:
    """Write a report on a comparison: the verdict, the tables, three figures, the checks and the conditions.

    Args:
        comparison: What was found.
        path: Where to; an older file is replaced.

    Returns:
        The path.

    Raises:
        RecordingError: The file cannot be written.
    """
    workload = comparison.recording.workload
    question = (
        f"How long do {workload['count']} messages of {workload['payload_bytes']} bytes take, "
        f"at {float(workload['rate_per_s']):g} a second, and what do they cost on the wire?"
    )
    chapter = Chapter("comparison", question, **shown(comparison))
    return write_page(path, "Real-time transports compared", [chapter], comparison.conditions)


def write_page(
    path: str | os.PathLike[str],
    title: str,
    chapters: Sequence[Chapter],
    conditions: Mapping[str, str | int | float | bool],
    *,
    author: str = "",
    notice: str = "",
) -> Path:
    """Write chapters as one page.

    Args:
        path: Where to; an older file is replaced.
        title: The page's title.
        chapters: What was measured, in order.
        conditions: Machine, versions, date and settings.
        author: Who hands it in; left out if empty.
        notice: What the reader must know first, such as that something is missing.

    Returns:
        The path.

    Raises:
        RecordingError: The file cannot be written.
    """
    version = conditions.get("rtlab", "")
    date = str(conditions.get("date_utc", conditions.get("date", "")))[:10]
    parts = [
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<style>{_STYLE}</style></head><body><header><h1>{escape(title)}</h1>",
        _paragraphs(", ".join(part for part in (author, date, f"rtlab {version}" if version else "") if part)),
        f'<p class="care">{escape(notice)}</p>' if notice else "",
        _contents(chapters),
        "</header><main>",
        *(_chapter(number, chapter) for number, chapter in enumerate(chapters, start=1)),
        _section("method", "How it was measured", _paragraphs(METHOD)),
        _section("limits", "What cannot be said", _paragraphs(LIMITS)),
        _section("machine", "Machine, versions and settings", _pairs("Conditions of the measurements", conditions)),
        "</main></body></html>",
    ]
    target = Path(path)
    try:
        target.write_text(_with_plotly(parts), encoding="utf-8")
    except OSError as error:
        raise RecordingError(f"The report cannot be written to {target}: {error}.") from error
    return target


_PLOTLY = "<!-- plotly -->"


def _with_plotly(parts: Sequence[str]) -> str:
    """Put the one copy of plotly.js before the first figure, if there is one."""
    from plotly.offline import get_plotlyjs  # type: ignore[import-untyped]  # as above; it is a big file

    page = "\n".join(part for part in parts if part)
    script = f"<script>{get_plotlyjs()}</script>" if _PLOTLY in page else ""
    return page.replace(_PLOTLY, script, 1).replace(_PLOTLY, "")


def _contents(chapters: Sequence[Chapter]) -> str:
    if len(chapters) < 2:
        return ""
    lines = "".join(
        f'<li><a href="#chapter-{number}">{escape(chapter.question)}</a> ({escape(chapter.state)})</li>'
        for number, chapter in enumerate(chapters, start=1)
    )
    return f'<nav aria-label="Contents"><ol>{lines}</ol></nav>'


def _chapter(number: int, chapter: Chapter) -> str:
    parts = [f'<p class="asked">{escape(chapter.question)}</p>']
    if chapter.error:
        parts.append(f'<p class="care">This measurement failed: {escape(chapter.error)}</p>')
    if chapter.failed_checks:
        checks = escape("; ".join(chapter.failed_checks))
        parts.append(f'<p class="care">Handle with care, these checks failed: {checks}.</p>')
    elif chapter.validity is not None:
        parts.append("<p>Every validity check passed.</p>")
    parts.append(_paragraphs(chapter.text))
    parts += [_figure(figure) for figure in chapter.figures]
    parts += [_table(caption, frame) for caption, frame in chapter.tables]
    if chapter.validity is not None:
        parts.append("<h3>May these figures be believed?</h3>")
        parts.append(_table("Every check, and what it found", chapter.validity))
    for heading, text in (("How it was measured", chapter.method), ("What it cannot say", chapter.limits)):
        if text:
            parts.append(f"<h3>{heading}</h3>{_paragraphs(text)}")
    return _section(f"chapter-{number}", chapter.name[:1].upper() + chapter.name[1:], "\n".join(parts))


def _section(anchor: str, heading: str, body: str) -> str:
    opening = f'<section id="{anchor}" aria-labelledby="{anchor}-heading">'
    return f'{opening}<h2 id="{anchor}-heading">{escape(heading)}</h2>{body}</section>'


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{escape(line)}</p>" for line in text.splitlines() if line)


def _figure(figure: go.Figure) -> str:
    description = escape((figure.layout.meta or {}).get("description", ""))
    drawn = figure.to_html(full_html=False, include_plotlyjs=False, config={"responsive": True})
    return f"{_PLOTLY}<figure>{drawn}<figcaption>{description}</figcaption></figure>"


def _table(caption: str, frame: pd.DataFrame) -> str:
    head = "".join(f'<th scope="col">{escape(str(name))}</th>' for name in frame)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in frame.itertuples(index=False, name=None))
    return _wide(caption, f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody>")


def _wide(caption: str, rows: str) -> str:
    """Give a table that can be moved sideways, with the keyboard, too, where the page is narrow."""
    title = escape(caption)
    table = f"<table><caption>{title}</caption>{rows}</table>"
    return f'<div class="wide" role="region" tabindex="0" aria-label="{title}">{table}</div>'


def _pairs(caption: str, values: Mapping[str, Any]) -> str:
    rows = "".join(
        f'<tr><th scope="row">{escape(str(name))}</th><td>{escape(str(value))}</td></tr>'
        for name, value in values.items()
    )
    return _wide(caption, f"<tbody>{rows}</tbody>")


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return f"<td>{'yes' if value else 'NO'}</td>"
    if value is None or pd.isna(value):
        return "<td>–</td>"
    if isinstance(value, int | float):
        text = f"{value:,}" if isinstance(value, int) else _real(value)
        return f'<td class="number">{text}</td>'
    return f"<td>{escape(str(value))}</td>"


def _real(value: float) -> str:
    """Write a number with four digits that mean something, and never with an exponent that people must work out."""
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.4g}"
