from __future__ import annotations

import pytest

from rtlab.conformance.outcomes import Content, SseOutcome, WebSocketOutcome


@pytest.mark.parametrize(
    ("payload", "shown"),
    [
        ("", "''"),
        ("a\nb", r"'a\nb'"),
        ("x" * 24, "'" + "x" * 24 + "'"),
        ("x" * 1025, "'" + "x" * 24 + "'… (1,025)"),
        (b"", "(empty)"),
        (b"\x00\xff", "00 ff"),
        (b"a" * 9, "61 61 61 61 61 61 61 61… (9)"),
    ],
)
def test_content_shows_how_it_begins(payload: str | bytes, shown: str) -> None:
    assert str(Content.of(payload)) == shown


def test_content_known_by_its_hash_alone_shows_its_size() -> None:
    assert str(Content(2000, "00")) == "(2,000)"


def test_content_is_compared_by_size_and_hash() -> None:
    whole = Content.of("x" * 100)
    assert whole == Content(100, whole.sha256)
    assert whole != Content.of("x" * 99 + "y")
    assert Content.of("\ud800") != Content.of("?")


def test_a_text_and_the_same_bytes_are_two_kinds_of_message() -> None:
    outcome = WebSocketOutcome()
    outcome.deliver("a")
    outcome.deliver(b"a")
    text, binary = outcome.messages
    assert (text.type, binary.type) == ("text", "binary")
    assert text != binary


def test_an_event_without_an_id_has_an_empty_one() -> None:
    outcome = SseOutcome()
    outcome.deliver("message", "a", None)
    assert outcome.events[0].last_event_id == ""


def test_chunks_are_handed_out_until_the_connection_has_ended() -> None:
    outcome, seen = WebSocketOutcome(), []
    for chunk in outcome.while_open([b"a", b"b", b"c"], None):
        seen.append(chunk)
        if chunk == b"b":
            outcome.fail(1002)
    assert seen == [b"a", b"b"]


@pytest.mark.parametrize(("chunks", "late"), [([b"abcd"], False), ([b"ab"], False), ([b"ab", b"cd"], True)])
def test_asking_for_more_than_is_due_is_late(chunks: list[bytes], late: bool) -> None:
    outcome = WebSocketOutcome()
    for _ in outcome.while_open(chunks, due_bytes=2):
        pass
    assert outcome.late is late
