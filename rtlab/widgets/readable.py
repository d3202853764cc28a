"""A widget that can also be read as text, where no page shows widgets."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

import anywidget

STATIC = Path(__file__).parent / "static"
"""Where the front ends of all widgets lie: plain ES modules and style sheets."""


def front_end(*names: str) -> str:
    """Join files of the front end, in the order given, into one ES module or one style sheet.

    A widget has one of each, so what several widgets share stands in front of what is a widget's own.
    """
    return "\n".join((STATIC / name).read_text("utf-8") for name in names)


class ReadableWidget(anywidget.AnyWidget):
    """A widget whose ``repr`` says in plain text what the widget shows.

    A notebook page shows the widget; a terminal, a saved notebook or a converter shows the text.
    """

    def __repr__(self) -> str:
        raise NotImplementedError

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is None:
            return None
        data, metadata = bundle
        data["text/plain"] = repr(self)
        data["text/html"] = self._html()
        return data, metadata

    def _html(self) -> str:
        return f'<pre style="white-space: pre-wrap">{escape(repr(self))}</pre>'
