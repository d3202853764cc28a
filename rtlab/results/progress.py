"""A progress bar over the runs of an experiment; it only counts, and it moves between runs."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from tqdm.auto import tqdm


class ProgressBar:
    """Shows how many runs are done and which is on; vanishes at the end.

    Args:
        shown: False makes a bar that shows nothing.
        unit: What it counts.
    """

    def __init__(self, shown: bool = True, *, unit: str = "run") -> None:
        self._shown = shown
        self._unit = unit
        self._bar: tqdm[Any] | None = None

    def tell(self, done: int, total: int, text: str) -> None:
        """Take note that ``done`` of ``total`` runs are over and that ``text`` is on."""
        if not self._shown:
            return
        if self._bar is None:
            self._bar = tqdm(total=total, unit=self._unit, leave=False)
        self._bar.set_description_str(text, refresh=False)
        self._bar.update(done - self._bar.n)

    def clear(self) -> None:
        """Leave the screen to somebody else until the next run."""
        if self._bar is not None:
            self._bar.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            if error is None:  # an unfinished bar would stay, in red
                self._bar.update((self._bar.total or 0) - self._bar.n)
            self._bar.close()
