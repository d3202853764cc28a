from __future__ import annotations

import pytest

from rtlab.experiments.framings import (
    CHUNKS,
    FRAMES,
    UNTIL_CLOSE,
    data_frame,
    framing_costs,
    read_framed,
)


def test_a_data_frame_has_nine_bytes_before_its_payload() -> None:
    assert data_frame(b"abc") == bytes.fromhex("000003 00 00 00000001") + b"abc"


def test_framing_bytes_are_counted() -> None:
    costs = framing_costs(("Hello",))
    assert {cost.carrier: cost.wire_bytes - cost.payload_bytes for cost in costs} == {
        UNTIL_CLOSE: 0,
        CHUNKS: 5,
        FRAMES: 9,
    }


@pytest.mark.usefixtures("lab")
def test_the_same_events_are_read_in_every_framing() -> None:
    texts = ["Hello", "two\nlines", " "]
    assert read_framed(texts) == dict.fromkeys((UNTIL_CLOSE, CHUNKS, FRAMES), texts)
