from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtlab.errors import InputError
from rtlab.network.chain import Chain
from rtlab.network.faults import (
    Bandwidth,
    BlackHole,
    Fault,
    IdleCut,
    Latency,
    Limit,
    Refuse,
    Reset,
    Slicing,
    Stall,
)
from rtlab.network.faults.fault import Piece, Sign
from rtlab.records import Direction

MS = 1_000_000
S = 1_000_000_000
WAYS: tuple[Direction, ...] = ("up", "down")

sides = st.sampled_from(["up", "down", "both"])
timing_faults = st.one_of(
    st.builds(Latency, latency_ms=st.floats(50, 200), jitter_ms=st.floats(0, 50), direction=sides),
    st.builds(Bandwidth, bytes_per_s=st.floats(1, 1e6), direction=sides),
    st.builds(Slicing, piece_bytes=st.integers(1, 50), gap_ms=st.floats(0, 20), direction=sides),
    st.builds(IdleCut, idle_s=st.just(80_000)),
    st.builds(Stall, direction=sides),
    st.just(Refuse()),
)


@st.composite
def conversations(draw: st.DrawFn) -> list[Piece]:
    """Pieces of both directions at rising times, each direction with an end."""
    sent = draw(st.lists(st.tuples(st.sampled_from(WAYS), st.binary(min_size=1, max_size=300), st.integers(0, S))))
    pieces, at_ns = [], 0
    for way, data, gap_ns in sent:
        at_ns += gap_ns
        pieces.append(Piece(way, data, at_ns))
    return [*pieces, Piece("up", Sign.END, at_ns), Piece("down", Sign.END, at_ns)]


def passed(faults: Iterable[Fault], pieces: Iterable[Piece], seed: int = 0, number: int = 0) -> list[Piece]:
    chain = Chain(number, seed, lambda what: None)
    assert chain.apply(tuple(faults), 0) == []
    return [going for piece in pieces for going in chain.feed(piece)]


def joined(pieces: Iterable[Piece], way: Direction = "down") -> bytes:
    return b"".join(p.data for p in pieces if p.direction == way and isinstance(p.data, bytes))


def signs(pieces: Iterable[Piece]) -> list[tuple[Direction, Sign]]:
    return [(piece.direction, piece.data) for piece in pieces if isinstance(piece.data, Sign)]


def down(*sizes: int, gap_ns: int = 0) -> list[Piece]:
    return [Piece("down", bytes(size), number * gap_ns) for number, size in enumerate(sizes)]


# What every fault of time keeps.


@given(st.lists(timing_faults, max_size=4), conversations())
def test_faults_of_time_lose_and_reorder_nothing_and_nothing_goes_before_it_came(faults, pieces):
    going = passed(faults, pieces)
    for way in WAYS:
        assert joined(going, way) == joined(pieces, way)
        times_ns = [piece.at_ns for piece in going if piece.direction == way]
        assert times_ns == sorted(times_ns)
        came = iter(piece for piece in pieces if piece.direction == way)
        missing = b""
        for piece in (piece for piece in going if piece.direction == way):
            if not missing:
                source = next(came)
                missing = source.data if isinstance(source.data, bytes) else b"."
            assert piece.at_ns >= source.at_ns
            missing = missing[len(piece.data) :] if isinstance(piece.data, bytes) else b""
    assert {way for way, _ in signs(going)} == set(WAYS)
    for way in WAYS:
        assert [piece for piece in going if piece.direction == way][-1].data is Sign.END


@given(st.lists(timing_faults, max_size=4), conversations(), st.integers(), st.integers(0, 9))
def test_the_same_seed_gives_the_same_schedule(faults, pieces, seed, number):
    assert passed(faults, pieces, seed, number) == passed(faults, pieces, seed, number)


def test_seeds_and_connections_have_dice_of_their_own():
    faults, pieces = [Latency(100, 100)], down(*[1] * 20, gap_ns=S)
    schedules = [passed(faults, pieces, seed, number) for seed in (1, 2) for number in (0, 1)]
    assert all(one != other for at, one in enumerate(schedules) for other in schedules[at + 1 :])


# Each fault of time.


