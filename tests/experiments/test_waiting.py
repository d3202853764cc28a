from __future__ import annotations

import pytest

from rtlab.errors import InputError
from rtlab.experiments.waiting import wait_for_pool, wait_in_line
from rtlab.servers.lab import Lab


def test_six_held_streams_make_a_page_wait_until_the_last_one_ends(lab: Lab) -> None:
    *streams, page = wait_for_pool(lab, held_s=0.5)
    assert len(streams) == 6
    assert page.wanted_ms < streams[-1].ended_ms <= page.sent_ms < page.answered_ms
    assert all(stream.ended_ms >= page.answered_ms for stream in streams[:-1])


def test_with_a_free_connection_the_page_goes_out_while_all_streams_are_held(lab: Lab) -> None:
    *streams, page = wait_for_pool(lab, streams=5, held_s=1.0)
    assert page.sent_ms < min(stream.ended_ms for stream in streams)


def test_a_quick_answer_comes_behind_the_slow_one_on_the_same_connection_only(lab: Lab) -> None:
    slow, behind, alone = wait_in_line(lab, held_s=1.5)
    assert slow.sent_ms == behind.sent_ms == alone.sent_ms
    assert alone.answered_ms < slow.answered_ms <= behind.answered_ms


def test_a_setting_out_of_its_range_is_refused(lab: Lab) -> None:
    with pytest.raises(InputError):
        wait_for_pool(lab, streams=7)
    with pytest.raises(InputError):
        wait_in_line(lab, held_s=0.0)
