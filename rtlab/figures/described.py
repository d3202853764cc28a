"""A figure with its description under it, in ink that follows the page's light or dark theme.

A figure that is an output is drawn once, in colours for any page. JupyterLab and Notebook 7 tell their theme to
style sheets, so a style sheet puts the theme's own ink in the place of ours, and changes with the theme, without a
script and in a notebook that is opened next year. Elsewhere the colours stay, and all can be read.
"""

from __future__ import annotations

from html import escape

import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.figures.theme import DIRECTIONS, INK, LOOKS, WARNING

_PLOT = "[data-jp-theme-light] .js-plotly-plot"
_PAGE = """
.rtlab-figure-text { max-width: 60em; margin: 0 0 0.8em; font-size: 13px; line-height: 1.45;
  color: var(--jp-ui-font-color1, inherit); font-family: var(--jp-ui-font-family, system-ui, sans-serif); }
.js-plotly-plot { --rtlab-figure-ink: var(--jp-ui-font-color0, inherit); }
@media print { .js-plotly-plot { --rtlab-figure-ink: black; } .rtlab-figure-text { color: black; } }
@media (forced-colors: active) { .js-plotly-plot { --rtlab-figure-ink: CanvasText; } }
"""


class DescribedFigure(go.Figure):  # type: ignore[misc]  # plotly ships no types
    """A plotly figure whose ``layout.meta["description"]`` is shown as text under it."""

    def _ipython_display_(self) -> None:
        from IPython.display import HTML, display

        super()._ipython_display_()
        if description := (self.layout.meta or {}).get("description"):
            text = f'<p class="rtlab-figure-text">{escape(description)}</p>'
            display(HTML(f"<style>{STYLE}</style>{text}"))  # type: ignore[no-untyped-call]  # IPython has none


def _rgb(color: str) -> str:
    """Write a colour as a browser writes it into an element."""
    return f"rgb({', '.join(str(int(color[at : at + 2], 16)) for at in (1, 3, 5))})"


def _ink_rules() -> str:
    """Put the page's ink in the place of ours; words in a colour of the course get so much of it as they need."""
    ours, ink = _rgb(INK), "var(--rtlab-figure-ink)"
    rules = [f'{_PLOT} [style*="{what}: {ours}"] {{ {what}: {ink} !important; }}' for what in ("fill", "stroke")]
    for color in (*(look.color for look in (*LOOKS.values(), *DIRECTIONS.values())), WARNING):
        # plotly writes the colour of a whole text in one way, and that of a part of it in another.
        words = f'{_PLOT} :is(text[style*="fill: {_rgb(color)}"], tspan[style*="fill: {color}"])'
        rules.append(f"{words} {{ fill: color-mix(in srgb, {color} 60%, {ink}) !important; }}")
    return "\n".join(rules)


STYLE = _PAGE + _ink_rules()
"""What a page needs to know of our figures."""
