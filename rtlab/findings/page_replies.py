"""What a page's EventSource made of a server's reply, or of none."""

from __future__ import annotations

from dataclasses import dataclass

from rtlab.findings.reconnection import StatusCell


@dataclass(frozen=True, slots=True)
class PageReply:
    """What was seen of it in one situation.

    Attributes:
        events: The events that the script got, in order, such as ``"open"`` and ``"error"``.
        states: ``readyState`` at first and after each change: 0 connecting, 1 open, 2 closed.
        page: What it did, and what the standard says.
        ours: What rtlab's EventSource did in the same situation.
    """

    events: tuple[str, ...]
    states: tuple[int, ...]
    page: StatusCell
    ours: StatusCell
