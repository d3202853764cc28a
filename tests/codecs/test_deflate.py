from __future__ import annotations

import itertools
import random
import tracemalloc
import zlib
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtlab.codecs.deflate import MAX_FINAL_BLOCKS, Deflater, Inflater
from rtlab.errors import RemoteProtocolError

HELLO = bytes.fromhex("f248cdc9c90700")
LIMIT_BYTES = 1 << 20

# Runs, repeats near and far, and noise: what a compressor treats in different ways.
PAYLOADS = st.one_of(
    st.binary(max_size=40),
    st.sampled_from([b"", b"Hello", b"Hello", b"again and again and again"]),
    st.builds(lambda byte, count: byte * count, st.binary(min_size=1, max_size=3), st.integers(0, 1000)),
    st.builds(lambda seed, count: random.Random(seed).randbytes(count), st.integers(0, 3), st.integers(0, 3000)),
)


def deflater(bits: int = 15, *, keeps_context: bool = True, level: int = 6, memory_level: int = 8) -> Deflater:
    return Deflater(bits, keeps_context=keeps_context, level=level, memory_level=memory_level)


def inflater(window_bits: int = 15, *, keeps_context: bool = True) -> Inflater:
    return Inflater(window_bits, keeps_context=keeps_context)


def restore(one: Inflater, *pieces: bytes, max_bytes: int = LIMIT_BYTES) -> bytes:
    """Inflate one message that comes in pieces."""
    inflated = b""
    for number, piece in enumerate(pieces, 1):
        inflated += one.inflate(piece, max_bytes=max_bytes - len(inflated), is_last=number == len(pieces))
    return inflated


def refusal_code(one: Inflater, *pieces: bytes, max_bytes: int = LIMIT_BYTES) -> int | None:
    with pytest.raises(RemoteProtocolError) as caught:
        restore(one, *pieces, max_bytes=max_bytes)
    return caught.value.close_code


def cut(data: bytes, sizes: list[int]) -> Iterator[bytes]:
    for size in itertools.cycle(sizes):
        yield data[:size]
        data = data[size:]
        if not data:
            return


def final_block(data: bytes) -> bytes:
    """Deflate data with BFINAL set."""
    stream = zlib.compressobj(wbits=-15)
    return stream.compress(data) + stream.flush()


def read_with_window(data: bytes, window_bits: int) -> bytes:
    """Inflate with zlib, one byte at a time, so that nothing but the window is there to refer to."""
    stream, read = zlib.decompressobj(-window_bits), b""
    while data:
        byte = stream.decompress(data, 1)
        read += byte
        data = stream.unconsumed_tail
        if not byte and not data:
            break
    while byte := stream.decompress(b"", 1):
        read += byte
    return read


# The examples of RFC 7692 7.2.3.


def test_a_message_is_compressed_as_in_the_standard() -> None:
    one = deflater()
    assert one.deflate(b"Hello") == HELLO  # 7.2.3.1
    assert one.deflate(b"Hello") == bytes.fromhex("f200110000")  # 7.2.3.2
    assert deflater(keeps_context=False).deflate(b"Hello") == HELLO


def test_the_second_message_uses_the_window_of_the_first_only_with_context() -> None:
    one = inflater()
    assert [restore(one, HELLO), restore(one, bytes.fromhex("f200110000"))] == [b"Hello", b"Hello"]
    one = inflater(keeps_context=False)
    assert [restore(one, HELLO), restore(one, HELLO)] == [b"Hello", b"Hello"]
    assert refusal_code(one, bytes.fromhex("f200110000")) == 1007


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param("000500faff48656c6c6f00", id="7.2.3.3: a block without compression"),
        pytest.param("f348cdc9c9070000", id="7.2.3.4: a final block"),
        pytest.param("f248050000 00ffff cac9c90700", id="7.2.3.5: two blocks"),
        pytest.param("f248050000 00ffff cac9c907000000 ffff 00", id="7.2.1: an empty block more"),
    ],
)
def test_other_ways_to_compress_the_same_are_read(payload: str) -> None:
    data = bytes.fromhex(payload)
    for size in range(1, len(data) + 1):
        one = inflater()
        assert restore(one, *cut(data, [size])) == b"Hello"
        assert restore(one, bytes.fromhex("f200110000")) == b"Hello"


