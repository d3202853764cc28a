from __future__ import annotations

from collections.abc import Callable

import pytest

from rtlab.errors import InputError
from rtlab.experiments.multiplexing import (
    LINE,
    READER,
    READER_WIDE,
    count_multiplexed,
    stand_still,
    wait_beside,
    wait_for_stream,
)
from rtlab.findings.protocol import ConnectionCount


@pytest.mark.parametrize("way", ["sse", "websocket"])
def test_many_streams_share_one_connection(way: str) -> None:
    assert count_multiplexed(way, 120) == ConnectionCount(f"{way}, HTTP/2", 120, 0, 1, 120)


def test_a_page_beside_a_slow_answer_does_not_wait_for_it() -> None:
    slow, page = wait_beside(held_s=0.1)
    assert page.answered_ms < slow.answered_ms


def test_a_hundred_held_streams_make_a_page_wait_until_the_last_one_ends() -> None:
    *streams, page = wait_for_stream(100, held_s=0.05)
    assert len(streams) == 100
    assert page.wanted_ms < streams[-1].ended_ms <= page.sent_ms < page.answered_ms
    assert all(stream.ended_ms >= page.answered_ms for stream in streams[:-1])


@pytest.mark.parametrize("held", [0, 1, 99])
def test_with_a_stream_free_the_page_goes_out_while_all_streams_are_held(held: int) -> None:
    *streams, page = wait_for_stream(held, held_s=0.05)
    assert len(streams) == held
    assert all(page.sent_ms < stream.ended_ms for stream in streams)


def test_what_stands_still_stops_those_who_share_it_and_no_others() -> None:
    found = stand_still(held_s=0.05)
    assert {(each.what, each.connections): each.meanwhile for each in found} == {
        (READER, 1): 0,
        (READER_WIDE, 1): 10,
        (READER, 2): 10,
        (LINE, 1): 0,
        (LINE, 2): 5,
    }
    assert all(each.streams == each.afterwards == 10 for each in found)


@pytest.mark.parametrize(
    "ask",
    [
        lambda: count_multiplexed("polling", 1),
        lambda: count_multiplexed("sse", 301),
        lambda: wait_for_stream(101),
        lambda: wait_beside(held_s=0.0),
        lambda: stand_still(held_s=11),
    ],
)
def test_a_setting_out_of_its_range_is_refused(ask: Callable[[], object]) -> None:
    with pytest.raises(InputError):
        ask()
