"""The live chart's kernel side: real threads, no page."""

from __future__ import annotations

import threading
from array import array
from typing import Any

import pytest

from rtlab.clock import now_ns
from rtlab.errors import InputError
from rtlab.widgets.live import FRAME_S, LiveChart


def _chart(**settings: Any) -> LiveChart:
    return LiveChart(["sse", "websocket"], "Latency", "time (s)", "latency (ms)", **settings)


def _points(frame: dict[str, Any], index: int) -> list[tuple[float, float]]:
    values = array("d", frame["points"][index])
    half = len(values) // 2
    return list(zip(values[:half], values[half:], strict=True))


def test_finish_sends_every_point_in_the_order_of_adding() -> None:
    chart = _chart()
    for step in range(100):
        chart.add("sse", step, step / 10)
    chart.add("websocket", 7, 0.1)
    chart.finish()
    assert _points(chart._frame, 0) == [(step, step / 10) for step in range(100)]
    assert _points(chart._frame, 1) == [(7.0, 0.1)]
    assert chart._frame["status"] == "SSE: 100 messages; WebSocket: 1 message"


def test_points_are_sent_without_finish_too() -> None:
    chart = _chart()
    seen = threading.Event()
    chart.observe(lambda change: seen.set() if _points(change["new"], 1) else None, "_frame")
    chart.add("websocket", 1, 2)
    assert seen.wait(30)
    chart.finish()


def test_no_point_is_lost_when_many_threads_add() -> None:
    chart = _chart(max_points=100_000)
    start = threading.Barrier(4)

    def add(name: str, offset: int) -> None:
        start.wait(10)
        for step in range(5000):
            chart.add(name, offset + step, 1)

    threads = [
        threading.Thread(target=add, args=(name, offset)) for name in ("sse", "websocket") for offset in (0, 5000)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    chart.finish()
    assert chart.counts() == {"sse": 10_000, "websocket": 10_000}
    for index in (0, 1):
        assert sorted(x for x, _ in _points(chart._frame, index)) == list(range(10_000))


def test_many_points_become_few_frames_and_each_frame_holds_more_than_the_last() -> None:
    chart = _chart(max_points=100_000)
    sizes: list[int] = []
    chart.observe(lambda change: sizes.append(len(_points(change["new"], 0))), "_frame")
    began_ns = now_ns()
    for step in range(50_000):
        chart.add("sse", step, 1)
    chart.finish()
    frames_that_fit = (now_ns() - began_ns) / 1e9 / FRAME_S
    assert sizes[-1] == 50_000
    assert sizes == sorted(sizes)
    assert len(sizes) <= frames_that_fit + 2


def test_finish_leaves_no_thread_behind() -> None:
    chart = _chart()
    chart.add("sse", 1, 1)
    pump = chart._pump
    assert pump is not None
    assert pump.is_alive()
    chart.finish()
    assert not pump.is_alive()
    assert chart._pump is None


def test_the_sending_thread_ends_by_itself_when_no_more_points_come() -> None:
    chart = _chart()
    chart.add("sse", 1, 1)
    pump = chart._pump
    assert pump is not None
    pump.join(30)
    assert not pump.is_alive()
    chart.add("sse", 2, 2)
    chart.finish()
    assert _points(chart._frame, 0) == [(1.0, 1.0), (2.0, 2.0)]


def test_a_late_point_after_finish_is_still_sent() -> None:
    chart = _chart()
    chart.finish()
    chart.add("sse", 1, 2)
    chart.finish()
    assert _points(chart._frame, 0) == [(1.0, 2.0)]


def test_only_the_newest_points_are_kept_and_the_status_says_so() -> None:
    chart = _chart(max_points=10)
    for step in range(1200):
        chart.add("sse", step, 1)
    chart.finish()
    assert [x for x, _ in _points(chart._frame, 0)] == list(range(1190, 1200))
    assert chart._frame["status"] == "SSE: 1,200 messages (the newest 10 are drawn); WebSocket: 0 messages"


def test_the_description_grows_into_a_summary_at_the_end() -> None:
    chart = _chart()
    assert chart._frame["description"] == "Latency: still growing."
    assert chart._frame["done"] is False
    for height in (1, 2, 6):
        chart.add("sse", 0, height)
    chart.finish()
    assert "SSE: 3 points, from 1 to 6, median 2." in chart._frame["description"]
    assert chart._frame["done"] is True


def test_the_figure_holds_the_same_points_and_the_page_gets_its_looks() -> None:
    chart = _chart(panels=True, colors={"sse": "#123456"})
    chart.add("sse", 1, 2)
    figure = chart.figure()
    assert (tuple(figure.data[0].x), tuple(figure.data[0].y)) == ((1.0,), (2.0,))
    assert chart._figure["layout"] == {**figure.to_plotly_json()["layout"], "meta": chart._figure["layout"]["meta"]}
    assert chart._figure["data"][0]["marker"]["color"] == "#123456"
    chart.finish()


def test_a_front_end_without_widgets_gets_text() -> None:
    bundle = LiveChart(["sse"], "A < B")._repr_mimebundle_()
    assert bundle is not None
    data, _ = bundle
    assert data["text/plain"] == "A < B\nSSE: 0 messages"
    assert "A &lt; B" in data["text/html"]
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"]


@pytest.mark.parametrize(
    ("arguments", "settings"),
    [
        (["sse"], {"max_points": 0}),
        (["sse"], {"colors": {"web": "red"}}),
        ([], {}),
        (["sse", "sse"], {}),
        ("sse", {}),
    ],
)
def test_settings_that_cannot_work_are_refused(arguments: Any, settings: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        LiveChart(arguments, **settings)


@pytest.mark.parametrize(("name", "x"), [("ws", 1), ("sse", "soon"), ("sse", None)])
def test_a_point_that_cannot_be_drawn_is_refused_and_leaves_nothing(name: str, x: Any) -> None:
    chart = _chart()
    with pytest.raises(InputError, match="one of sse, websocket"):
        chart.add(name, x, 1)
    assert chart.counts() == {"sse": 0, "websocket": 0}
