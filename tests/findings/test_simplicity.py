from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtlab.errors import InputError
from rtlab.findings.simplicity import Account, account


@st.composite
def arrivals(draw: st.DrawFn) -> tuple[list[int], int]:
    sent = draw(st.integers(0, 30))
    return draw(st.lists(st.integers(0, sent - 1), max_size=60)) if sent else [], sent


@given(arrivals())
def test_every_message_is_delivered_or_lost_and_every_arrival_new_or_doubled(case: tuple[list[int], int]) -> None:
    received, sent = case
    found = account(iter(received), sent)
    first = [seq for at, seq in enumerate(received) if seq not in received[:at]]
    assert (found.sent, found.arrivals) == (sent, len(received))
    assert found.delivered == len(first)
    assert found.lost == len(set(range(sent)) - set(received))
    assert found.doubled == len(received) - len(first)
    late = [
        seq for at, seq in enumerate(received) if seq not in received[:at] and seq < max(received[:at], default=0)
    ]
    assert found.out_of_order == len(late)
    assert found.delivered + found.lost == sent


@given(arrivals(), st.integers(1, 5))
def test_a_message_that_was_not_sent_is_refused(case: tuple[list[int], int], beyond: int) -> None:
    received, sent = case
    for stranger in (-beyond, sent - 1 + beyond):
        with pytest.raises(InputError, match="arrived, but only"):
            account([*received, stranger], sent)


@given(arrivals(), st.sampled_from(["sent", "arrivals", "delivered", "lost", "doubled"]), st.sampled_from([-1, 1]))
def test_an_account_that_is_off_by_one_is_refused(case: tuple[list[int], int], name: str, error: int) -> None:
    received, sent = case
    right = account(received, sent)
    numbers = {each: getattr(right, each) for each in Account.__slots__}
    with pytest.raises(InputError, match="does not add up"):
        Account(**{**numbers, name: numbers[name] + error})


def test_no_account_has_negative_parts_or_more_disorder_than_arrivals() -> None:
    for wrong in ((1, 0, -1, 2, 1, 0), (1, 1, 2, -1, -1, 0), (2, 1, 1, 1, 0, 2)):
        with pytest.raises(InputError, match="does not add up"):
            Account(*wrong)
