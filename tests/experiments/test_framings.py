from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtlab.errors import RemoteProtocolError
from rtlab.experiments.framings import (
    CHUNKS,
    FRAMES,
    UNTIL_CLOSE,
    data_frame,
    data_payloads,
    framing_costs,
    read_framed,
)


def test_a_data_frame_has_nine_bytes_before_its_payload() -> None:
    assert data_frame(b"abc") == bytes.fromhex("000003 00 00 00000001") + b"abc"


@given(st.lists(st.binary(max_size=300), max_size=5))
def test_data_frames_can_be_read_back(payloads: list[bytes]) -> None:
    assert data_payloads(b"".join(map(data_frame, payloads))) == payloads


@pytest.mark.parametrize("frames", [data_frame(b"abc")[:-1], b"\0\0\0\x01\0\0\0\0\x01", b"\0\0\0\0"])
def test_other_or_unfinished_frames_are_refused(frames: bytes) -> None:
    with pytest.raises(RemoteProtocolError, match="DATA"):
        data_payloads(frames)


def test_framing_bytes_are_counted() -> None:
    costs = framing_costs(("Hello",))
    assert {cost.carrier: cost.wire_bytes - cost.payload_bytes for cost in costs} == {
        UNTIL_CLOSE: 0,
        CHUNKS: 5,
        FRAMES: 9,
    }


@pytest.mark.usefixtures("lab")
def test_the_same_events_are_read_in_every_framing() -> None:
    texts = ["Hello", "two\nlines", ""]
    assert read_framed(texts) == dict.fromkeys((UNTIL_CLOSE, CHUNKS, FRAMES), texts)
