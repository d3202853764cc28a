from __future__ import annotations

import pytest

from rtlab.codecs.sse import EventStreamDecoder
from rtlab.errors import InputError
from rtlab.experiments.survival import STREAMS, TEXTS, WAYS, follow_rules, survive
from rtlab.servers.lab import Lab


def outcomes(lab: Lab, text: str) -> list[str]:
    return [row.outcome for row in survive(lab, {"text": text})]


def test_each_text_is_tried_on_each_way(lab: Lab) -> None:
    texts = {"one": "1", "two": "2"}
    rows = survive(lab, texts)
    assert [(row.way, row.text) for row in rows] == [(way, text) for way in WAYS for text in texts]
    assert all((row.outcome, row.got) == ("OK", (row.sent,)) for row in rows)


def test_a_line_feed_survives_only_a_careful_encoder(lab: Lab) -> None:
    assert outcomes(lab, "one\ntwo") == ["OK", "OK", "OK", "changed", "changed"]


def test_a_carriage_return_survives_only_a_websocket(lab: Lab) -> None:
    assert outcomes(lab, "one\rtwo") == ["OK", "changed", "changed", "changed", "changed"]


def test_what_has_no_utf8_form_is_refused_by_every_sender(lab: Lab) -> None:
    assert outcomes(lab, TEXTS["half a surrogate pair"]) == ["refused"] * 5


def test_a_careless_encoder_lets_the_text_forge_the_name_of_the_event(lab: Lab) -> None:
    (row,) = survive(lab, {"forged": "calm\nevent: alarm"}, ("careless, rtlab",))
    assert (row.outcome, row.got) == ("changed", ("event alarm: calm",))


def test_a_careless_encoder_makes_two_messages_of_one(lab: Lab) -> None:
    (row,) = survive(lab, {"two": "one\n\ndata: two"}, ("careless, sseclient-py",))
    assert row.got == ("one", "two")


@pytest.mark.parametrize("rule", STREAMS)
def test_the_standards_answers_are_those_of_the_tested_decoder(rule: str) -> None:
    stream, expected = STREAMS[rule]
    events = EventStreamDecoder().feed(stream)
    assert [(event.type, event.last_event_id, event.data) for event in events] == [
        (event.event, event.id, event.data) for event in expected
    ]


def test_rtlab_keeps_every_rule_and_sseclient_breaks_some() -> None:
    rows = follow_rules()
    broken = {row.text: row.outcome for row in rows if row.outcome != "OK"}
    assert {row.way for row in rows if row.outcome != "OK"} == {"sseclient-py"}
    assert broken == {
        "the id stays": "changed",
        "an id with NUL is ignored": "changed",
        "a byte order mark in front": "lost",
        "a bad byte becomes U+FFFD": "lost",
        "an unfinished event is dropped": "changed",
    }


@pytest.mark.parametrize("ways", [(), ("pigeon",)])
def test_unknown_ways_are_refused(lab: Lab, ways: tuple[str, ...]) -> None:
    with pytest.raises(InputError, match="careless, rtlab"):
        survive(lab, {"a": "a"}, ways)


def test_no_text_and_too_many_texts_are_refused(lab: Lab) -> None:
    for texts in ({}, {str(number): "" for number in range(1_001)}):
        with pytest.raises(InputError, match="1 to 1,000"):
            survive(lab, texts)
