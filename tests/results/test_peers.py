from __future__ import annotations

import pytest

from rtlab.experiments.peer_servers import LIBRARIES, Library
from rtlab.findings.performance import Drained
from rtlab.results.peers import Peers, peers


def run(library: str, way: str, deliveries: int, client_cpu_s: float = 0.1) -> Drained:
    return Drained(library, way, 2, 32, 1.0, deliveries, 0, 0, 0.5, client_cpu_s)


def test_it_tells_how_far_libraries_and_how_far_transports_differ() -> None:
    found = [run("quick", "sse", 1_000), run("quick", "websocket", 2_000)]
    found += [run("slow", "sse", 100), run("slow", "websocket", 200), run("one", "websocket", 20, 0.9)]
    result = Peers(found, {})
    assert result.transport_factor == pytest.approx(2.0)
    assert result.library_factor == pytest.approx((10 * 10 * 100 * 10) ** 0.25)
    assert "factor of 17.78 on the same transport" in result.text
    assert "by 2.00 within the same library" in result.text
    assert "In 1 of 5 runs the client was busier" in result.text


def test_the_figure_has_a_series_for_each_transport_and_tells_each_dot() -> None:
    figure = Peers([run("quick", "sse", 1_000), run("slow", "websocket", 10)], {}).figure()
    assert [series.name for series in figure.data] == ["SSE", "WebSocket"]
    assert list(figure.layout.yaxis.categoryarray) == ["quick", "slow"]
    assert "quick, sse: 1,000; slow, websocket: 10." in figure.layout.meta["description"]


def test_it_serves_with_what_is_installed_and_names_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LIBRARIES, "tomorrow", Library("tomorrow", "none", ("no_such_package",)))
    found = peers(2, libraries=("rtlab", "tomorrow"), seconds=0.1, repeats=1, progress=False)
    assert set(found.table["library"]) == {"rtlab"}
    assert "left out: tomorrow, for want of no_such_package (pip install 'rtlab[league]')" in found.text
    assert found.text in repr(found)
