"""Which cell of a notebook is running."""

from __future__ import annotations

from typing import Any

from IPython.core.getipython import get_ipython

_turn = 0


def turn() -> int:
    """Tell which run of a cell this is: another number in each run, also in one of the same cell."""
    return _turn


def cell_source() -> str:
    """Give the text of the running cell; empty outside a notebook."""
    history = getattr(_shell(), "history_manager", None)
    return str(history.input_hist_raw[-1]) if history is not None else ""


def _shell() -> Any:
    return get_ipython()


def _count(info: Any) -> None:
    global _turn
    _turn += 1


if _shell() is not None:
    _shell().events.register("pre_run_cell", _count)