def test_latency_delays_each_piece_by_its_time():
    assert [piece.at_ns for piece in passed([Latency(80)], down(1, 1, gap_ns=MS))] == [80 * MS, 81 * MS]


def test_jitter_stays_in_its_range():
    pieces = down(*[1] * 200, gap_ns=S)
    delays_ms = [(a.at_ns - b.at_ns) / MS for a, b in zip(passed([Latency(80, 20)], pieces), pieces, strict=True)]
    assert 60 <= min(delays_ms) < 65
    assert 95 < max(delays_ms) <= 100


@pytest.mark.parametrize("make", [lambda way: Latency(9, direction=way), lambda way: Bandwidth(9, way)])
def test_the_other_direction_is_left_alone(make):
    pieces = [Piece("up", b"x", 5), Piece("down", b"y", 6)]
    assert passed([make("up")], pieces)[1] == pieces[1]
    assert passed([make("down")], pieces)[0] == pieces[0]


@given(st.lists(st.integers(1, 2_000), min_size=1), st.integers(1, 1_000_000))
def test_bandwidth_never_gives_more_than_its_width(sizes, bytes_per_s):
    sent = 0
    for piece in passed([Bandwidth(bytes_per_s)], down(*sizes)):
        sent += len(piece.data)
        assert piece.at_ns >= sent / bytes_per_s * S * 0.999 - len(sizes)


def test_bandwidth_gives_a_large_piece_bit_by_bit():
    going = passed([Bandwidth(20_000)], down(20_000))
    assert [len(piece.data) for piece in going] == [1_000] * 20
    assert {later.at_ns - earlier.at_ns for earlier, later in pairwise(going)} == {50 * MS}


def test_slices_have_their_size_and_their_gap_also_between_pieces():
    going = passed([Slicing(4, gap_ms=10)], down(10, 3, gap_ns=MS))
    assert [len(piece.data) for piece in going] == [4, 4, 2, 3]
    assert [piece.at_ns for piece in going] == [0, 10 * MS, 20 * MS, 30 * MS]


# Each fault that ends a connection.

ENDED = [("down", Sign.END), ("up", Sign.END)]
BROKEN = [("down", Sign.RESET), ("up", Sign.RESET)]


@given(conversations(), st.integers(1, 2_000), st.sampled_from([(Limit, Sign.END), (Reset, Sign.RESET)]))
def test_after_so_many_bytes_of_the_server_it_is_over(pieces, count, kind):
    fault, sign = kind
    going = passed([fault(count)], pieces)
    assert joined(going) == joined(pieces)[:count]
    assert joined(pieces, "up").startswith(joined(going, "up"))
    is_reached = len(joined(pieces)) >= count
    assert dict(signs(going)) == dict.fromkeys(WAYS, sign if is_reached else Sign.END)


@pytest.mark.parametrize(("fault", "expected"), [(Limit(0), ENDED), (Reset(0), BROKEN), (Reset(), BROKEN)])
def test_without_a_single_byte_it_is_over_at_once(fault, expected):
    chain = Chain(0, 0, lambda what: None)
    chain.apply([fault], 7)
    assert chain.wake_ns == 7
    assert signs(chain.wake(7)) == expected
    assert chain.wake_ns is None
    assert chain.feed(Piece("down", b"x", 8)) == []


@pytest.mark.parametrize(("fault", "what"), [(Limit(2), "Limit: ended"), (Reset(2), "Reset: reset")])
def test_an_end_is_told_once_whatever_comes_after_it(fault, what):
    said = []
    chain = Chain(0, 0, said.append)
    chain.apply([fault], 0)
    for at_ns in range(5):
        chain.feed(Piece("down", b"xx", at_ns))
    assert said == [f"{what} after 2 bytes of the server"]


def test_a_reset_after_seconds_tells_how_much_passed():
    said = []
    chain = Chain(0, 0, said.append)
    chain.apply([Reset(after_s=2)], 0)
    chain.feed(Piece("down", b"12345", S))
    chain.wake(2 * S)
    assert said == ["Reset: reset after 5 bytes of the server"]


