from __future__ import annotations

from rtlab.findings.direction import Outage, ReplyCost
from rtlab.results.direction import Crossover, Outages, crossover, exchange, outage
from rtlab.servers.lab import Lab


def costs(post_bytes: float, post_cpu_ms: float) -> Crossover:
    rates = (1.0, 10.0, 100.0)
    return Crossover(
        [
            ReplyCost(way, rate, 10, 10, size, 1.0, cpu_ms * rate)
            for rate in rates
            for way, size, cpu_ms in (("sse+post", post_bytes, post_cpu_ms), ("websocket", 72.0, 0.1))
        ]
    )


def test_the_crossover_is_the_first_rate_at_which_the_saving_is_noticed() -> None:
    assert costs(1_200.0, 0.1).rate_per_s == 10.0
    assert costs(80.0, 2.5).rate_per_s == 10.0
    assert costs(200.0, 0.2).rate_per_s == 100.0


def test_there_is_no_crossover_where_nothing_is_saved() -> None:
    found = costs(72.0, 0.1)
    assert found.rate_per_s is None
    assert found.text.startswith("At none of these rates")


def test_the_crossover_and_the_guess_are_drawn() -> None:
    drawn = costs(1_200.0, 0.1).figure(guess=5.0)
    assert [line.x0 for line in drawn.layout.shapes] == [10.0] * 3 + [5.0] * 3
    assert "matters from 10/s" in drawn.layout.meta["description"]


def test_outages_show_what_was_lost() -> None:
    shown = Outages([Outage("sse", 60, 60, 0, 0, 1), Outage("websocket", 60, 13, 47, 0, 1)])
    assert shown.text == "Lost: sse: 0 of 60; websocket: 47 of 60."
    assert [list(bar.x) for bar in shown.figure().data] == [[60, 13], [0, 47]]
    assert "<table" in shown._repr_mimebundle_()["text/html"]


def test_exchange_gives_a_row_and_a_lane_for_each_way(lab: Lab) -> None:
    found = exchange(lab, ("sse+post", "websocket"), down=3, up=3, seconds=0.2, progress=False)
    assert list(found.table["way"]) == ["sse+post", "websocket"]
    assert list(found.table["down_arrived"]) == [3, 3]
    assert "websocket: 1 connection, 1 requests" in found.text
    assert len(found.figure().data) == 3


def test_crossover_runs_each_way_at_each_rate(lab: Lab) -> None:
    found = crossover(lab, (10, 50), seconds=0.3, progress=False)
    assert list(zip(found.table["way"], found.table["rate_per_s"], strict=True)) == [
        ("sse+post", 10.0),
        ("websocket", 10.0),
        ("sse+post", 50.0),
        ("websocket", 50.0),
    ]
    assert (found.table["replies"] == found.table["returned"]).all()


def test_outage_counts_for_each_design(lab: Lab) -> None:
    found = outage(lab, ("sse", "websocket"), count=20, seconds=0.6, cuts=1, progress=False)
    assert (found.table["delivered"] + found.table["lost"] == found.table["sent"]).all()
