"""The mark on everything that is replayed: a line above a cell's output, and a line in each figure."""

from __future__ import annotations

import functools
from collections.abc import Callable
from html import escape
from typing import Any, ClassVar

import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types
from IPython.display import display

from rtlab.replay.cell import turn
from rtlab.replay.values import is_live

_SHOWN_BY_PAGES = ("_repr_mimebundle_", "_repr_html_")
_told: set[tuple[int, str]] = set()


class Mark:
    """One line that displays itself, in the colours of the page.

    Args:
        text: What it says.
    """

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return f"[{self._text}]"

    def _repr_html_(self) -> str:
        style = "border-left: .3rem solid #b07d00; padding: .1rem .6rem; margin: .3rem 0; font-weight: 600"
        return f'<p role="note" style="{style}">{escape(self._text)}</p>'


def tell(text: str) -> None:
    """Show a mark, once in each run of a cell."""
    told = (turn(), text)
    if told not in _told:
        _told.add(told)
        display(Mark(text))  # type: ignore[no-untyped-call]  # IPython leaves it unannotated


def mark_figure(figure: go.Figure, text: str) -> go.Figure:
    """Write a mark under a figure's title and into its description; a second time does nothing.

    Args:
        figure: Any figure; it is changed.
        text: The mark.

    Returns:
        The figure.
    """
    layout = figure.layout
    description = str((layout.meta or {}).get("description", ""))
    if text not in description:
        line = f'<span style="font-size: 13px"><b>{text}</b></span>'
        layout.title.text = f"{layout.title.text}<br>{line}" if layout.title.text else line
        if layout.margin.t is not None and layout.height is not None:
            layout.margin.t += 24
            layout.height += 24
        layout.meta = {**(layout.meta or {}), "description": f"{text} {description}".rstrip()}
    return figure


def marked(value: Any, text: str) -> Any:
    """Make a finding tell that it was replayed, whatever is asked of it, and its figures, too.

    Args:
        value: Anything; only figures and what displays itself as a page are changed.
        text: The mark.

    Returns:
        The figure, or an object that is like the finding and tells so; else the value.
    """
    if isinstance(value, go.Figure):
        return mark_figure(value, text)
    kind = type(value)
    is_ours = kind.__module__.startswith("rtlab.") and hasattr(value, "__dict__") and not is_live(value)
    if is_ours and not issubclass(kind, _Replayed) and any(hasattr(kind, name) for name in _SHOWN_BY_PAGES):
        twin: Any = object.__new__(_replayed(kind, text))  # type: ignore[arg-type]  # a type can be hashed
        vars(twin).update(vars(value))
        return twin
    return value


class _Replayed:
    """What a finding is besides, when it comes from a recording."""

    _mark: ClassVar[str]

    def __getattribute__(self, name: str) -> Any:
        value = super().__getattribute__(name)
        if name.startswith("_") and name not in _SHOWN_BY_PAGES:
            return value
        text = type(self)._mark
        tell(text)
        return _marking(value, text) if callable(value) else marked(value, text)


def _marking(method: Callable[..., Any], text: str) -> Callable[..., Any]:
    @functools.wraps(method)
    def called(*args: Any, **kwargs: Any) -> Any:
        return marked(method(*args, **kwargs), text)

    return called


@functools.cache
def _replayed(kind: Any, text: str) -> Any:
    names = {name: getattr(kind, name) for name in ("__module__", "__qualname__", "__doc__")}
    return type(kind)(kind.__name__, (_Replayed, kind), names | {"_mark": text})
