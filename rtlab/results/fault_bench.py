"""``break_it()``: break a running line with a button, and watch who still hears."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import asdict, fields
from types import TracebackType
from typing import Any, Self

import pandas as pd

from rtlab.errors import InputError, LabNotRunning
from rtlab.experiments.bench import WAYS, Bench
from rtlab.findings.simplicity import Account
from rtlab.loop_thread import shared
from rtlab.network.faults import BlackHole, Fault, Stall
from rtlab.servers.lab import Lab
from rtlab.widgets.button_row import ButtonRow
from rtlab.widgets.live import LiveChart
from rtlab.workload import Workload

RATE_PER_S = 10.0
_START_S = 15.0
_STOP_S = 20.0
_PRESS_S = 5.0
_HINTS = {
    "Stall": "Nothing moves until you mend it; the line stays up.",
    "Black hole": "Bytes vanish, and nobody is told: a half-open connection.",
    "Reset": "Breaks every connection off, once.",
    "Mend": "Takes the fault away.",
}


class FaultBench:
    """One workload that plays through a line with buttons; made by :func:`break_it`.

    Args:
        lab: The running lab.
        seconds: How long it plays.
    """

    def __init__(self, lab: Lab, seconds: float) -> None:
        workload = Workload(RATE_PER_S, round(RATE_PER_S * seconds), 32)
        self.accounts: Mapping[str, Account] = {}
        self.chart = LiveChart(
            list(WAYS), "What still arrives", "time since the start (s)", "number of the message", panels=True
        )
        actions = {
            "Stall": lambda: self._apply("Stalled: nothing moves, and nobody is told.", Stall()),
            "Black hole": lambda: self._apply("Half-open: bytes vanish, and nobody is told.", BlackHole()),
            "Reset": self._reset,
            "Mend": lambda: self._apply("Mended."),
        }
        self.board = ButtonRow(self.chart, actions, hints=_HINTS, label="Break the line")
        self._bench = Bench(lab, workload, self.chart.add)
        self._stopping = threading.Lock()
        self._over = threading.Event()
        self._held = False

    def press(self, name: str) -> str:
        """Press a button.

        Args:
            name: ``"Stall"``, ``"Black hole"``, ``"Reset"`` or ``"Mend"``.

        Returns:
            What happened, one sentence.

        Raises:
            InputError: There is no such button.
            LabNotRunning: It has been stopped.
        """
        if name not in _HINTS:
            raise InputError(f"There is no button {name!r}; there are {', '.join(_HINTS)}.")
        if not self._held:
            raise LabNotRunning("This run is over; call break_it() again.")
        return self.board.press(name)

    def watch(self, seconds: float) -> None:
        """Let it play while a cell waits; the chart goes on.

        Args:
            seconds: How long, 0 to 600.

        Raises:
            InputError: ``seconds`` is out of its range.
        """
        if not 0 <= seconds <= 600:
            raise InputError("seconds: 0 to 600.")
        self._over.wait(seconds)

    def stop(self) -> pd.DataFrame:
        """Mend the line, let the clients catch up, and close everything; a second call only gives the table.

        Returns:
            What became of the messages; see :attr:`table`.
        """
        with self._stopping:
            if self._held:
                self._held = False
                try:
                    self.accounts = shared.call(self._bench.stop, _STOP_S)
                finally:
                    shared.release()
                    self._over.set()
                    self.chart.finish()
                    self.board.disable(f"Over. {self.text}")
        return self.table

    @property
    def table(self) -> pd.DataFrame:
        """One row a client: sent, delivered, lost, doubled, out of order; empty before the end."""
        rows = [{"client": WAYS[way], **asdict(one)} for way, one in self.accounts.items()]
        return pd.DataFrame(rows, columns=["client", *(field.name for field in fields(Account))])

    @property
    def text(self) -> str:
        """Who got what, as one sentence."""
        parts = (f"{WAYS[way]} got {one.delivered} of {one.sent}" for way, one in self.accounts.items())
        if not self.accounts:
            return "Still running." if self._held else "It was interrupted before it could count."
        return f"{'; '.join(parts)}."

    def _apply(self, said: str, *faults: Fault) -> str:
        shared.call(lambda: self._bench.apply(*faults), _PRESS_S)
        return said

    def _reset(self) -> str:
        return f"Reset: {shared.call(self._bench.cut, _PRESS_S)} connections broken off. Who comes back?"

    def _start(self) -> None:
        shared.hold()
        self._held = True
        try:
            shared.call(self._bench.start, _START_S)
            playing = shared.submit(self._bench.played)
        except BaseException:
            self.stop()
            raise
        # On a thread of its own: to stop means to wait for the loop, on which this callback runs.
        playing.add_done_callback(lambda _: threading.Thread(target=self.stop, daemon=True).start())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        if not self.accounts:
            return repr(self.board)
        return f"{self.table.to_string(index=False)}\n{self.text}"

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        return self.board._repr_mimebundle_(**kwargs)


def break_it(lab: Lab, *, seconds: float = 60.0) -> FaultBench:
    """Play messages to an EventSource and two WebSockets, and break their line with buttons meanwhile.

    The three hear the same messages through one relay. The second WebSocket is opened again by a program, which
    names the last id it got. The buttons work while no cell runs; in code, ``press("Reset")``.

    Args:
        lab: The running lab.
        seconds: How long it plays, 1 to 600; ``stop()`` ends it sooner.

    Returns:
        The chart with its buttons; ``stop()`` gives the account.

    Raises:
        InputError: ``seconds`` is out of its range.
        LabNotRunning: The lab was stopped.
    """
    if not 1 <= seconds <= 600:
        raise InputError("seconds: 1 to 600.")
    if not lab.running:
        raise LabNotRunning(f"The lab {lab.name!r} is not running; call rtlab.start_lab().")
    bench = FaultBench(lab, seconds)
    bench._start()
    return bench
