from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from rtlab.errors import InputError
from rtlab.figures.theme import (
    DIRECTIONS,
    INK,
    INVALID,
    LOOKS,
    WARNING,
    arms,
    axis,
    checked_guess,
    layout,
    time_axis,
    warn,
)
from rtlab.tables.schema import TRANSPORTS

WHITE_PAGE, BLACK_PAGE = "#ffffff", "#111111"
COLORS = {INK, WARNING, *(look.color for look in [*LOOKS.values(), *DIRECTIONS.values()])}


def linear(color: str) -> np.ndarray:
    channels = np.array([int(color[start : start + 2], 16) / 255 for start in (1, 3, 5)])
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """Give the contrast ratio as WCAG 2 defines it."""
    dark, light = sorted(float(np.dot([0.2126, 0.7152, 0.0722], linear(color))) for color in (one, other))
    return (light + 0.05) / (dark + 0.05)


def test_every_transport_has_a_look_of_its_own() -> None:
    assert tuple(LOOKS) == TRANSPORTS
    for attribute in ("name", "color", "marker", "dash"):
        values = [getattr(look, attribute) for look in LOOKS.values()]
        assert len(set(values)) == len(values), attribute


def test_every_direction_has_a_look_of_its_own() -> None:
    up, down = DIRECTIONS["up"], DIRECTIONS["down"]
    assert up.name != down.name and up.color != down.color and up.marker != down.marker


@pytest.mark.parametrize("color", sorted(COLORS))
def test_every_colour_is_readable_on_the_white_and_on_the_black_page(color: str) -> None:
    assert contrast(color, WHITE_PAGE) >= 3.5
    assert contrast(color, BLACK_PAGE) >= 3.5


# How the two common kinds of colour blindness mix linear red, green and blue (Machado, Oliveira, Fernandes 2009).
BLINDNESS = {
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
}


@pytest.mark.parametrize("kind", BLINDNESS)
@pytest.mark.parametrize(("one", "other"), list(combinations(TRANSPORTS, 2)))
def test_colour_blind_readers_can_tell_transports_apart(kind: str, one: str, other: str) -> None:
    def seen(color: str) -> np.ndarray:
        mixed = np.clip(np.array(BLINDNESS[kind]) @ linear(color), 0, 1)
        xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ mixed
        x, y, z = np.cbrt(xyz / [0.9505, 1.0, 1.089])
        return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])

    # 2.3 is a difference that can just be seen in CIE Lab; thin lines need several times as much.
    assert np.linalg.norm(seen(LOOKS[one].color) - seen(LOOKS[other].color)) > 5 * 2.3


def test_a_layout_lets_the_page_shine_through_and_describes_the_figure() -> None:
    figure = go.Figure(layout=layout("Title", "What it shows.", xaxis=axis("time (s)")))
    assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == "rgba(0, 0, 0, 0)"
    assert figure.layout.title.text == "Title"
    assert figure.layout.meta["description"] == "What it shows."
    assert figure.layout.xaxis.title.text == "time (s)"


def test_times_of_one_size_are_drawn_from_zero() -> None:
    drawn = time_axis("t (ms)", [1.0, 25.0])
    assert drawn["type"] == "linear"
    assert drawn["range"][0] == 0 and drawn["range"][1] > 25


def test_times_far_apart_are_drawn_in_equal_ratios() -> None:
    drawn = time_axis("t (ms)", [0.3, 2.0, 120.0])
    assert drawn["type"] == "log"
    assert 10 ** drawn["range"][0] < 0.3 and 10 ** drawn["range"][1] > 120
    assert drawn["tickvals"] == pytest.approx([0.5, 1, 2, 5, 10, 20, 50, 100])
    assert drawn["ticktext"] == ["0.5", "1", "2", "5", "10", "20", "50", "100"]


def test_over_many_decades_only_powers_of_ten_are_labelled() -> None:
    assert time_axis("t (ms)", [0.01, 5000.0])["ticktext"] == ["0.01", "0.1", "1", "10", "100", "1,000"]


@pytest.mark.parametrize("times_ms", [[], [math.inf, math.nan], [-1.0, 500.0], [0.0, 500.0]])
def test_an_axis_copes_with_times_that_no_logarithm_has(times_ms: list[float]) -> None:
    drawn = time_axis("t (ms)", times_ms)
    assert drawn["type"] == "linear"
    assert all(low <= drawn["range"][1] and low >= drawn["range"][0] for low in times_ms if math.isfinite(low))


def test_arms_come_in_the_order_of_the_course_and_name_clients_only_if_needed() -> None:
    frame = pd.DataFrame(
        {"transport": ["websocket", "sse", "sse"], "client": ["rtlab", "rtlab", "sseclient-py"], "row": [0, 1, 2]}
    )
    found = [(name, look.marker, look.color, rows["row"].tolist()) for name, look, rows in arms(frame)]
    blue = LOOKS["sse"].color
    assert found == [
        ("SSE (rtlab)", "circle", blue, [1]),
        ("SSE (sseclient-py)", "circle-open", blue, [2]),
        ("WebSocket", "square", LOOKS["websocket"].color, [0]),
    ]


def test_a_warning_stands_under_the_title_and_first_in_the_description() -> None:
    figure = go.Figure(layout=layout("Title", "What it shows."))
    margin = figure.layout.margin.t
    warn(figure, INVALID)
    assert figure.layout.title.text.startswith("Title<br>") and INVALID in figure.layout.title.text
    assert figure.layout.meta["description"] == f"{INVALID} What it shows."
    assert figure.layout.margin.t > margin


def test_a_guess_is_put_in_the_order_of_the_course() -> None:
    assert list(checked_guess({"websocket": 2.0, "sse": 1.0})) == ["sse", "websocket"]
    assert checked_guess(None) == {}


@pytest.mark.parametrize("guess_ms", [{"carrier-pigeon": 1.0}, {"sse": 0.0}, {"sse": math.inf}, {"sse": math.nan}])
def test_a_guess_that_cannot_be_drawn_is_refused(guess_ms: dict[str, float]) -> None:
    with pytest.raises(InputError, match="guess"):
        checked_guess(guess_ms)
