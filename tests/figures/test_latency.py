from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from rtlab.errors import InputError
from rtlab.figures.latency import figure_latency
from rtlab.figures.theme import INVALID, LOOKS


def deliveries(latencies_ms: Mapping[str, Sequence[float] | np.ndarray]) -> pd.DataFrame:
    """Make a deliveries table of one run a transport; NaN is a lost message."""
    rows = [
        {
            "run_id": f"{transport}-0",
            "transport": transport,
            "client": "rtlab",
            "repeat": 0,
            "connection_id": 0,
            "seq": seq,
            "payload_bytes": 64,
            "scheduled_ns": 0,
            "sent_ns": 0,
            "received_ns": pd.NA if math.isnan(latency) else round(latency * 1e6),
            "duplicate": False,
            "latency_ms": latency,
            "service_ms": latency,
        }
        for transport, run in latencies_ms.items()
        for seq, latency in enumerate(run)
    ]
    return pd.DataFrame(rows)


def points(trace: go.Scatter) -> list[tuple[float, float]]:
    return list(zip(trace.x, trace.y, strict=True))


def test_a_curve_climbs_from_nothing_to_all_messages() -> None:
    figure = figure_latency(deliveries({"sse": [3.0, 1.0, 2.0, 4.0]}))
    assert points(figure.data[0]) == [(1, 0), (1, 25), (2, 50), (3, 75), (4, 100)]
    assert figure.data[0].line.shape == "hv"


def test_lost_messages_keep_a_curve_below_all() -> None:
    figure = figure_latency(deliveries({"sse": [1.0, 2.0, 3.0, math.nan]}))
    curve = figure.data[0]
    assert curve.name == "SSE (1 lost)"
    assert max(curve.y) == 75
    assert points(curve)[-1] == (figure.layout.xaxis.range[1], 75)


def test_a_transport_that_lost_everything_is_still_there() -> None:
    figure = figure_latency(deliveries({"sse": [math.nan] * 3, "websocket": [1.0, 2.0, 3.0]}))
    assert [trace.name for trace in figure.data] == ["SSE (3 lost)", "WebSocket"]
    assert set(figure.data[0].y) == {0}


def test_each_transport_has_its_look_and_its_place() -> None:
    figure = figure_latency(deliveries({name: [1.0, 2.0] for name in reversed(LOOKS)}))
    assert [trace.name for trace in figure.data] == ["SSE", "WebSocket", "long polling", "polling"]
    for trace, look in zip(figure.data, LOOKS.values(), strict=True):
        assert (trace.line.color, trace.line.dash, trace.marker.symbol) == (look.color, look.dash, look.marker)


def test_axes_say_their_units() -> None:
    figure = figure_latency(deliveries({"sse": [1.0, 2.0]}))
    assert figure.layout.xaxis.title.text == "latency (ms)"
    assert figure.layout.yaxis.title.text == "messages arrived (%)"


@pytest.mark.parametrize(("slowest_ms", "kind"), [(20.0, "linear"), (100.0, "log")])
def test_the_axis_is_logarithmic_only_where_times_are_far_apart(slowest_ms: float, kind: str) -> None:
    assert figure_latency(deliveries({"sse": [1.0, slowest_ms]})).layout.xaxis.type == kind


def test_a_second_arrival_does_not_count() -> None:
    frame = deliveries({"sse": [1.0, 2.0, 9.0]})
    frame.loc[2, "duplicate"] = True
    assert points(figure_latency(frame).data[0]) == [(1, 0), (1, 50), (2, 100)]


def test_a_long_curve_is_thinned_but_keeps_its_ends() -> None:
    latencies = np.linspace(1, 9, 20_000)
    curve = figure_latency(deliveries({"sse": latencies})).data[0]
    assert len(curve.x) <= 401
    assert (curve.x[0], curve.x[-1], curve.y[-1]) == (1, 9, 100)


def test_a_guess_is_a_labelled_line_in_the_colour_of_its_transport() -> None:
    figure = figure_latency(deliveries({"sse": [1.0, 2.0], "websocket": [1.0, 2.0]}), guess_ms={"websocket": 1.5})
    guess = figure.data[-1]
    assert guess.name == "your guess for WebSocket: 1.5 ms"
    assert {x for x in guess.x if x is not None} == {1.5}
    assert guess.line.color == LOOKS["websocket"].color
    assert guess.name in guess.text[-1]


@pytest.mark.parametrize("guesses", [{"sse": 1.0, "websocket": 1.01}, {"sse": 40.0, "websocket": 0.02}])
def test_guesses_are_within_the_axes_and_their_labels_apart(guesses: dict[str, float]) -> None:
    figure = figure_latency(deliveries({"sse": [1.0, 2.0]}), guess_ms=guesses)
    labels = [trace.y[-1] for trace in figure.data[-2:]]
    assert len(set(labels)) == 2
    assert all(100 < height < figure.layout.yaxis.range[1] for height in labels)
    low, high = figure.layout.xaxis.range
    if figure.layout.xaxis.type == "log":
        low, high = 10**low, 10**high
    assert all(low < value < high for value in guesses.values())


def test_the_description_tells_medians_and_losses() -> None:
    figure = figure_latency(deliveries({"sse": [1.0, 2.0, 3.0, math.nan], "websocket": [math.nan, math.nan, 1.0]}))
    assert figure.layout.meta["description"] == (
        "Share of messages that had arrived by each latency. "
        "SSE: half within 2 ms, 1 of 4 lost; WebSocket: more than half lost, 2 of 3 lost."
    )


def test_an_invalid_recording_says_so_in_its_figure() -> None:
    frame = deliveries({"sse": [1.0, 2.0]})
    assert INVALID in figure_latency(frame, valid=False).layout.title.text
    assert INVALID not in figure_latency(frame).layout.title.text


def test_a_frame_that_is_no_deliveries_table_is_refused() -> None:
    with pytest.raises(InputError, match="deliveries table needs the columns run_id"):
        figure_latency(pd.DataFrame({"latency_ms": [1.0]}))
