from __future__ import annotations

from rtlab.figures.http2 import figure_carried_streams, figure_reader_steps, figure_stream_fates
from rtlab.findings.http2 import CarriedStreams, ReaderStep, StreamFate
from rtlab.tables.http2 import carried_streams_table, reader_steps_table, stream_fates_table


def test_a_bar_a_version_in_each_panel() -> None:
    carried = [CarriedStreams("HTTP/1.1", 6, 6, 9_000, 1, 600, 6), CarriedStreams("HTTP/2", 6, 1, 2_000, 1, 300, 6)]
    figure = figure_carried_streams(carried_streams_table(carried))
    assert [tuple(trace.x) for trace in figure.data] == [(6, 1), (9_000, 2_000), (600, 300)]
    assert "HTTP/2: 6 streams, TCP connections 1, 2,000 bytes to open them" in figure.layout.meta["description"]


def test_a_part_a_fate_and_a_line_at_the_limit() -> None:
    fates = [
        StreamFate("keeps to the limit", 100, "open at once", 100, "SETTINGS", "x"),
        StreamFate("asks nevertheless", 100, "open at once", 100, "SETTINGS", "x"),
        StreamFate("asks nevertheless", 100, "refused", 1, "RST_STREAM", "REFUSED_STREAM"),
    ]
    figure = figure_stream_fates(stream_fates_table(fates))
    assert [(trace.name, sum(trace.x)) for trace in figure.data] == [("open at once", 200), ("refused", 1)]
    assert figure.layout.shapes[0].x0 == 100
    assert "1 refused (RST_STREAM, REFUSED_STREAM)" in figure.layout.meta["description"]


def test_a_line_a_stream_with_the_one_that_stops_on_top() -> None:
    steps = [
        ReaderStep(window, stream, published, delivered, 0)
        for window in ("small", "wide")
        for published in (1, 2)
        for stream, delivered in (("the reader that stops", 1), ("reader 1", published))
    ]
    figure = figure_reader_steps(reader_steps_table(steps))
    assert [tuple(trace.y) for trace in figure.data] == [(1, 2), (1, 1)] * 2
    assert [trace.showlegend for trace in figure.data] == [True, True, False, False]
    assert "the reader that stops by 1, reader 1 by 0" in figure.layout.meta["description"]


def test_nothing_is_drawn_of_nothing() -> None:
    for figure in (
        figure_carried_streams(carried_streams_table([])),
        figure_stream_fates(stream_fates_table([])),
        figure_reader_steps(reader_steps_table([])),
    ):
        assert figure.layout.meta["description"]
