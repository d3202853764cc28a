"""What was on the wire, byte for byte, with the name and the clause of each part."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import traitlets

from rtlab.errors import InputError
from rtlab.widgets.readable import ReadableWidget, front_end
from rtlab.widgets.wire_units import Dissected, lane, layers, lines, sides, table

MAX_UNITS = 2_000
"""How many units of a direction are drawn at most."""

_WRITTEN_UNITS = 200
"""How many units of a direction the text form shows at most."""


class WireView(ReadableWidget):
    """The bytes of a connection in two lanes, each part coloured by its layer and explained.

    Point at a part, or walk with the arrow keys: Left and Right to the next part, Up and Down to the next lane,
    Home and End to the lane's ends. A line below tells bytes, meaning and clause. Two connections are shown side
    by side, drawn to one scale.

    Args:
        connections: What ``dissect()`` gave for a connection, or a list of one or two of them.
        names: The connections' names, in the same order.
        title: What is shown.

    Attributes:
        connections: What is shown, as a tuple.

    Raises:
        InputError: There is no connection, there are more than two, or names are missing.
    """

    _esm = front_end("card.js", "wire_view.js")
    _css = front_end("wire_view.css")

    _title = traitlets.Unicode().tag(sync=True)
    _layers = traitlets.List(traitlets.Unicode()).tag(sync=True)
    _connections = traitlets.List(traitlets.Dict()).tag(sync=True)

    def __init__(
        self,
        connections: Dissected | Sequence[Dissected],
        *,
        names: Sequence[str] = ("SSE", "WebSocket"),
        title: str = "",
    ) -> None:
        alone = not isinstance(connections, Sequence)
        self.connections = tuple(connections) if isinstance(connections, Sequence) else (connections,)
        if not 1 <= len(self.connections) <= 2 or len(names) < len(self.connections):
            raise InputError("WireView shows one or two connections, each with a name.")
        self._names = ("",) if alone else tuple(names)[: len(self.connections)]
        shown = [
            {"name": name, "lanes": [lane(side, MAX_UNITS) for side in sides(one)]}
            for name, one in zip(self._names, self.connections, strict=True)
        ]
        super().__init__(_title=title, _layers=layers(self.connections), _connections=shown)

    def __repr__(self) -> str:
        parts = [self._title] if self._title else []
        for name, one in zip(self._names, self.connections, strict=True):
            parts += lines(name, one, _WRITTEN_UNITS)
        return "\n".join(parts) or "no bytes"

    def _html(self) -> str:
        named = zip(self._names, self.connections, strict=True)
        title = f"<p>{escape(self._title)}</p>" if self._title else ""
        return title + "".join(table(name, one, _WRITTEN_UNITS) for name, one in named)
