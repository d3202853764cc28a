"""A chart that grows while messages arrive, also while the cell that waits for them is still running."""

from __future__ import annotations

import threading
from array import array
from collections import deque
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import traitlets

from rtlab.errors import InputError
from rtlab.figures.described import STYLE
from rtlab.figures.points import describe_points, figure_points, looks_of
from rtlab.widgets.plotly_js import plotly_reference
from rtlab.widgets.readable import ReadableWidget, front_end

FRAME_S = 1 / 30
"""The shortest time between two frames that the kernel sends, in seconds."""

_IDLE_FRAMES = 15
"""After so many frames without a new point the sending thread ends."""


class _Trace:
    """The newest points of one name, and how many there were in all."""

    __slots__ = ("count", "xs", "ys")

    def __init__(self, max_points: int) -> None:
        self.xs: deque[float] = deque(maxlen=max_points)
        self.ys: deque[float] = deque(maxlen=max_points)
        self.count = 0


class LiveChart(ReadableWidget):
    """A chart of points that appear one by one, one colour for each transport.

    Show the chart first, then let it grow: ``add()`` may be called from any thread, a thousand times a second.
    The page gets at most 30 pictures a second; a page that is slower skips pictures and always draws the newest.

    Args:
        names: One name for each series, such as ``["sse", "websocket"]``.
        title: What the chart shows.
        x_title: What runs to the right, with its unit.
        y_title: What goes up, with its unit.
        colors: A CSS colour for some or all names; the others get the colours of all rtlab figures.
        panels: True gives each series a panel of its own, side by side, all with the same scales.
        max_points: How many of the newest points of a series are kept, from 1 to 100,000.

    Raises:
        InputError: There is no name, a name comes twice, or ``max_points`` is out of its range.
    """

    _esm = front_end("live.js")
    _css = front_end("live.css") + STYLE

    _plotly = traitlets.Unicode().tag(sync=True)
    _figure = traitlets.Dict().tag(sync=True)
    _frame = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        names: Sequence[str],
        title: str = "",
        x_title: str = "",
        y_title: str = "",
        *,
        colors: Mapping[str, str] | None = None,
        panels: bool = False,
        max_points: int = 2000,
    ) -> None:
        if isinstance(names, str) or not names or len(set(names)) != len(names):
            raise InputError(f'LiveChart names must be different names, such as ["sse"], not {names!r}.')
        if not 1 <= max_points <= 100_000:
            raise InputError(f"LiveChart max_points must be from 1 to 100,000, not {max_points!r}.")
        self._labels = {name: look.name for name, look in looks_of(names).items()}
        self._title = title
        self._describe = partial(describe_points, title=title, x_title=x_title, y_title=y_title)
        self._draw = partial(
            figure_points, title=title, x_title=x_title, y_title=y_title, colors=colors, panels=panels
        )
        self._traces = {name: _Trace(max_points) for name in names}
        self._points = threading.Lock()  # guards the traces and the next three names
        self._fresh = False
        self._done = False
        self._pump: _Pump | None = None
        self._sending = threading.Lock()  # an older frame must not overtake a newer one
        figure, frame = self.figure().to_plotly_json(), self._make_frame()
        super().__init__(_plotly=plotly_reference(), _figure=figure, _frame=frame)

    def add(self, name: str, x: float, y: float) -> None:
        """Add one point; cheap, from any thread, and nothing is sent by the caller.

        Args:
            name: Which series.
            x: Where to the right, in the unit of ``x_title``.
            y: How high, in the unit of ``y_title``.

        Raises:
            InputError: The chart has no such series, or a place is not a number.
        """
        try:
            trace, x, y = self._traces[name], float(x), float(y)
        except (KeyError, TypeError, ValueError) as error:
            known = ", ".join(self._traces)
            raise InputError(f"A point is a number for one of {known}, not {name!r}, {x!r}, {y!r}.") from error
        with self._points:
            trace.xs.append(x)
            trace.ys.append(y)
            trace.count += 1
            self._fresh = True
            if self._pump is None:
                self._pump = _Pump(self)
                self._pump.start()

    def finish(self) -> None:
        """Send what is not yet sent, and tell the page that the chart is complete."""
        with self._points:
            self._done = self._fresh = True
            pump, self._pump = self._pump, None
        if pump is not None:
            pump.stopped.set()
            pump.join(1)
        self._send_frame()

    def counts(self) -> dict[str, int]:
        """Tell how many points each series got, those included that are no longer kept."""
        with self._points:
            return {name: trace.count for name, trace in self._traces.items()}

    def figure(self) -> Any:
        """Draw the points that are kept as a figure that stays, for a page without widgets or for a file.

        Returns:
            A plotly ``Figure`` with one trace a series.
        """
        with self._points:
            points = self._copy_points()
        return self._draw(points)

    def __repr__(self) -> str:
        return f"{self._title}\n{self._status()}".strip()

    def _send_frame(self) -> None:
        with self._sending:
            with self._points:
                if not self._fresh:
                    return
                self._fresh = False
                frame = self._make_frame()
            self._frame = frame

    def _make_frame(self) -> dict[str, Any]:
        description = f"{self._title}: still growing."
        if self._done:
            description = self._describe(self._copy_points())
        traces = self._traces.values()
        return {
            "points": [array("d", trace.xs).tobytes() + array("d", trace.ys).tobytes() for trace in traces],
            "status": self._status(),
            "description": description,
            "done": self._done,
        }

    def _copy_points(self) -> dict[str, tuple[list[float], list[float]]]:
        return {name: (list(trace.xs), list(trace.ys)) for name, trace in self._traces.items()}

    def _status(self) -> str:
        parts = []
        for name, trace in self._traces.items():
            kept = f" (the newest {len(trace.xs):,} are drawn)" if len(trace.xs) < trace.count else ""
            parts.append(f"{self._labels[name]}: {trace.count:,} message{'s' * (trace.count != 1)}{kept}")
        return "; ".join(parts)


class _Pump(threading.Thread):
    """Sends the newest frame while points come, and ends by itself when they stop."""

    def __init__(self, chart: LiveChart) -> None:
        super().__init__(name="rtlab live chart", daemon=True)
        self.stopped = threading.Event()
        self._chart = chart

    def run(self) -> None:
        chart, idle = self._chart, 0
        while not self.stopped.is_set():
            chart._send_frame()
            self.stopped.wait(FRAME_S)
            with chart._points:
                idle = 0 if chart._fresh else idle + 1
                if idle > _IDLE_FRAMES and chart._pump is self:
                    chart._pump = None
                    return
