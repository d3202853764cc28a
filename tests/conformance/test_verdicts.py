from __future__ import annotations

from collections.abc import Callable

import pytest

from rtlab.conformance.outcomes import Content, Message, SseOutcome, WebSocketOutcome
from rtlab.conformance.vectors import SseVector, WebSocketVector, sse_vectors, websocket_vectors
from rtlab.conformance.verdicts import Finding, judge_sse, judge_websocket

Change = Callable[[WebSocketOutcome], None]


def sse_vector(id: str) -> SseVector:
    (found,) = (vector for vector in sse_vectors() if vector.id == id)
    return found


def websocket_vector(id: str) -> WebSocketVector:
    (found,) = (vector for vector in websocket_vectors() if vector.id == id)
    return found


def right(vector: SseVector) -> SseOutcome:
    return SseOutcome(list(vector.events), vector.last_event_id, vector.retry_ms)


def judged(id: str, change: Change) -> Finding:
    """Judge the right deliveries of a vector with another ending."""
    vector = websocket_vector(id)
    outcome = WebSocketOutcome(list(vector.messages), list(vector.pings), list(vector.pongs))
    change(outcome)
    return judge_websocket(vector, outcome)


@pytest.mark.parametrize("vector", sse_vectors(), ids=lambda vector: vector.id)
def test_what_a_stream_vector_wants_is_ok(vector: SseVector) -> None:
    finding = judge_sse(vector, right(vector))
    assert (finding.verdict, finding.facet, finding.symptom) == ("OK", "", "")


def test_an_exception_fails_and_is_named_also_if_all_events_came() -> None:
    outcome = right(sse_vector("eol-lf"))
    outcome.exception = "ValueError: no"
    finding = judge_sse(sse_vector("eol-lf"), outcome)
    assert (finding.verdict, finding.symptom) == ("FAILED", "exception")
    assert finding.got == "ValueError: no; message 'a'"


@pytest.mark.parametrize(
    ("texts", "symptom"), [([], "missing"), (["1", "2", "3"], "extra"), (["1", "3"], "changed"), (["1", "2"], "")]
)
def test_events_are_missing_extra_or_changed(texts: list[str], symptom: str) -> None:
    outcome = SseOutcome()
    for text in texts:
        outcome.deliver("message", text, "")
    assert judge_sse(sse_vector("eol-extra-blank"), outcome).symptom == symptom


def test_the_type_of_an_event_counts() -> None:
    outcome = SseOutcome()
    outcome.deliver("message", "x", "")
    outcome.deliver("test", "x", "")
    assert judge_sse(sse_vector("event-then-default"), outcome).symptom == "changed"


def test_the_id_of_each_event_and_the_last_one_count() -> None:
    vector = sse_vector("id-changes")
    forgetful = right(vector)
    forgetful.events[2] = type(forgetful.events[2])("message", Content.of("c"), "")
    finding = judge_sse(vector, forgetful)
    assert (finding.facet, finding.expected) == ("last event ID", "IDs ['1', '2', '2'], then '2'")
    assert finding.got == "IDs ['1', '2', ''], then '2'"
    none = right(vector)
    none.last_event_id = ""
    assert judge_sse(vector, none).symptom == "last event ID"


@pytest.mark.parametrize("retry_ms", [None, "2000", 1000])
def test_another_retry_fails_and_so_does_a_text(retry_ms: int | str | None) -> None:
    outcome = right(sse_vector("retry-bogus-keeps"))
    outcome.retry_ms = retry_ms
    finding = judge_sse(sse_vector("retry-bogus-keeps"), outcome)
    assert (finding.verdict, finding.symptom, finding.got) == ("FAILED", "retry", f"retry {retry_ms!r}")


def test_all_that_is_wrong_is_named_and_the_worst_is_the_symptom() -> None:
    finding = judge_sse(sse_vector("eof-one-event-unfinished"), SseOutcome())
    assert (finding.facet, finding.symptom) == ("events, retry", "missing")


