import pytest

from rtlab.errors import InputError
from rtlab.figures.load import figure_load_latency, figure_load_seconds
from rtlab.figures.theme import LOOKS
from rtlab.findings.swarm import LatencyPoint, SwarmSecond
from rtlab.tables.load import load_latency_table, load_seconds_table

SECONDS = load_seconds_table(
    [
        SwarmSecond(-1, 5, 0, 0, 0, 10, None, None, None),
        SwarmSecond(0, 0, 10, 1000, 0, 0, 1.0, 5.0, 6.0),
        SwarmSecond(1, 0, 12, 1200, 0, 0, 1.5, 40.0, 60.0),
    ]
)
POINTS = load_latency_table(
    [LatencyPoint(50, 1.0), LatencyPoint(90, 2.0), LatencyPoint(99, 5), LatencyPoint(100, 60)]
)


def description(figure):
    return figure.layout.meta["description"]


def test_rates_stand_above_latencies():
    figure = figure_load_seconds(SECONDS, "websocket")
    assert [trace.name for trace in figure.data] == ["arrived", "sent", "latency p50", "latency p99"]
    assert [list(trace.y) for trace in figure.data] == [[0, 1000, 1200], [0, 10, 12], [1.0, 1.5], [5.0, 40.0]]
    assert {trace.yaxis for trace in figure.data[:2]} == {"y"}
    assert {trace.yaxis for trace in figure.data[2:]} == {"y2"}
    assert figure.data[0].line.color == LOOKS["websocket"].color
    assert "1,100 messages a second arrived" in description(figure)
    assert "highest p99 of a second is 40 ms" in description(figure)


def test_the_ramp_up_is_shaded():
    shapes = figure_load_seconds(SECONDS, "sse").layout.shapes
    assert {(shape.x0, shape.x1) for shape in shapes} == {(-1.5, -0.5)}
    assert not figure_load_seconds(SECONDS[1:], "sse").layout.shapes


def test_a_swarm_that_listens_to_unstamped_messages_has_neither_sent_nor_latency():
    silent = SECONDS.assign(sent=0, p50_ms=float("nan"), p99_ms=float("nan"))
    figure = figure_load_seconds(silent, "sse")
    assert [trace.name for trace in figure.data] == ["arrived", "latency p50", "latency p99"]
    assert not len(figure.data[1].y)
    assert description(figure).endswith("1,100 messages a second arrived.")


def test_each_nine_of_the_percentiles_is_one_step():
    figure = figure_load_latency(POINTS, "sse")
    (curve,) = figure.data
    assert list(curve.x) == pytest.approx([0.301, 1, 2, 2.3], abs=1e-3)
    assert list(curve.y) == [1, 2, 5, 60]
    assert list(figure.layout.xaxis.ticktext) == ["0", "50", "90", "99"]
    assert "50 %: 1 ms; 99 %: 5 ms; the oldest: 60 ms" in description(figure)


def test_a_figure_that_is_not_valid_says_so():
    for figure in (
        figure_load_seconds(SECONDS, "sse", valid=False),
        figure_load_latency(POINTS, "sse", valid=False),
    ):
        assert "Not valid" in figure.layout.title.text
        assert description(figure).startswith("Not valid")


@pytest.mark.parametrize(("draw", "table"), [(figure_load_seconds, SECONDS), (figure_load_latency, POINTS)])
def test_nothing_to_draw_and_an_unknown_transport_are_refused(draw, table):
    with pytest.raises(InputError):
        draw(table[:0], "sse")
    with pytest.raises(InputError, match="pigeon"):
        draw(table, "pigeon")
