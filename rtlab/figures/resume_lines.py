"""What resume costs to write, as a part of each server."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.figures.described import DescribedFigure
from rtlab.figures.theme import DIRECTIONS, LOOKS, WARNING, axis, layout
from rtlab.tables.schema import check

_ROOM = 1.3
_REST = DIRECTIONS["down"].color


def figure_resume_lines(adoption: pd.DataFrame, *, guess_lines: float | None = None) -> go.Figure:
    """Draw how many lines of each server are there for resume, and what was lost all the same.

    Args:
        adoption: An ``adoption`` table; stacks without an event stream are left out.
        guess_lines: How many the learner expects, above 0; drawn as a dashed line.

    Returns:
        One bar a stack: the lines for resume, then all others.

    Raises:
        InputError: The table does not follow its rules.
    """
    rows = check(adoption, "adoption").dropna(subset=["lost"]).sort_values("resume_lines", kind="stable")
    resume, others = rows["resume_lines"], rows["lines"] - rows["resume_lines"]
    results = [_result(int(row["lost"]), int(row["doubled"])) for row in rows.to_dict("records")]
    figure = DescribedFigure()
    for name, lines, color in (("for resume", resume, LOOKS["sse"].color), ("all others", others, _REST)):
        figure.add_bar(x=lines, y=rows["title"], orientation="h", name=name, marker={"color": color})
    figure.add_scatter(
        x=rows["lines"],
        y=rows["title"],
        text=[
            f"  {part} of {whole}; {result}"
            for part, whole, result in zip(resume, rows["lines"], results, strict=True)
        ],
        mode="text",
        textposition="middle right",
        cliponaxis=False,
        showlegend=False,
        hoverinfo="skip",
    )
    if guess_lines:
        figure.add_vline(x=guess_lines, line={"color": WARNING, "dash": "longdash", "width": 1.5})
        note = {"text": f"dashed: your guess, {guess_lines:g}", "font": {"color": WARNING}, "showarrow": False}
        figure.add_annotation(note, x=1, y=1.02, xref="paper", yref="paper", xanchor="right", yanchor="bottom")
    described = "; ".join(
        f"{title}: {part} of {whole} lines, {result}"
        for title, part, whole, result in zip(rows["title"], resume, rows["lines"], results, strict=True)
    )
    figure.update_layout(
        layout(
            "What resume costs to write",
            f"Lines of the server that are there for resume, and events after cuts of the line. {described}.",
            height_px=170 + 30 * len(rows),
            barmode="stack",
            bargap=0.35,
            xaxis=axis("lines of the server", range=[0, _ROOM * float(rows["lines"].max())]),
            yaxis=axis("", autorange="reversed", ticksuffix=" "),
        )
    )
    return figure


def _result(lost: int, doubled: int) -> str:
    parts = [f"{count} {word}" for count, word in ((lost, "lost"), (doubled, "doubled")) if count]
    return ", ".join(parts) or "none lost"
