"""Injection into event streams and heads: careless servers fall for it, and the lab's encoders do not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtlab.codecs.sse import EventStreamDecoder, encode_event
from rtlab.errors import InputError, LocalProtocolError
from rtlab.experiments.attack_header_injection import has_forged_answer, has_forged_cookie, write_fixed, write_naive
from rtlab.experiments.attack_injection import FORGED, read_stream
from rtlab.findings.attacks import Attempt
from rtlab.results.injections import Injections, inject

HARMLESS = "U+2028 in the data, harmless"
TEXTS = st.text(st.one_of(st.sampled_from("\r\n\0\u2028\ufeff: \x85\x0b\x0c"), st.characters(codec="utf-8")))
LINES = TEXTS.filter(lambda text: not set(text) & set("\r\n\0"))


@pytest.fixture(scope="module")
def injections() -> Injections:
    return inject(progress=False)


def attempts_of(injections: Injections, target: str) -> list[Attempt]:
    return [attempt for attempt in injections.attempts if attempt.target == target]


def test_every_injection_succeeds_against_a_careless_server_but_the_harmless_one(injections: Injections) -> None:
    failed = [attempt.attack for attempt in attempts_of(injections, "naive") if not attempt.succeeded]
    assert failed == [HARMLESS]
    assert len(attempts_of(injections, "naive")) == 15


@pytest.mark.parametrize("target", ["fixed", "default lab"])
def test_no_injection_succeeds_against_the_encoders_and_the_lab(injections: Injections, target: str) -> None:
    tried = attempts_of(injections, target)
    assert len(tried) == 15
    assert not any(attempt.succeeded for attempt in tried)


def test_the_attackers_bytes_are_on_the_wire(injections: Injections) -> None:
    for attempt in injections.attempts:
        assert attempt.sent.startswith((b"POST ", b"GET "))
        assert attempt.received


def test_the_forged_event_is_marked_in_the_stream_and_in_the_table(injections: Injections) -> None:
    marked = [line for line in repr(injections.stream("LF in the data")).splitlines() if "◄ forged" in line]
    assert len(marked) == 1
    assert FORGED in marked[0]
    events = injections.events
    assert set(events.loc[events["forged"], "target"]) == {"naive"}
    assert "forged" not in repr(injections.stream("LF in the data", "default lab"))


def test_a_stream_that_was_not_recorded_is_an_error(injections: Injections) -> None:
    with pytest.raises(InputError, match="there are 'LF in the data'"):
        injections.stream("LF in a header")


@given(data=TEXTS, event=LINES, id=LINES, retry_ms=st.none() | st.integers(0, 10**9))
def test_whatever_the_text_the_encoder_yields_one_event_with_this_text(
    data: str, event: str, id: str, retry_ms: int | None
) -> None:
    decoder = EventStreamDecoder()
    decoder.feed(b": a first line, for a byte order mark stands nowhere else\n")
    (read,) = decoder.feed(encode_event(data, event=event, id=id, retry_ms=retry_ms))
    text = data.replace("\r\n", "\n").replace("\r", "\n")
    assert (read.data, read.type, read.last_event_id) == (text, event or "message", id)
    assert decoder.retry_ms == retry_ms


@given(text=TEXTS, field=st.sampled_from(["event", "id"]))
def test_whatever_the_name_or_id_the_encoder_refuses_it_or_yields_one_event(text: str, field: str) -> None:
    try:
        stream = encode_event("Hello", event=text) if field == "event" else encode_event("Hello", id=text)
    except LocalProtocolError:
        assert set(text) & set("\r\n\0")
        return
    assert [event.data for event in EventStreamDecoder().feed(stream)] == ["Hello"]


@given(language=TEXTS)
def test_whatever_the_value_the_head_encoder_refuses_it_or_writes_two_fields(language: str) -> None:
    try:
        head = write_fixed(language)
    except LocalProtocolError:
        return
    assert head.count(b"\r\n") == 4
    assert head.replace(b"\r\n", b"").count(b"\n") == 0


def test_the_judges_tell_an_honest_answer_from_a_forged_one() -> None:
    honest = write_naive("en")
    assert not has_forged_cookie(honest)
    assert not has_forged_answer(honest)


def test_only_the_attackers_own_event_counts_as_forged() -> None:
    events, retry_ms = read_stream(f"data: {FORGED}\n\ndata: he said {FORGED}\n\nretry: 5\n\n".encode())
    assert [event.forged for event in events] == [True, False]
    assert retry_ms == 5
