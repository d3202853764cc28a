from __future__ import annotations

from rtlab.figures.request_spans import figure_request_spans
from rtlab.findings.protocol import RequestSpan
from rtlab.tables.protocol import request_spans_table

SPANS = request_spans_table(
    [
        RequestSpan("pool", "stream", 0.0, 0.0, 10.0, 500.0),
        RequestSpan("pool", "page", 20.0, 500.0, 510.0, 510.0),
        RequestSpan("line", "slow", 0.0, 0.0, 300.0, 300.0),
    ]
)


def test_each_bar_begins_where_the_one_before_it_ends() -> None:
    waiting, answer, open_ = figure_request_spans(SPANS).data[:3]
    assert list(waiting.base) == [0.0, 20.0]
    assert [begin + length for begin, length in zip(waiting.base, waiting.x, strict=True)] == list(answer.base)
    assert [begin + length for begin, length in zip(answer.base, answer.x, strict=True)] == list(open_.base)


def test_each_situation_has_a_panel_and_the_legend_stands_once() -> None:
    figure = figure_request_spans(SPANS)
    assert [note.text for note in figure.layout.annotations] == ["<b>pool</b>", "<b>line</b>"]
    assert [bar.showlegend for bar in figure.data] == [True] * 3 + [False] * 3


def test_the_waits_are_told_in_words() -> None:
    told = figure_request_spans(SPANS).layout.meta["description"]
    assert "page waited 480 ms for a connection and 10 ms for its answer" in told
