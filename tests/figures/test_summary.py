from __future__ import annotations

import math

import pandas as pd
import pytest

from rtlab.errors import InputError
from rtlab.figures.summary import figure_bytes, figure_summary
from rtlab.figures.theme import DIRECTIONS, INVALID, LOOKS
from rtlab.tables.schema import TABLES


def summary(**medians_ms: tuple[float, float, float]) -> pd.DataFrame:
    """Make a summary table from low, median and high of each transport."""
    rows = [
        dict.fromkeys((column.name for column in TABLES["summary"]), 1)
        | {"transport": transport.replace("_", "-"), "client": "rtlab", "expected": 100}
        | {"median_low_ms": low, "median_ms": median, "median_high_ms": high}
        for transport, (low, median, high) in medians_ms.items()
    ]
    return pd.DataFrame(rows)


def runs(*rows: tuple[str, int, float, float]) -> pd.DataFrame:
    """Make a runs table from transport, delivered messages, bytes down and bytes up."""
    known = dict.fromkeys((column.name for column in TABLES["runs"]), 1)
    return pd.DataFrame(
        [
            known
            | {"run_id": f"r{number}", "transport": transport, "client": "rtlab", "delivered": delivered}
            | {"bytes_down": down, "bytes_up": up}
            for number, (transport, delivered, down, up) in enumerate(rows)
        ]
    )


def test_each_transport_is_a_point_with_its_interval() -> None:
    figure = figure_summary(summary(sse=(1.0, 2.0, 5.0)))
    point = figure.data[0]
    assert (point.name, list(point.x), list(point.y), list(point.text)) == ("SSE", [2.0], ["SSE"], ["2 ms"])
    assert (list(point.error_x.array), list(point.error_x.arrayminus)) == ([3.0], [1.0])
    assert (point.marker.color, point.marker.symbol) == (LOOKS["sse"].color, LOOKS["sse"].marker)


def test_transports_stand_from_top_to_bottom_in_the_order_of_the_course() -> None:
    figure = figure_summary(summary(polling=(1, 2, 3), websocket=(1, 2, 3), sse=(1, 2, 3)))
    assert [trace.name for trace in figure.data] == ["SSE", "WebSocket", "polling"]
    assert list(figure.layout.yaxis.categoryarray) == ["polling", "WebSocket", "SSE"]


def test_the_axis_says_its_unit_and_holds_every_interval() -> None:
    figure = figure_summary(summary(sse=(1.0, 2.0, 5.0), websocket=(2.0, 3.0, 9.0)))
    assert figure.layout.xaxis.title.text == "median latency (ms)"
    assert figure.layout.xaxis.range[1] > 9


def test_one_run_is_a_point_without_interval() -> None:
    figure = figure_summary(summary(sse=(math.nan, 2.0, math.nan)))
    assert list(figure.data[0].error_x.array) == [0]
    assert "SSE: median 2 ms, no interval from 1 run" in figure.layout.meta["description"]


def test_a_transport_without_a_median_is_named_without_a_point() -> None:
    figure = figure_summary(summary(sse=(math.nan, math.inf, math.nan), websocket=(1.0, 2.0, 3.0)))
    assert list(figure.data[0].x) == [None]
    note = figure.layout.annotations[0]
    assert (note.y, note.text) == ("SSE", "more than half of its messages were lost")
    assert "SSE: more than half of 100 messages lost" in figure.layout.meta["description"]


def test_a_guess_is_drawn_beside_its_own_transport_only() -> None:
    figure = figure_summary(
        summary(sse=(1, 2, 3), websocket=(1, 2, 3)), guess_ms={"websocket": 7.0, "polling": 1.0}
    )
    guess = figure.data[-1]
    assert (guess.name, list(guess.x), list(guess.y)) == ("your guess", [7.0], ["WebSocket"])
    assert figure.layout.xaxis.range[1] > 7
    assert figure.layout.showlegend


def test_without_a_guess_there_is_no_legend() -> None:
    assert not figure_summary(summary(sse=(1, 2, 3))).layout.showlegend


def test_the_description_tells_every_median_and_interval() -> None:
    figure = figure_summary(summary(sse=(1.0, 2.0, 5.0), websocket=(2.0, 3.0, 9.0)))
    assert figure.layout.meta["description"] == (
        "Median latency of each transport. SSE: median 2 ms, interval 1 ms to 5 ms; "
        "WebSocket: median 3 ms, interval 2 ms to 9 ms."
    )


@pytest.mark.parametrize("valid", [True, False])
def test_an_invalid_summary_says_so(valid: bool) -> None:
    figure = figure_summary(summary(sse=(1, 2, 3)), valid=valid)
    assert (INVALID in figure.layout.title.text) is not valid
    assert figure.layout.meta["description"].startswith(INVALID) is not valid


def test_bytes_are_stacked_down_then_up_for_each_transport() -> None:
    figure = figure_bytes(runs(("websocket", 10, 660, 40), ("sse", 10, 780, 20)))
    down, up, words = figure.data
    assert figure.layout.barmode == "stack"
    assert (down.name, list(down.y), list(down.x)) == ("server to client", ["SSE", "WebSocket"], [78, 66])
    assert (up.name, list(up.y), list(up.x)) == ("client to server", ["SSE", "WebSocket"], [2, 4])
    assert (down.marker.color, up.marker.color) == (DIRECTIONS["down"].color, DIRECTIONS["up"].color)
    assert up.marker.pattern.shape and not down.marker.pattern.shape
    assert list(words.text) == [" 78 down, 2 up", " 66 down, 4 up"]
    assert figure.layout.xaxis.title.text == "bytes per delivered message"


def test_runs_are_weighed_by_what_they_delivered() -> None:
    figure = figure_bytes(runs(("sse", 10, 1000, 0), ("sse", 90, 1000, 0)))
    assert list(figure.data[0].x) == [20]


def test_hidden_bytes_are_named_and_not_drawn_as_none() -> None:
    figure = figure_bytes(runs(("sse", 10, 780, 20), ("websocket", 10, math.nan, math.nan)))
    assert math.isnan(figure.data[0].x[1])
    assert figure.data[2].text[1] == " its client hides them"
    assert figure.layout.meta["description"] == (
        "Bytes for each delivered message, by transport. SSE: 78 down, 2 up; WebSocket: its client hides them."
    )


def test_a_frame_of_another_table_is_refused() -> None:
    with pytest.raises(InputError, match="summary table needs the columns"):
        figure_summary(runs(("sse", 1, 1, 1)))
    with pytest.raises(InputError, match="runs table needs the columns"):
        figure_bytes(summary(sse=(1, 2, 3)))
