"""The player: finds in the recordings of the course what came of an operation."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from IPython.display import display

from rtlab.errors import RecordingError
from rtlab.replay.cell import cell_source, turn
from rtlab.replay.mark import marked, tell
from rtlab.replay.stand_ins import Live
from rtlab.replay.tape import Outcome, Tape, digest, shipped
from rtlab.replay.values import decode


class Player:
    """Gives the outcomes that were recorded.

    Args:
        tapes: The recordings; they are read when they are needed.
    """

    def __init__(self, tapes: Iterator[Tape] | None = None) -> None:
        self._unread = shipped() if tapes is None else tapes
        self._tapes: list[Tape] = []
        self._asked: Counter[str] = Counter()
        self._turn = -1

    def outcome(self, asked: str, work: Callable[[], Any], *, anywhere: bool = False) -> Any:
        """Give what was recorded; the work itself is not done."""
        tape, outcome = self._find(asked, anywhere)
        tell(tape.mark)

        def live(written: Any) -> Any:
            return Live(self, written["live"], written["class"])

        def read(written: Any) -> Any:
            try:
                return marked(decode(written, live, lambda thing: marked(thing, tape.mark)), tape.mark)
            except (AttributeError, LookupError, TypeError, ValueError) as error:
                raise RecordingError(f"The recording of {tape.notebook} is damaged: {error!r}.") from error

        for shown in outcome.get("shows", ()):
            thing = read(shown)
            display(thing, raw=isinstance(thing, dict))  # type: ignore[no-untyped-call]  # as in mark.py
        if "raises" in outcome:
            raise read(outcome["raises"])
        return read(outcome["gives"])

    def computed(self, verb: Callable[..., Any]) -> Callable[..., Any]:
        """Compute anew, and mark the result as soon as there is something replayed to compute with."""

        @functools.wraps(verb)
        def called(*args: Any, **kwargs: Any) -> Any:
            result = verb(*args, **kwargs)
            return marked(result, self._tapes[0].mark) if self._tapes else result

        return called

    def _find(self, asked: str, anywhere: bool) -> tuple[Tape, Outcome]:
        if turn() != self._turn:
            self._turn = turn()
            self._asked.clear()
        key = digest(cell_source())
        for tape in self._recordings():
            outcomes = tape.cells.get(key, {}).get(asked)
            if outcomes:
                self._tapes.remove(tape)
                self._tapes.insert(0, tape)  # the notebook that is being read, most likely
                nth = min(self._asked[asked], len(outcomes) - 1)
                self._asked[asked] += 1
                return tape, outcomes[nth]
        if anywhere:
            for tape in self._recordings():
                for cell in tape.cells.values():
                    if asked in cell:
                        return tape, cell[asked][0]
        raise RecordingError(
            f"No recording knows {asked} in this cell. In a replay nothing runs: it knows the course's cells as "
            "they are, and each experiment with the settings it has there. To try something of your own, unset "
            "RTLAB_REPLAY, restart the kernel, and measure here."
        )

    def _recordings(self) -> Iterator[Tape]:
        yield from tuple(self._tapes)
        for tape in self._unread:
            self._tapes.append(tape)
            yield tape
