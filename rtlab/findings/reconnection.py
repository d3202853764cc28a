"""What experiments on refusals and broken lines found: which client comes back, and which does not."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StatusCell:
    """What one client did in one situation, and what the standard says about it.

    Attributes:
        situation: Such as ``"404"`` or ``"reset"``.
        client: Such as ``"rtlab EventSource"``.
        protocol: ``"sse"`` or ``"websocket"``.
        outcome: In one or two words: ``"reconnects"``, ``"follows"``, ``"closes"``, ``"raises"``, ``"reads it"``,
            ``"ends"`` or ``"waits"``.
        attempts: Requests that came; connections or look-ups of the name where no request can come.
        delays_ms: Time from the end of each answer to the next attempt.
        followed: True if it went where a redirect led.
        state: How the client was left: ``"open"``, ``"reconnecting"``, ``"closed"`` (it told so) or ``"ended"``
            (without a word).
        error: The class of the error that it raised; empty if it raised none.
        last_event_id: True if a later request named the last event; None if there was no later request.
        delivered: Messages that the program got.
        standard: What the standard wants, in a few words.
        clause: Where it says so.
        agrees: Whether the client does what the standard wants.
        source: Where the row comes from: ``"here"``, or the date of a record.
    """

    situation: str
    client: str
    protocol: str
    outcome: str
    attempts: int
    delays_ms: tuple[float, ...]
    followed: bool
    state: str
    error: str
    last_event_id: bool | None
    delivered: int
    standard: str
    clause: str
    agrees: bool
    source: str = "here"
