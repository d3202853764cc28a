"""``security.inject()``: what somebody can write into an event stream who may choose one of its fields."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import pandas as pd

from rtlab.errors import InputError
from rtlab.experiments import attack_injection
from rtlab.experiments.attack_header_injection import attempts as header_attempts
from rtlab.findings.attacks import Attempt, Target
from rtlab.findings.injection import InjectedStream
from rtlab.results.attacks import Attacks, byte_lines
from rtlab.results.progress import ProgressBar
from rtlab.tables.attacks import injected_events_table


class StreamReading:
    """An event stream as bytes, and what a browser makes of it.

    Args:
        stream: The stream.
    """

    def __init__(self, stream: InjectedStream) -> None:
        self.stream = stream

    def __repr__(self) -> str:
        lines = byte_lines("the stream", self.stream.stream)
        for number, event in enumerate(self.stream.events, 1):
            mark = "   ◄ forged" if event.forged else ""
            lines.append(f"event {number}: {event.type}, last id {event.last_event_id!r}: {event.data!r}{mark}")
        if self.stream.retry_ms is not None:
            lines.append(f"reconnection time: {self.stream.retry_ms:,} ms")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return f'<pre style="white-space: pre-wrap">{escape(repr(self))}</pre>'


class Injections(Attacks):
    """What came of injections.

    Args:
        attempts: One for each attack and server.
        streams: The event streams that victims read.
    """

    def __init__(self, attempts: Sequence[Attempt], streams: Sequence[InjectedStream]) -> None:
        super().__init__(attempts)
        self.streams = tuple(streams)

    @property
    def events(self) -> pd.DataFrame:
        """The events that victims got (``describe("injected_events")``), one row an event."""
        return injected_events_table(self.streams)

    def stream(self, attack: str, target: Target = "naive") -> StreamReading:
        """Show an event stream after an attack: its bytes, and the events that a browser makes of them.

        Args:
            attack: The attack's name, as in the table.
            target: ``"naive"``, ``"fixed"`` or ``"default lab"``.

        Raises:
            InputError: There is no such stream.
        """
        for stream in self.streams:
            if (stream.attack, stream.target) == (attack, target):
                return StreamReading(stream)
        known = ", ".join(dict.fromkeys(repr(stream.attack) for stream in self.streams))
        raise InputError(f"There is no event stream of {attack!r} against {target!r}; there are {known}.")


def inject(*, progress: bool = True) -> Injections:
    """Write line ends into the fields of event streams and of HTTP heads, at servers made for it.

    Each attack runs against a handler that puts text between ``data: `` and an empty line, against the lab's own
    encoder, and against a lab as ``start_lab()`` makes it. All of them are on this machine.

    Args:
        progress: Show a progress bar.

    Returns:
        What came of each; ``stream(attack)`` shows a stream as bytes and as events, the forged ones marked.
    """
    with ProgressBar(progress, unit="part") as bar:
        bar.tell(0, 2, "event streams")
        found = attack_injection.inject()
        bar.tell(1, 2, "headers")
        headers = header_attempts()
    attempts = (*(attempt for attempt, _ in found), *headers)
    return Injections(attempts, [stream for _, stream in found if stream])
