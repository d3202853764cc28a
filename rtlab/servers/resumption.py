"""What a server does for clients that come back: ids, a history to replay from, and the time to wait.

::

    ids    history    a client that comes back
    no     -          starts with the next message; whatever went out meanwhile is lost
    yes    none       names the last id it saw, in vain
    yes    too short  gets the end of what it missed
    yes    enough     gets all of it

Spec: HTML Living Standard, Server-sent events: the fields ``id`` and ``retry`` (9.2.6), ``Last-Event-ID`` (9.2.4).
"""

from __future__ import annotations

from dataclasses import dataclass

from rtlab.errors import InputError


@dataclass(frozen=True, slots=True)
class Resumption:
    """What a lab does for clients that come back; the defaults bridge a short outage.

    Args:
        ids: Give each message an id. Without, event streams carry no ``id`` lines and ``rtlab.v1`` is not agreed
            on. A polling client keeps its place all the same: its question names it.
        history_messages: How many messages each channel keeps to replay, from 0 to 1,000,000.
        retry_ms: The reconnection time that event streams ask for, from 1 to 86,400,000 ms; browsers would wait
            about 3,000 ms.

    Raises:
        InputError: A setting is out of its range.
    """

    ids: bool = True
    history_messages: int = 1_000
    retry_ms: int = 1_000

    def __post_init__(self) -> None:
        if not (0 <= self.history_messages <= 1_000_000 and 1 <= self.retry_ms <= 86_400_000):
            raise InputError("history_messages is a number from 0 to 1,000,000; retry_ms from 1 to 86,400,000.")