def test_an_empty_message_is_one_byte_every_time() -> None:
    one, other = deflater(), inflater()
    assert [one.deflate(b"") for _ in range(3)] == [b"\x00"] * 3  # 7.2.3.6
    assert one.deflate(b"Hello") == HELLO
    assert one.deflate(b"") == b"\x00"
    assert [restore(other, payload) for payload in (b"\x00", b"\x00", HELLO, b"\x00")] == [b"", b"", b"Hello", b""]


# Fragments.


def test_each_fragment_can_be_restored_without_the_next() -> None:
    one, other = deflater(), inflater()
    for part in (b"one ", b"", b"two "):
        payload = one.deflate(part, is_last=False)
        assert other.inflate(payload, max_bytes=100, is_last=False) == part
    assert other.inflate(one.deflate(b"", is_last=True), max_bytes=100, is_last=True) == b""
    assert restore(other, one.deflate(b"two")) == b"two"


@pytest.mark.parametrize("keeps_context", [True, False])
@settings(deadline=None)
@given(
    payloads=st.lists(PAYLOADS, max_size=6),
    window_bits=st.integers(8, 15),
    level=st.integers(1, 9),
    memory_level=st.integers(1, 9),
    fragment_sizes=st.lists(st.integers(1, 500), min_size=1, max_size=4),
    piece_sizes=st.lists(st.integers(1, 500), min_size=1, max_size=4),
)
def test_any_messages_in_any_fragments_and_any_pieces_come_back(
    keeps_context: bool,
    payloads: list[bytes],
    window_bits: int,
    level: int,
    memory_level: int,
    fragment_sizes: list[int],
    piece_sizes: list[int],
) -> None:
    one = deflater(window_bits, keeps_context=keeps_context, level=level, memory_level=memory_level)
    other = inflater(window_bits, keeps_context=keeps_context)
    for payload in payloads:
        *fragments, last = cut(payload, fragment_sizes)
        sent = b"".join(one.deflate(part, is_last=False) for part in fragments) + one.deflate(last)
        assert restore(other, *cut(sent, piece_sizes)) == payload


# The window.


def farther_than(distance: int) -> bytes:
    """Noise that comes again after a distance, and a run."""
    noise = random.Random(distance).randbytes(distance)
    return noise + noise[:100] + b"\x00" * 300


@pytest.mark.parametrize("level", [1, 5, 9])
@pytest.mark.parametrize("window_bits", range(8, 16))
def test_nothing_refers_farther_back_than_the_window(window_bits: int, level: int) -> None:
    data = b"".join(farther_than(distance) for distance in (100, 255, 300, 600, 1_500, 5_000))
    one = deflater(window_bits, level=level)
    sent = b"".join(one.deflate(data[at : at + 700]) + b"\x00\x00\xff\xff" for at in range(0, len(data), 700))
    assert read_with_window(sent, window_bits) == data


def test_a_reference_beyond_the_window_would_be_seen() -> None:
    data = farther_than(300)
    sent = deflater(9).deflate(farther_than(100)) + b"\x00\x00\xff\xff"
    with pytest.raises(zlib.error, match="too far back"):
        read_with_window(sent + deflater(15).deflate(data), 8)


def test_with_a_window_of_256_bytes_only_runs_are_referred_to() -> None:
    assert len(deflater(8).deflate(b"-" * 400)) < 10
    assert len(deflater(8).deflate(b"abcdefgh" * 50)) > 400 * 3 / 8  # eight letters, three bits each
    assert len(deflater(9).deflate(b"abcdefgh" * 50)) < 40


def test_a_message_may_refer_back_as_far_as_the_window_reaches() -> None:
    noise = random.Random(0).randbytes(32_768 - 262)  # zlib keeps this distance from the end of its window
    one, other = deflater(), inflater()
    assert restore(other, one.deflate(noise)) == noise
    again = one.deflate(noise)
    assert len(again) < 1_000
    assert restore(other, again) == noise


# Final blocks.


@pytest.mark.parametrize("keeps_context", [True, False])
def test_a_message_goes_on_after_a_final_block_and_so_does_the_next_message(keeps_context: bool) -> None:
    one = inflater(keeps_context=keeps_context)
    payload = final_block(b"Hello, ") + final_block(b"") + HELLO
    for size in (1, 2, 3, 7, len(payload)):
        assert restore(one, *cut(payload, [size])) == b"Hello, Hello"
        assert restore(one, final_block(b"x") + b"\x00") == b"x"
        assert restore(one, HELLO) == b"Hello"


