"""From what a peer made of a vector to a verdict, in the words of the Autobahn test suite.

=================  ===================================================================================
``OK``             as the standard wants it
``INFORMATIONAL``  the standard leaves it open; what the peer does is only noted
``UNIMPLEMENTED``  the vector needs something that the peer does not have
``NON-STRICT``     allowed, but not the best: another code, later than needed, or without a close frame
``FAILED``         against the standard
=================  ===================================================================================
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from rtlab.conformance.outcomes import Content, Message, SseOutcome, WebSocketOutcome
from rtlab.conformance.vectors import SseVector, WebSocketVector

Verdict = Literal["OK", "INFORMATIONAL", "UNIMPLEMENTED", "NON-STRICT", "FAILED"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
"""All verdicts, the best first."""

# No clause says what to do with a close code from 5000 on.
_INFORMATIONAL = {"close-undefined-5000", "close-undefined-65535"}
_SHOWN_ITEMS = 6


@dataclass(frozen=True, slots=True)
class Finding:
    """The verdict on one feeding of one vector.

    Attributes:
        verdict: See the table above.
        facet: What is wrong: ``"events"``, ``"last event ID"``, ``"retry"``, ``"messages"`` and so on; several are
            joined by a comma; empty for nothing.
        symptom: How it is wrong, as a key of :mod:`rtlab.conformance.consequences`; empty for nothing.
        expected: What the vector wants, for people.
        got: What the peer did, for people.
    """

    verdict: Verdict
    facet: str
    symptom: str
    expected: str
    got: str


def judge_sse(vector: SseVector, outcome: SseOutcome) -> Finding:
    """Compare what a parser delivers with what an EventSource would.

    Args:
        vector: The event stream.
        outcome: What the parser made of it.

    Returns:
        OK or FAILED. The IDs of events are compared only where the events are right.
    """
    wanted = SseOutcome(list(vector.events), vector.last_event_id, vector.retry_ms)
    same_events = [(event.type, event.data) for event in outcome.events] == [
        (event.type, event.data) for event in vector.events
    ]
    same_ids = outcome.last_event_id == vector.last_event_id and (not same_events or _ids(outcome) == _ids(wanted))
    wrong = {
        "exception": bool(outcome.exception),
        "events": not same_events,
        "last event ID": not same_ids,
        "retry": outcome.retry_ms != vector.retry_ms,
    }
    facets = [name for name, is_wrong in wrong.items() if is_wrong]
    if not facets:
        return Finding("OK", "", "", _told(wanted, ()), _told(outcome, ()))
    symptom = facets[0]
    if symptom == "events":
        more = len(outcome.events) - len(vector.events)
        symptom = "extra" if more > 0 else "missing" if more < 0 else "changed"
    return Finding("FAILED", ", ".join(facets), symptom, _told(wanted, facets), _told(outcome, facets))


def judge_websocket(vector: WebSocketVector, outcome: WebSocketOutcome) -> Finding:
    """Compare what a receiver makes of frames with what the standard wants.

    Args:
        vector: The frames.
        outcome: What the receiver made of them.

    Returns:
        Any verdict but UNIMPLEMENTED, which no outcome can tell.
    """
    verdict, symptom = _judge_ending(vector, outcome)
    facets = ["ending"] if symptom else []
    takes_as_good = vector.may_accept and outcome.ending in ("open", "closed")
    if not takes_as_good and outcome.ending != "raised":
        found: dict[str, tuple[object, object]] = {
            "messages": (tuple(outcome.messages), vector.messages),
            "pings": (tuple(outcome.pings), vector.pings),
            "pongs": (vector.pongs if outcome.pongs is None else tuple(outcome.pongs), vector.pongs),
        }
        different = [name for name, (got, wanted) in found.items() if got != wanted]
        if different:
            verdict, symptom = "FAILED", symptom if verdict == "FAILED" else different[0]
            facets += different
    if vector.id in _INFORMATIONAL and verdict != "FAILED":
        verdict, symptom, facets = "INFORMATIONAL", "", []
    return Finding(verdict, ", ".join(facets), symptom, _wanted(vector), _seen(outcome))


def _judge_ending(vector: WebSocketVector, outcome: WebSocketOutcome) -> tuple[Verdict, str]:
    ending, code = outcome.ending, outcome.code
    if ending == "raised":
        return "FAILED", "exception"
    if vector.error is not None:
        if ending in ("open", "closed"):
            return ("NON-STRICT" if vector.may_accept else "FAILED"), "accepted"
        if ending == "stalled":
            return "FAILED", "stalled"
        if ending == "failed" and code != vector.error:
            return ("NON-STRICT" if code in vector.acceptable else "FAILED"), "other code"
        if outcome.late:
            return "NON-STRICT", "late"
        return ("OK", "") if ending == "failed" else ("NON-STRICT", "no close frame")
    if vector.close_code is None:
        return ("OK", "") if ending == "open" else ("FAILED", "refused")
    if ending == "failed" and code in vector.acceptable:
        return "NON-STRICT", "refused"
    if ending != "closed":
        return "FAILED", "refused" if ending != "open" else "close ignored"
    if code != vector.close_code:
        return "FAILED", "other code"
    if outcome.answer is None:
        return "FAILED", "no answer"
    return ("OK", "") if outcome.answer == code else ("NON-STRICT", "other answer")


def _ids(outcome: SseOutcome) -> list[str]:
    return [event.last_event_id for event in outcome.events]


def _told(outcome: SseOutcome, facets: Sequence[str]) -> str:
    parts = []
    if outcome.exception:
        parts.append(outcome.exception)
    if not facets or "events" in facets or "exception" in facets:
        parts.append(_joined(outcome.events) or "no event")
    if "last event ID" in facets:
        ids = ", ".join(repr(id) for id in _ids(outcome))
        parts.append(f"IDs [{ids}], then {outcome.last_event_id!r}")
    if "retry" in facets:
        parts.append(f"retry {outcome.retry_ms!r}")
    return "; ".join(parts)


def _wanted(vector: WebSocketVector) -> str:
    parts = _delivered(vector.messages, vector.pings, vector.pongs)
    if vector.error is not None:
        parts.append(f"fail with {vector.error}")
    elif vector.close_code is not None:
        parts.append(f"close {vector.close_code}")
    return "; ".join(parts) or "nothing"


def _seen(outcome: WebSocketOutcome) -> str:
    parts = _delivered(outcome.messages, outcome.pings, outcome.pongs or ())
    parts += {
        "open": [],
        "closed": [f"close {outcome.code}"],
        "failed": [f"fail with {outcome.code}"],
        "dropped": ["drop without a close frame"],
        "stalled": ["wait for more bytes"],
        "raised": [],
    }[outcome.ending]
    if outcome.ending == "closed" and outcome.answer != outcome.code:
        parts.append("no answer" if outcome.answer is None else f"answer {outcome.answer}")
    if outcome.exception:
        parts.append(outcome.exception)
    if outcome.late:
        parts.append("later than needed")
    return "; ".join(parts) or "nothing, and read on"


def _delivered(messages: Iterable[Message], pings: Iterable[bytes], pongs: Iterable[bytes]) -> list[str]:
    controls = [
        f"{name} {Content.of(payload)}" for name, all in (("ping", pings), ("pong", pongs)) for payload in all
    ]
    return [part for part in (_joined(messages), _joined(controls)) if part]


def _joined(items: Iterable[object]) -> str:
    texts = [str(item) for item in items]
    more = f" and {len(texts) - _SHOWN_ITEMS} more" if len(texts) > _SHOWN_ITEMS else ""
    return ", ".join(texts[:_SHOWN_ITEMS]) + more
