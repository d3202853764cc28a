"""The recorder: lets everything happen, and writes down what came of it, cell by cell."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.getipython import get_ipython
from ipywidgets.widgets import widget as widgets  # type: ignore[import-untyped]  # ipywidgets ships no types

from rtlab.errors import RtlabError
from rtlab.replay.cell import cell_source
from rtlab.replay.stand_ins import Live, path_of, readable
from rtlab.replay.tape import Tape, digest
from rtlab.replay.values import decode, encode
from rtlab.surroundings.place import conditions
from rtlab.widgets.readable import ReadableWidget

_WIDGET = "application/vnd.jupyter.widget-view+json"


class Recorder:
    """Writes down the outcomes of one kernel."""

    def __init__(self) -> None:
        self._tape = Tape("", conditions())
        self._living: dict[int, Live] = {}  # they hold the real things, so no id is given twice
        self._named: dict[str, Live] = {}

    def outcome(self, asked: str, work: Callable[[], Any], *, anywhere: bool = False) -> Any:
        """Do the work and write down what came of it."""
        shown: list[Any] = []
        try:
            with _displayed(shown):
                result = work()
        except (RtlabError, StopIteration) as error:
            self._note(asked, {"raises": encode(error)}, shown)
            raise
        living: list[Live] = []

        def live(thing: Any) -> Any:
            living.append(self._live(thing, asked))
            return {"live": living[-1]._name, "class": living[-1]._path}

        gives = encode(result, live)
        self._note(asked, {"gives": gives}, shown)
        return decode(gives, lambda written: self._named[written["live"]]) if living else result

    def computed(self, verb: Callable[..., Any]) -> Callable[..., Any]:
        """Give the verb itself: there is nothing to write down."""
        return verb

    def save(self, path: Path, notebook: str, sources: list[str]) -> Path:
        """Write the recording to a file.

        Args:
            path: Where to.
            notebook: The notebook's name.
            sources: The text of every cell, for cells in which nothing was recorded belong to it, too.
        """
        cells = {digest(source): self._tape.cells.get(digest(source), {}) for source in sources}
        return Tape(notebook, self._tape.conditions, cells).save(path)

    def _live(self, thing: Any, asked: str) -> Live:
        if id(thing) not in self._living:
            name = next(name for name in _names(asked) if name not in self._named)
            self._living[id(thing)] = self._named[name] = Live(self, name, path_of(thing), thing)
        return self._living[id(thing)]

    def _note(self, asked: str, outcome: dict[str, Any], shown: list[Any]) -> None:
        if shown:
            outcome["shows"] = shown
        self._tape.cells.setdefault(digest(cell_source()), {}).setdefault(asked, []).append(outcome)


def _names(asked: str) -> Iterator[str]:
    yield asked
    yield from (f"{asked} #{number}" for number in count(2))


@contextmanager
def _displayed(shown: list[Any]) -> Iterator[None]:
    """Collect what is displayed meanwhile, as it looks in the end; progress bars are left out."""
    shell: Any = get_ipython()
    if shell is None:
        yield
        return
    publisher, shell.display_pub = shell.display_pub, CapturingDisplayPublisher()  # type: ignore[no-untyped-call]  # IPython
    try:
        yield
    finally:
        captured, shell.display_pub = shell.display_pub.outputs, publisher
        for output in captured:
            model = output["data"].get(_WIDGET, {}).get("model_id")
            widget = widgets._instances.get(model)
            if isinstance(widget, ReadableWidget):
                figure = getattr(widget, "figure", None)
                shown.append(encode(figure() if figure else readable(widget)))
            elif model is None:
                shown.append(encode({kind: text for kind, text in output["data"].items() if kind[:5] == "text/"}))


recorder = Recorder()
