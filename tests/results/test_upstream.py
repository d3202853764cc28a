from __future__ import annotations

from rtlab.findings.upstream import Upstream
from rtlab.results.upstream import BothWays, upstream


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
