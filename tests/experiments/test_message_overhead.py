from __future__ import annotations

import pytest

from rtlab.codecs.http1 import encode_chunk
from rtlab.codecs.sse import encode_event
from rtlab.codecs.websocket_frames import BINARY, TEXT, encode_frame
from rtlab.errors import InputError
from rtlab.experiments.message_overhead import CARRIERS, message_costs
from rtlab.servers.lab import Lab

SIZES = (1, 125, 126, 5_000, 65_535, 65_536)


@pytest.fixture(scope="module")
def costs() -> dict[tuple[str, int], int]:
    from rtlab.servers.lab import start_lab

    with start_lab("overhead") as lab:
        return {(cost.carrier, cost.payload_bytes): cost.wire_bytes for cost in message_costs(lab, SIZES)}


def test_there_is_a_cost_for_each_carrier_and_size(costs: dict[tuple[str, int], int]) -> None:
    assert costs.keys() == {(carrier, size) for carrier in CARRIERS for size in SIZES}


@pytest.mark.parametrize("size", SIZES)
def test_an_event_costs_what_its_encoder_writes(costs: dict[tuple[str, int], int], size: int) -> None:
    text = "x" * size
    assert costs["SSE event", size] == len(encode_chunk(encode_event(text, id="k3f9-1")))
    assert costs["SSE event, no id", size] == len(encode_chunk(encode_event(text)))


@pytest.mark.parametrize("size", SIZES)
def test_a_frame_costs_what_its_encoder_writes(costs: dict[tuple[str, int], int], size: int) -> None:
    payload = b"x" * size
    assert costs["WebSocket, server", size] == len(encode_frame(TEXT, payload))
    assert costs["WebSocket, client", size] == len(encode_frame(TEXT, payload, masking_key=bytes(4)))
    assert costs["WebSocket, binary", size] == len(encode_frame(BINARY, payload))


def test_base64_makes_a_third_more(costs: dict[tuple[str, int], int]) -> None:
    beside = costs["SSE event, base64", 65_535] - 65_535 * 4 // 3
    assert 0 < beside < 30


def test_a_post_costs_more_than_any_event_or_frame(costs: dict[tuple[str, int], int]) -> None:
    text = [costs[carrier, 1] for carrier in CARRIERS if carrier != "POST"]
    assert costs["POST", 1] > 5 * max(text)


@pytest.mark.parametrize("sizes", [(), (0,), (1_048_577,)])
def test_sizes_out_of_range_are_refused(lab: Lab, sizes: tuple[int, ...]) -> None:
    with pytest.raises(InputError):
        message_costs(lab, sizes)
