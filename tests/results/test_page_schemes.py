from __future__ import annotations

from rtlab.findings.page_schemes import SchemeTry
from rtlab.results.page_schemes import Schemes

from .planted_page import facts

TRIES = (
    SchemeTry("http", "WebSocket", "ws", "elsewhere", True, "opens"),
    SchemeTry("http", "WebSocket", "wss", "127.0.0.1", True, "opens"),
    SchemeTry("https", "WebSocket", "ws", "elsewhere", False, "throws SecurityError"),
    SchemeTry("https", "WebSocket", "wss", "127.0.0.1", True, "opens"),
)


def test_what_was_stopped_is_told_for_each_page() -> None:
    text = Schemes(facts(), TRIES).text
    assert text.startswith("From the http page 2 of 2 opened. From the https page 1 of 2 opened; stopped: ")
    assert "WebSocket, ws to elsewhere." in text


def test_each_target_is_a_row_and_each_page_a_column() -> None:
    table = Schemes(facts(), TRIES).table
    assert table.values.tolist() == [
        ["WebSocket, ws to elsewhere", "opens", "throws SecurityError"],
        ["WebSocket, wss to 127.0.0.1", "opens", "opens"],
    ]


def test_the_figure_marks_what_was_stopped() -> None:
    figure = Schemes(facts(), TRIES).figure()
    (matrix,) = figure.data
    assert [list(row) for row in matrix.z] == [[0, 2], [0, 0]]
    assert "Stopped: from https: WebSocket, ws to elsewhere." in figure.layout.meta["description"]