def test_a_reset_after_seconds_comes_whatever_passes():
    chain = Chain(0, 0, lambda what: None)
    chain.apply([Reset(after_s=2)], S)
    assert len(chain.feed(Piece("down", b"x", 2 * S))) == 1
    assert chain.wake(3 * S - 1) == []
    assert chain.wake_ns == 3 * S
    assert signs(chain.wake(3 * S)) == BROKEN


def test_an_idle_connection_is_cut_after_its_time_and_a_byte_of_either_direction_moves_it():
    chain = Chain(0, 0, lambda what: None)
    chain.apply([IdleCut(60)], 0)
    for way in WAYS:
        chain.feed(Piece(way, b"x", chain.wake_ns - 1))
    assert chain.wake_ns == 180 * S - 2
    assert signs(chain.wake(180 * S - 2)) == ENDED


def test_what_a_fault_of_time_delays_counts_as_passing_when_it_is_due():
    chain = Chain(0, 0, lambda what: None)
    chain.apply([Latency(5_000), IdleCut(60)], 0)
    chain.feed(Piece("down", b"x", S))
    assert chain.wake_ns == 66 * S


# Silence.


def test_a_black_hole_swallows_all_even_the_end():
    assert passed([BlackHole()], [*down(1, 2), Piece("down", Sign.RESET, 3), Piece("up", Sign.END, 4)]) == []


def test_a_black_hole_that_goes_resets_what_lost_something_and_nothing_else():
    for lost, expected in (([], []), (down(1), BROKEN)):
        chain = Chain(0, 0, lambda what: None)
        chain.apply([BlackHole()], 0)
        for piece in lost:
            chain.feed(piece)
        assert signs(chain.apply([], 9)) == expected


@pytest.mark.parametrize("side", ["up", "down", "both"])
def test_a_stall_holds_its_side(side):
    chain = Chain(0, 0, lambda what: None)
    chain.apply([Stall(side)], 0)
    assert [way for way in WAYS if chain.holds(way)] == [way for way in WAYS if side in (way, "both")]
    chain.apply([], 1)
    assert not any(map(chain.holds, WAYS))


# Faults come and go.


def test_a_fault_that_stays_goes_on_counting():
    chain = Chain(0, 0, lambda what: None)
    chain.apply([Limit(10)], 0)
    chain.feed(Piece("down", bytes(6), 1))
    chain.apply([Latency(1), Limit(10)], 2)
    assert len(joined(chain.feed(Piece("down", bytes(6), 3)))) == 4


def test_a_fault_that_comes_again_counts_anew():
    chain = Chain(0, 0, lambda what: None)
    chain.apply([Limit(10)], 0)
    chain.feed(Piece("down", bytes(6), 1))
    chain.apply([], 2)
    chain.apply([Limit(10)], 3)
    assert len(joined(chain.feed(Piece("down", bytes(9), 3)))) == 9


def test_the_same_fault_twice_works_twice():
    assert passed([Latency(5), Latency(5)], down(1))[0].at_ns == 10 * MS


def test_a_reset_still_passes_after_an_end_of_one_direction():
    pieces = [Piece("down", Sign.END, 1), Piece("down", Sign.RESET, 2), Piece("down", Sign.RESET, 3)]
    assert passed([], pieces) == pieces[:2]


def test_the_log_names_the_fault_and_what_it_did():
    said = []
    chain = Chain(0, 0, said.append)
    chain.apply([Limit(3)], 0)
    chain.feed(Piece("down", b"abcdef", 0))
    assert said == ["Limit: ended after 3 bytes of the server"]


@pytest.mark.parametrize(
    "make",
    [
        lambda: Latency(-1),
        lambda: Latency(10, 11),
        lambda: Latency(float("nan")),
        lambda: Latency(1, direction="left"),
        lambda: Bandwidth(0),
        lambda: Slicing(0),
        lambda: Slicing(1, -1),
        lambda: Stall("sideways"),
        lambda: Reset(after_bytes=-1),
        lambda: Reset(after_s=-1),
        lambda: Limit(-1),
        lambda: IdleCut(0),
    ],
)
def test_a_setting_out_of_its_range_is_refused(make):
    with pytest.raises(InputError):
        make()
