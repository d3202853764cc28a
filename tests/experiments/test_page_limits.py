from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtlab.errors import InputError
from rtlab.experiments.page_limits import JUPYTER_REQUESTS, REQUEST_MS, slot_waits


def test_without_streams_no_request_waits() -> None:
    assert all(wait.sent_ms == wait.wanted_ms for wait in slot_waits(6, [0]))


def test_with_as_many_streams_as_connections_nothing_is_ever_sent() -> None:
    assert [wait.sent_ms for wait in slot_waits(6, [6, 9])] == [None] * 2 * len(JUPYTER_REQUESTS)


def test_one_connection_serves_one_request_after_the_other() -> None:
    assert [wait.sent_ms for wait in slot_waits(6, [5])] == [
        number * REQUEST_MS for number in range(len(JUPYTER_REQUESTS))
    ]


@given(limit=st.integers(1, 12), streams=st.integers(0, 12))
def test_no_more_requests_are_under_way_than_connections_are_left(limit: int, streams: int) -> None:
    sent = [wait.sent_ms for wait in slot_waits(limit, [streams]) if wait.sent_ms is not None]
    for at_ms in sent:
        under_way = sum(1 for other_ms in sent if other_ms <= at_ms < other_ms + REQUEST_MS)
        assert 1 <= under_way <= limit - streams


@given(limit=st.integers(1, 12), streams=st.integers(0, 11))
def test_a_stream_more_lets_nothing_through_sooner(limit: int, streams: int) -> None:
    fewer, more = (slot_waits(limit, [count]) for count in (streams, streams + 1))
    for before, after in zip(fewer, more, strict=True):
        assert after.sent_ms is None or (before.sent_ms is not None and before.sent_ms <= after.sent_ms)


@pytest.mark.parametrize(("limit", "streams"), [(0, [1]), (101, [1]), (6, [-1])])
def test_numbers_out_of_range_are_refused(limit: int, streams: list[int]) -> None:
    with pytest.raises(InputError, match="limit: 1 to 100"):
        slot_waits(limit, streams)