@pytest.mark.parametrize(
    ("id", "change", "verdict", "symptom"),
    [
        # A good message.
        ("len-0-c", lambda outcome: None, "OK", ""),
        ("len-0-c", lambda outcome: outcome.fail(1002), "FAILED", "refused"),
        ("len-0-c", lambda outcome: outcome.drop(), "FAILED", "refused"),
        ("len-0-c", lambda outcome: outcome.messages.clear(), "FAILED", "messages"),
        ("len-0-c", lambda outcome: outcome.pings.append(b""), "FAILED", "pings"),
        ("pong-unsolicited-s", lambda outcome: setattr(outcome, "pongs", []), "FAILED", "pongs"),
        ("pong-unsolicited-s", lambda outcome: setattr(outcome, "pongs", None), "OK", ""),
        # A broken rule.
        ("rsv-all-s", lambda outcome: outcome.fail(1002), "OK", ""),
        ("rsv-all-s", lambda outcome: None, "FAILED", "accepted"),
        ("rsv-all-s", lambda outcome: outcome.close(1000, 1000), "FAILED", "accepted"),
        ("rsv-all-s", lambda outcome: outcome.fail(1007), "FAILED", "other code"),
        ("rsv-all-s", lambda outcome: outcome.drop(), "NON-STRICT", "no close frame"),
        ("rsv-all-s", lambda outcome: setattr(outcome, "ending", "stalled"), "FAILED", "stalled"),
        ("rsv-all-s", lambda outcome: setattr(outcome, "ending", "raised"), "FAILED", "exception"),
        ("pmd-corrupt-s", lambda outcome: outcome.fail(1002), "NON-STRICT", "other code"),
        ("len-nonminimal-16-c", lambda outcome: outcome.deliver(b"a"), "NON-STRICT", "accepted"),
        ("len-nonminimal-16-c", lambda outcome: outcome.fail(1002), "OK", ""),
        # A close frame.
        ("close-3000", lambda outcome: outcome.close(3000, 3000), "OK", ""),
        ("close-3000", lambda outcome: outcome.close(3000, 1000), "NON-STRICT", "other answer"),
        ("close-3000", lambda outcome: outcome.close(3000, None), "FAILED", "no answer"),
        ("close-3000", lambda outcome: outcome.close(1000, 1000), "FAILED", "other code"),
        ("close-3000", lambda outcome: outcome.fail(1002), "FAILED", "refused"),
        ("close-3000", lambda outcome: None, "FAILED", "close ignored"),
        ("close-1014", lambda outcome: outcome.fail(1002), "NON-STRICT", "refused"),
        # What the standard leaves open.
        ("close-undefined-5000", lambda outcome: outcome.close(5000, 5000), "INFORMATIONAL", ""),
        ("close-undefined-5000", lambda outcome: outcome.fail(1002), "INFORMATIONAL", ""),
        ("close-undefined-5000", lambda outcome: setattr(outcome, "ending", "stalled"), "FAILED", "stalled"),
    ],
)
def test_an_ending_has_its_verdict(id: str, change: Change, verdict: str, symptom: str) -> None:
    finding = judged(id, change)
    assert (finding.verdict, finding.symptom) == (verdict, symptom)
    assert bool(finding.facet) == bool(symptom)


def test_failing_later_than_needed_is_not_strict() -> None:
    def late(outcome: WebSocketOutcome) -> None:
        outcome.late = True
        outcome.fail(1007)

    finding = judged("utf8-bad-first-fragment-s", late)
    assert (finding.verdict, finding.symptom, finding.got) == (
        "NON-STRICT",
        "late",
        "fail with 1007; later than needed",
    )


def test_messages_before_a_broken_rule_must_have_come() -> None:
    def lose(outcome: WebSocketOutcome) -> None:
        outcome.messages.clear()
        outcome.fail(1002)

    finding = judged("rsv-after-good-c", lose)
    assert (finding.verdict, finding.symptom) == ("FAILED", "messages")
    assert (finding.expected, finding.got) == ("text 'ok'; fail with 1002", "fail with 1002")


def test_a_text_is_no_binary_message() -> None:
    def swap(outcome: WebSocketOutcome) -> None:
        outcome.messages = [Message("binary", outcome.messages[0].content)]

    assert judged("frag-two-s", swap).symptom == "messages"


def test_many_items_are_told_in_short() -> None:
    finding = judged("ping-10-s", lambda outcome: None)
    assert finding.expected.endswith("ping 35 and 4 more")
