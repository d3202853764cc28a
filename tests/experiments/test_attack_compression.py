"""Sizes of compressed messages tell a secret through TLS, and nothing once it is compressed alone or not at all."""

from __future__ import annotations

import pytest

from rtlab.errors import InputError
from rtlab.experiments.attack_compression import write_apart, write_together
from rtlab.findings.side_channel import SideChannel
from rtlab.results.side_channel import SideChannels, side_channel

DIGITS = 2
APART = "a secret in an earlier message, guessed by sizes"
TOGETHER = "a secret in the same message, guessed by sizes"


@pytest.fixture(scope="module")
def found() -> SideChannels:
    return side_channel(DIGITS)


def channel_of(found: SideChannels, attack: str, target: str) -> SideChannel:
    (each,) = [each for each in found.found if (each.attempt.attack, each.attempt.target) == (attack, target)]
    return each


@pytest.mark.parametrize("attack", [APART, TOGETHER])
def test_sizes_tell_the_whole_secret(found: SideChannels, attack: str) -> None:
    each = channel_of(found, attack, "naive")
    assert each.found == each.secret
    assert len(each.secret) == DIGITS
    assert len(each.guesses) == 10 * DIGITS
    assert each.attempt.succeeded


@pytest.mark.parametrize(("attack", "target"), [(APART, "fixed"), (APART, "default lab"), (TOGETHER, "fixed")])
def test_after_the_fix_all_guesses_have_one_size(found: SideChannels, attack: str, target: str) -> None:
    each = channel_of(found, attack, target)
    assert each.found == ""
    assert len({guess.line_bytes for guess in each.guesses}) == 1
    assert not each.attempt.succeeded


def test_the_right_guess_is_the_smallest_of_its_ten(found: SideChannels) -> None:
    table = found.guesses
    rows = table[(table["attack"] == APART) & (table["target"] == "naive")].reset_index()
    smallest = rows.groupby(rows.index // 10)["line_bytes"].idxmin()
    assert rows["right"].iloc[list(smallest)].all()
    assert rows["right"].sum() == DIGITS


def test_what_crossed_the_line_does_not_hold_the_text(found: SideChannels) -> None:
    for attempt in found.attempts:
        assert attempt.received.startswith(b"\x17\x03\x03")
        assert b"session" not in attempt.received


def test_the_figure_marks_the_right_guesses(found: SideChannels) -> None:
    figure = found.figure(APART)
    assert {mark.name: len(mark.x) for mark in figure.data} == {"wrong": 9 * DIGITS, "right": DIGITS}
    assert "20 guesses; wrong guesses took" in figure.layout.meta["description"]
    assert len(found.figure().layout.annotations) == 2 * 3
    with pytest.raises(InputError, match="was not tried"):
        found.figure(TOGETHER, "default lab")


def test_the_text_counts_the_digits(found: SideChannels) -> None:
    assert f"{APART}, naive: 2 of 2 digits found" in found.text
    assert f"{APART}, fixed: 0 of 2 digits found" in found.text


def test_the_two_ways_to_send_differ_in_the_number_of_messages() -> None:
    assert write_apart("1", "x") == ("session=1", "x")
    (message,) = write_together("1", "x")
    assert "session=1" in message
    assert "x" in message


def test_a_secret_without_digits_is_an_error() -> None:
    with pytest.raises(InputError, match="from 1 to 8"):
        side_channel(0)
