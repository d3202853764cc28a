from __future__ import annotations

from rtlab.figures.set_up import figure_set_up
from rtlab.findings.protocol import SetUpPart
from rtlab.tables.protocol import set_up_table

SET_UP = set_up_table(
    [
        SetUpPart("sse", False, "up", "HTTP/1.1", 115, 71),
        SetUpPart("sse", False, "down", "HTTP/1.1", 176, 72),
        SetUpPart("sse", False, "down", "event stream", 32, 72),
        SetUpPart("websocket", True, "up", "TLS", 794, 22),
    ]
)


def test_both_directions_of_a_layer_are_added_up() -> None:
    bars = {bar.name: dict(zip(bar.y, bar.x, strict=True)) for bar in figure_set_up(SET_UP).data}
    assert bars == {
        "HTTP/1.1": {"SSE": 291, "WebSocket, TLS": 0},
        "event stream": {"SSE": 32, "WebSocket, TLS": 0},
        "TLS": {"SSE": 0, "WebSocket, TLS": 794},
    }


def test_the_sums_are_told_in_words() -> None:
    assert "SSE: 323 bytes; WebSocket, TLS: 794 bytes" in figure_set_up(SET_UP).layout.meta["description"]


def test_a_guess_is_drawn_and_kept_in_sight() -> None:
    figure = figure_set_up(SET_UP, guess_bytes=5_000.0)
    assert figure.layout.shapes[0].x0 == 5_000.0
    assert figure.layout.xaxis.range[1] > 5_000.0
    assert not figure_set_up(SET_UP).layout.shapes
