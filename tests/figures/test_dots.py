from __future__ import annotations

import pandas as pd
import pytest

from rtlab.figures.dots import Measure, dots, dots_axis, figure_dots
from rtlab.figures.theme import LOOKS

RATE = Measure("rate", "low", "high")
TABLE = pd.DataFrame(
    {"name": ["a", "b"], "rate": [10.0, 100.0], "low": [5.0, float("nan")], "high": [20.0, float("nan")]}
)


def test_a_dot_has_its_interval_or_none() -> None:
    series = dots(TABLE, RATE, LOOKS["sse"], row="name")
    assert list(series.error_x.array) == [10.0, 0.0]
    assert list(series.error_x.arrayminus) == [5.0, 0.0]


@pytest.mark.parametrize(("rows", "mode"), [(["a", "b"], "overlay"), (["a", "a"], "group")])
def test_dots_of_one_row_do_not_cover_each_other(rows: list[str], mode: str) -> None:
    table = TABLE.assign(name=rows)
    series = [
        dots(table[:1], RATE, LOOKS["sse"], row="name"),
        dots(table[1:], RATE, LOOKS["websocket"], row="name"),
    ]
    figure = figure_dots(series, table, RATE, title="t", x_title="x", description="d")
    assert figure.layout.scattermode == mode
    assert [each.offsetgroup for each in figure.data] == ["SSE", "WebSocket"]
    assert figure.layout.meta["description"] == "d"


def test_an_endless_interval_does_not_squeeze_the_dots() -> None:
    wide = TABLE.assign(low=[1e-9, 90.0], high=[1e9, 110.0])
    low, high = dots_axis("x", wide, RATE)["range"]
    assert -1 < low < 1 and 2 < high < 3


def test_without_a_dot_there_is_still_an_axis() -> None:
    assert dots_axis("x", TABLE[:0], RATE)["type"] == "log"
