"""A comparison as one HTML file that opens anywhere, without a network."""

from __future__ import annotations

import os
from html import escape
from pathlib import Path

from rtlab.errors import RecordingError
from rtlab.results.comparison import Comparison

_STYLE = """
:root { color-scheme: light dark }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; margin: 1rem 0; display: block; overflow-x: auto }
th, td { text-align: left; padding: .25rem .8rem; border-bottom: 1px solid #8886 }
caption { text-align: left; font-weight: 600 }
"""


def write_report(comparison: Comparison, path: str | os.PathLike[str]) -> Path:
    """Write a report: the verdict, the tables, three figures, the checks and the conditions.

    Args:
        comparison: What was found.
        path: Where to; an older file is replaced.

    Returns:
        The path.

    Raises:
        RecordingError: The file cannot be written.
    """
    figures = []
    for number, kind in enumerate(("summary", "latency", "bytes")):
        figure = comparison.figure(kind)
        description = escape((figure.layout.meta or {}).get("description", ""))
        drawn = figure.to_html(full_html=False, include_plotlyjs="inline" if number == 0 else False)
        figures.append(f'<div role="img" aria-label="{description}">{drawn}</div><p>{description}</p>')
    verdict = "".join(f"<p>{escape(line)}</p>" for line in comparison.verdict.splitlines())
    parts = [
        "<!doctype html><html lang=en><head><meta charset=utf-8><title>rtlab: a comparison</title>",
        f"<style>{_STYLE}</style></head><body><h1>Real-time transports compared</h1>",
        verdict,
        comparison.summary.round(3).to_html(index=False, border=0),
        *figures,
        "<h2>May these figures be believed?</h2>",
        comparison.validity.round(3).to_html(index=False, border=0),
        "<h2>Workload and conditions</h2>",
        _list({**comparison.recording.workload, **comparison.conditions}),
        "</body></html>",
    ]
    target = Path(path)
    try:
        target.write_text("\n".join(parts), encoding="utf-8")
    except OSError as error:
        raise RecordingError(f"The report cannot be written to {target}: {error}.") from error
    return target


def _list(values: dict[str, str | int | float | bool]) -> str:
    rows = "".join(
        f"<tr><th scope=row>{escape(name)}</th><td>{escape(str(value))}</td></tr>" for name, value in values.items()
    )
    return f"<table>{rows}</table>"
