from __future__ import annotations

from pytest import approx

from rtlab.figures.effects import figure_effects
from rtlab.figures.files import figure_files
from rtlab.figures.speeds import figure_ages, figure_joined, figure_speeds
from rtlab.findings.performance import Drained, FactorEffect, FileTransfer, JoinedSends
from rtlab.tables.speeds import ages_table, effects_table, files_table, joined_table, speeds_table

WAYS = ("sse", "websocket")


def runs(way: str, connections: int = 1, size: int = 32, ages_us: tuple[float, ...] = ()) -> tuple[Drained, ...]:
    return tuple(
        Drained("rtlab", way, connections, size, 1.0, count, 50 * count, 0, 0.9, 0.2, ages_us)
        for count in (900, 1_100)
    )


def test_each_number_of_connections_has_a_panel_with_both_curves_and_their_intervals() -> None:
    cases = [runs(way, count, size) for way in WAYS for count in (1, 100) for size in (32, 1_024)]
    drawn = figure_speeds(speeds_table(cases))
    assert [(curve.name, curve.xaxis) for curve in drawn.data] == [
        ("SSE", "x"),
        ("WebSocket", "x"),
        ("SSE", "x2"),
        ("WebSocket", "x2"),
    ]
    assert all(list(curve.x) == approx([32, 1_024], rel=0.05) for curve in drawn.data)
    assert all(left < right for left, right in zip(drawn.data[0].x, drawn.data[1].x, strict=True))
    assert all((curve.error_y.array > 0).all() and (curve.error_y.arrayminus > 0).all() for curve in drawn.data)
    titles = [drawn.layout.xaxis.title.text, drawn.layout.xaxis2.title.text]
    assert titles == ["size of the message, 1 connection", "size of the message, 100 connections"]
    assert drawn.layout.xaxis.type == drawn.layout.yaxis.type == "log"
    assert "WebSocket, 1 KiB, 100 connections: 995" in drawn.layout.meta["description"]


def test_a_guess_is_drawn_over_the_speeds_where_websocket_would_be() -> None:
    cases = [runs(way, count, size) for way in WAYS for count in (1, 100) for size in (32, 1_024)]
    table = speeds_table(cases)
    guesses = [curve for curve in figure_speeds(table, guess_ratio=1.5).data if curve.name == "your guess"]
    assert [curve.xaxis for curve in guesses] == ["x", "x2"]
    assert list(guesses[0].x) == [32, 1_024]
    sse = table[(table["transport"] == "sse") & (table["connections"] == 1)]
    low, high = figure_speeds(table, guess_ratio=10).layout.yaxis.range
    assert 10**low < table["deliveries_per_s"].min() < 10 * table["deliveries_per_s"].max() < 10**high
    assert list(guesses[0].y) == [1.5 * speed for speed in sse["deliveries_per_s"]]


def test_ages_have_a_median_a_99th_percentile_and_the_line_of_the_next_message() -> None:
    ages_us = tuple(float(age) for age in range(1, 201))
    drawn = figure_ages(ages_table([(rate, runs(way, ages_us=ages_us)) for way in WAYS for rate in (10, 1_000)]))
    assert [curve.name for curve in drawn.data] == [
        "SSE, median",
        "SSE, 99 %",
        "WebSocket, median",
        "WebSocket, 99 %",
        "the next is due",
    ]
    assert list(drawn.data[-1].y) == [100_000, 1_000]
    assert "SSE, 10 a second, 1 connections: median 100, 99 % 198" in drawn.layout.meta["description"]


def test_joined_sends_have_one_curve_a_transport() -> None:
    drawn = figure_joined(joined_table([JoinedSends(way, join, runs(way)) for way in WAYS for join in (1, 16)]))
    assert [(curve.name, list(curve.x)) for curve in drawn.data] == [("SSE", [1, 16]), ("WebSocket", [1, 16])]
    assert drawn.layout.xaxis.ticktext == ("1", "16")


def test_effects_stand_in_their_order_around_one() -> None:
    effects = [
        FactorEffect(name, way, "a → b", "time", (1.0, 1.0), (ratio, ratio * 1.1))
        for name, way, ratio in (("small", "sse", 1.1), ("large", "websocket", 50.0), ("saves", "sse", 0.2))
    ]
    drawn = figure_effects(effects_table(effects))
    assert drawn.layout.yaxis.categoryarray == (
        "large, WebSocket<br>a → b",
        "saves, SSE<br>a → b",
        "small, SSE<br>a → b",
    )
    assert drawn.layout.xaxis.type == "log"
    assert [shape.x0 for shape in drawn.layout.shapes] == [1]
    assert "large, WebSocket, a → b: 52.44 times" in drawn.layout.meta["description"]


def test_files_that_were_refused_have_a_cross_and_their_reason() -> None:
    found = [
        FileTransfer(way, size, size + 10, (5.0, 6.0), 2 * size) for way in WAYS for size in (1_000, 1_000_000)
    ] + [FileTransfer("websocket", 20_000_000, 0, (), 0, "close code 1009")]
    drawn = figure_files(files_table(found))
    assert [curve.name for curve in drawn.data] == [
        "SSE, base64",
        "WebSocket, binary",
        "SSE, base64",
        "WebSocket, binary",
        "refused",
    ]
    assert list(drawn.data[-1].x) == [20_000_000]
    assert "WebSocket, 20 MB: refused, close code 1009" in drawn.layout.meta["description"]
    assert list(drawn.data[2].y) == [0.002, 2.0]
