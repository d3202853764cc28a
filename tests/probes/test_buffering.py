from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from rtlab.probes.buffering import Piece, judge_buffering


def test_pieces_that_end_inside_events_before_each_pause_were_collected():
    pieces = [Piece(500.0 * n, 4_096, 80, ends_inside=True) for n in range(4)]
    found = judge_buffering(pieces, until_ms=2_000)
    assert found.verdict == "collected"
    assert "4 times a pause inside an event; 4,096 bytes and 80 events" in found.evidence


def test_one_full_page_and_then_silence_was_collected():
    assert judge_buffering([Piece(500, 4_096, 80, ends_inside=True)], until_ms=2_000).verdict == "collected"
    assert judge_buffering([Piece(1_700, 4_096, 80, ends_inside=True)], until_ms=2_000).verdict == "collected"


def test_one_pause_inside_an_event_is_a_lost_packet_unless_it_lasts():
    for after_ms, verdict in ((400, "none seen"), (900, "collected")):
        pieces = [Piece(1_000, 3_500, 80, ends_inside=True)]
        assert judge_buffering(pieces, until_ms=1_000 + after_ms).verdict == verdict
    two = [Piece(500, 3_500, 80, ends_inside=True), Piece(1_000, 900, 20, ends_inside=False)]
    assert judge_buffering(two, until_ms=3_000).verdict == "none seen"


def test_pages_of_memory_with_an_event_each_were_collected_too():
    pages = [Piece(30.0 * n, 1_024, 1, ends_inside=True) for n in range(20)]
    assert judge_buffering(pages, until_ms=2_000).verdict == "collected"
    for other in (1_448, 65_536):  # TCP's segments, and what a socket gives at most at a time
        pieces = [Piece(30.0 * n, other, 1, ends_inside=True) for n in range(20)]
        assert judge_buffering(pieces, until_ms=700).verdict == "none seen"


def test_whole_events_at_a_regular_pace_are_bursts():
    pieces = [Piece(500.0 * n, 900, 20, ends_inside=False) for n in range(4)]
    assert judge_buffering(pieces, until_ms=2_000).verdict == "in bursts"


def test_a_large_event_that_comes_in_parts_was_not_collected():
    pieces = [Piece(100.0 * n, 65_536, n % 2, ends_inside=n % 2 == 0) for n in range(10)]
    assert judge_buffering(pieces, until_ms=2_000).verdict == "none seen"


def test_the_last_piece_says_nothing_for_what_follows_is_not_known():
    pieces = [Piece(1_950, 4_096, 80, ends_inside=True)]
    assert judge_buffering(pieces, until_ms=2_000).verdict == "none seen"
    assert judge_buffering([], until_ms=2_000).verdict == "too few events"


@settings(max_examples=30)
@given(st.lists(st.floats(0, 1_000), max_size=40))
def test_single_whole_events_never_count_as_collected(times):
    pieces = [Piece(at_ms, 30, 1, ends_inside=False) for at_ms in sorted(times)]
    assert judge_buffering(pieces, until_ms=5_000).verdict in ("none seen", "too few events", "in bursts")
