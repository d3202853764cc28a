"""What a victim's browser reads in an event stream into which somebody has written."""

from __future__ import annotations

from dataclasses import dataclass

from rtlab.findings.attacks import Target


@dataclass(frozen=True, slots=True)
class ReadEvent:
    """One event that a parser which follows the standard delivers.

    Attributes:
        type: Its type.
        data: Its text.
        last_event_id: The id that holds from then on.
        forged: True if the server never meant it: the attacker has written it.
    """

    type: str
    data: str
    last_event_id: str
    forged: bool


@dataclass(frozen=True, slots=True)
class InjectedStream:
    """One event stream after an attack.

    Attributes:
        attack: The attack.
        target: The server.
        stream: The stream's bytes.
        events: What a browser makes of them.
        retry_ms: The reconnection time that holds then; None if the stream gave none.
    """

    attack: str
    target: Target
    stream: bytes
    events: tuple[ReadEvent, ...]
    retry_ms: int | None