def test_the_window_reaches_over_a_final_block() -> None:
    one = inflater()
    assert restore(one, final_block(b"Hello") + bytes.fromhex("f200110000")) == b"HelloHello"
    assert restore(one, final_block(b"") + bytes.fromhex("f200110000")) == b"Hello"
    one = inflater(keeps_context=False)
    assert restore(one, final_block(b"Hello") + bytes.fromhex("f200110000")) == b"HelloHello"
    assert refusal_code(one, final_block(b"") + bytes.fromhex("f200110000")) == 1007


def test_the_empty_block_at_the_end_may_be_final_too() -> None:
    stored = bytes.fromhex("000500faff48656c6c6f")
    one = inflater()
    assert [restore(one, stored + b"\x01") for _ in range(2)] == [b"Hello", b"Hello"]


def test_a_message_has_a_limited_number_of_final_blocks() -> None:
    one = inflater()
    for _ in range(2):
        assert restore(one, b"\x03\x00" * (MAX_FINAL_BLOCKS - 1) + b"\x00") == b""
    assert refusal_code(one, b"\x03\x00" * MAX_FINAL_BLOCKS + b"\x00") == 1009


# What cannot be restored.


@pytest.mark.parametrize("payload", ["ffffffff", "0005eeee", "06", "f248cd", ""])
def test_what_is_no_deflate_stream_is_refused_with_1007(payload: str) -> None:
    assert refusal_code(inflater(), bytes.fromhex(payload)) == 1007


def test_a_message_that_stops_too_early_is_refused_with_1007() -> None:
    text = b"It stops inside a block, and nobody would know what is missing." * 3
    for payload in (HELLO, deflater().deflate(text), final_block(text) + b"\x00"):
        for stop in range(len(payload)):
            assert refusal_code(inflater(), payload[:stop]) == 1007


def test_corruption_is_seen_in_the_piece_that_shows_it() -> None:
    one = inflater()
    assert one.inflate(HELLO + b"\x00\x00\xff\xff", max_bytes=100, is_last=False) == b"Hello"
    with pytest.raises(RemoteProtocolError):
        one.inflate(b"\x06", max_bytes=100, is_last=False)


@settings(deadline=None)
@given(st.lists(st.binary(max_size=30), min_size=1, max_size=5), st.integers(0, 100))
def test_random_bytes_are_restored_within_the_limit_or_refused(pieces: list[bytes], max_bytes: int) -> None:
    try:
        assert len(restore(inflater(), *pieces, max_bytes=max_bytes)) <= max_bytes
    except RemoteProtocolError as error:
        assert error.close_code in (1007, 1009)


# Limits.


def test_a_message_may_reach_the_limit_and_not_pass_it() -> None:
    payload = deflater().deflate(bytes(1000))
    assert restore(inflater(), payload, max_bytes=1000) == bytes(1000)
    assert refusal_code(inflater(), payload, max_bytes=999) == 1009
    assert restore(inflater(), b"\x00", max_bytes=0) == b""
    assert refusal_code(inflater(), HELLO, max_bytes=0) == 1009


@pytest.mark.parametrize("piece_bytes", [64, 1 << 20])
def test_a_bomb_is_refused_before_it_takes_memory(piece_bytes: int) -> None:
    bomb = deflater().deflate(bytes(64 << 20))
    assert len(bomb) < 70_000
    tracemalloc.start()
    try:
        assert refusal_code(inflater(), *cut(bomb, [piece_bytes]), max_bytes=LIMIT_BYTES) == 1009
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak_bytes < 4 * LIMIT_BYTES


def test_between_messages_only_the_window_is_kept() -> None:
    tracemalloc.start()
    try:
        kept = [inflater() for _ in range(50)]
        for one in kept:
            assert len(restore(one, HELLO)) == 5
        small_bytes, _ = tracemalloc.get_traced_memory()
        for one in kept:
            restore(one, deflater().deflate(bytes(100_000)))
        large_bytes, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert small_bytes < 50 * 1_000
    assert 50 * 32_768 <= large_bytes < 50 * 34_000
