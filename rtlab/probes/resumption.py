"""Does ``Last-Event-ID`` bring back what a client has missed?

The probe comes back with the id of an event that is not the last one it saw. What should follow is known then, and
nobody has to wait for new events::

    seen before     1  2  3  4  5
    Last-Event-ID         3
    must come                4  5  ...      once, and in order

Spec: WHATWG HTML 9.2.4
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rtlab import clock
from rtlab.codecs.http1 import RequestHead
from rtlab.errors import ConnectionFailed, LocalProtocolError, WaitTimeout
from rtlab.probes.examination import CannotGoOn, Examination, head_line
from rtlab.probes.finding import Severity
from rtlab.probes.listening import listen
from rtlab.probes.stream_inspector import SeenEvent

_MOST_MISSED = 3
_WAIT_S = 3.0
_LONG = "one of 6,000 characters"
_STRANGE_IDS = {
    "an unknown id": "rtlab-probe-0",
    "a number far away": "-9223372036854775809",
    "letters of other scripts": "\u00e9\u2603".encode().decode("latin-1"),
    "signs of all kinds": "'\"\\<>&;|$(){}%00%0a../..",
    _LONG: "7" * 6_000,
}


async def try_resumption(
    examination: Examination, request: Callable[..., RequestHead], events: Sequence[SeenEvent]
) -> None:
    """Come back to a stream and see what it brings.

    Args:
        examination: What is under examination.
        request: Makes the request, with further headers.
        events: What was seen before.
    """
    ids = [event.id for event in events if event.id]
    if not ids:
        if events:
            examination.note("SSE-NO-IDS", "info", f"{len(events)} events, none with an id")
        return
    if len(set(ids)) < len(ids) or len(ids) < 2:
        return  # which of them is meant cannot be told
    missed = ids[-min(_MOST_MISSED, len(ids) - 1) :]
    last = ids[-len(missed) - 1]
    try:
        asked = request(examination, ("Last-Event-ID", last.encode().decode("latin-1")))
        start_ns = clock.now_ns()
        http, head = await examination.ask(asked)
    except (CannotGoOn, LocalProtocolError):
        return
    try:
        if head.status != 200:
            examination.note("SSE-RESUME-FAILED", "warning", f"Last-Event-ID: {last} got {head_line(head)}")
            return
        seconds = min(max(examination.seconds, 1.0), _WAIT_S)
        heard = await listen(http, head, seconds=seconds, start_ns=start_ns, ids=len(missed))
    finally:
        http.close()
    came = [event.id for event in heard.inspector.events if event.id]
    said = f"Last-Event-ID: {last}; should follow: {_listed(missed)}; came: {_listed(came) or 'nothing'}"
    known = set(ids) - set(missed)
    if came[: len(missed)] == missed:
        examination.facts["resume"] = "works"
        examination.note("SSE-RESUME-LOST", "fine", said)
    elif any(each in known for each in came):
        examination.facts["resume"] = "doubled"
        examination.note("SSE-RESUME-DOUBLED", "warning", said)
    else:
        examination.facts["resume"] = "lost"
        examination.note("SSE-RESUME-LOST", "warning", said)


async def try_strange_ids(examination: Examination, request: Callable[..., RequestHead]) -> None:
    """Come back with ids that the server cannot know: of an older history, of another server, of an attacker.

    Args:
        examination: What is under examination.
        request: Makes the request, with further headers.
    """
    if any(each.id == "SSE-RESUME-FAILED" for each in examination.findings):
        return
    told: list[str] = []
    refused = failed = False
    for what, value in _STRANGE_IDS.items():
        examination.trying = f"to come back with {what} as Last-Event-ID"
        answer = await examination.try_answer(request(examination, ("Last-Event-ID", value)))
        if isinstance(answer, WaitTimeout):
            return  # whether that is due to the id cannot be told
        if isinstance(answer, ConnectionFailed):
            failed = True
            told.append(f"{what}: {answer}")
            continue
        told.append(f"{what}: {answer.status}")
        # A server may have a limit for the length; everything else is an id that it could have given.
        refused |= answer.status != 200 and not (what == _LONG and 400 <= answer.status < 500)
        failed |= answer.status >= 500
    severity: Severity = "error" if failed else "warning" if refused else "fine"
    examination.note("SSE-ID-UNKNOWN", severity, "; ".join(told))


def _listed(ids: Sequence[str]) -> str:
    shown = ", ".join(repr(each[:40])[1:-1] for each in ids[:5])
    return f"{shown} …" if len(ids) > 5 else shown
