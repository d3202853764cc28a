from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from rtlab.codecs.websocket_frames import BINARY, CONTINUATION, PING, PONG, TEXT, FrameDecoder
from rtlab.errors import ConnectionFailed, WaitTimeout
from rtlab.experiments.raw_websocket import client_frame, echo_frames, fragments_with_pings
from rtlab.servers.lab import Lab


def test_fragments_join_to_the_message_with_a_ping_between_each_two() -> None:
    frames = FrameDecoder().feed(b"".join(fragments_with_pings(bytes(range(100)), 3)))
    assert [frame.opcode for frame in frames] == [BINARY, PING, CONTINUATION, PING, CONTINUATION]
    assert [frame.fin for frame in frames if frame.opcode != PING] == [False, False, True]
    assert b"".join(frame.payload for frame in frames if frame.opcode != PING) == bytes(range(100))
    assert all(frame.masking_key for frame in frames)


def test_a_fragmented_message_comes_back_whole_and_each_ping_is_answered_before_it(lab: Lab) -> None:
    got = echo_frames(lab, fragments_with_pings(bytes(50_000), 4))
    assert [frame.opcode for frame in got.answers] == [PONG, PONG, PONG, BINARY]
    assert got.message == bytes(50_000)
    assert got.close_code is None


def test_bytes_count_from_after_the_handshake(lab: Lab) -> None:
    got = echo_frames(lab, [client_frame(TEXT, b"Hello")])
    assert (got.bytes_up, got.bytes_down) == (2 + 4 + 5, 2 + 5)
    assert got.round_trip_ns > 0


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (client_frame(TEXT, b"\xff\xfe"), 1007),
        (client_frame(3, b""), 1002),
        (client_frame(BINARY, bytes(1_048_577)), 1009),
        (b"\x81\x05Hello", 1002),
    ],
    ids=["not UTF-8", "reserved opcode", "too large", "not masked"],
)
def test_a_broken_rule_is_answered_with_its_close_code(lab: Lab, frame: bytes, code: int) -> None:
    got = echo_frames(lab, [frame])
    assert (got.close_code, got.message) == (code, None)


def test_a_line_that_ends_without_an_answer_is_told(lab: Lab, until: Callable[..., object]) -> None:
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(echo_frames, lab, [])
        until(lambda: lab.connections)
        lab.cut("echo")
        with pytest.raises(ConnectionFailed, match="ended without"):
            asked.result(30)


def test_no_answer_in_time_is_told(lab: Lab) -> None:
    with pytest.raises(WaitTimeout, match="Neither a message nor a close frame"):
        echo_frames(lab, [], timeout_s=0.2)
