from __future__ import annotations

from rtlab.findings.upstream import Upstream
from rtlab.results.upstream import BothWays, upstream
from rtlab.widgets.predict import Predict


def test_nothing_goes_up_over_either_transport() -> None:
    found = upstream(200, progress=False)
    assert list(found.table["transport"]) == ["sse", "websocket"]
    assert list(found.table["bytes_up"]) == [0, 0]
    assert list(found.table["received"]) == [200, 200]
    assert found.text.startswith("SSE: 0 bytes from client to server while 200 of 200 messages came down")


def test_the_figure_numbers_even_a_bar_without_length() -> None:
    figure = BothWays([Upstream("websocket", 9, 8, 150, 0, 5_000)]).figure()
    assert {bar.name: list(bar.text) for bar in figure.data} == {
        "client to server": ["0 bytes"],
        "server to client": ["5,000 bytes"],
    }
    assert "WebSocket: 0 bytes up and 5,000 down for 8 messages" in figure.layout.meta["description"]


def test_a_guess_is_drawn_over_the_bytes_once_there_is_one() -> None:
    found = BothWays([Upstream("websocket", 9, 8, 150, 0, 5_000)])
    guess = Predict("How many?", unit="bytes", low=0, high=9, key="test upstream")
    assert not found.figure(guess=guess).layout.shapes
    guess.answer(0)
    drawn = found.figure(guess=guess).layout
    assert [line.x0 for line in drawn.shapes] == [0]
    assert [note.text for note in drawn.annotations] == ["dashed: your guess, 0 bytes"]
