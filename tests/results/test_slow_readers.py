from __future__ import annotations

import pytest

from rtlab.findings.slow_readers import Reading, SlowReading
from rtlab.results.slow_readers import SlowReaders, slow_readers

pytestmark = pytest.mark.measuring

ALL = Reading(100, 0, 0, 99, False, 40.0)
SOME = Reading(60, 1, 40, 99, False, 0.0)
CUT = Reading(30, 0, 0, 29, True, 0.0)


def run(way: str, policy: str, slow: Reading, *, p99_ms: float = 10.0, good: Reading = ALL) -> SlowReading:
    return SlowReading(way, policy, 100, 50.0, 1.0, (ALL, good), (slow,), p99_ms, 2_000_000)


def test_each_row_counts_what_became_of_the_messages_of_one_who_paused() -> None:
    found = [run("sse", "wait", ALL), run("sse", "latest", SOME), run("websocket", "disconnect", CUT)]
    table = SlowReaders(found).table
    assert list(table["paused_got"]) == [100, 60, 30]
    assert list(table["paused_missed"]) == [0, 40, 0]
    assert list(table["after_newest"]) == [0, 0, 70]
    assert list(table["cut"]) == [0, 0, 1]
    assert (table["paused_got"] + table["paused_missed"] + table["after_newest"] == table["sent"]).all()


def test_repeats_are_put_together_and_the_slowest_reader_counts() -> None:
    slower = Reading(99, 1, 1, 99, False, 10.0)
    found = [run("sse", "wait", ALL, good=slower), run("sse", "wait", SOME, p99_ms=1_000.0)]
    row = SlowReaders(found).table.iloc[0]
    assert row["repeats"] == 2
    assert row["whole"] == 1
    assert row["got_per_s"] == pytest.approx(20.0)
    assert row["p99_ms"] == pytest.approx(100.0)
    assert row["p99_low_ms"] < 100 < row["p99_high_ms"]
    assert row["paused_got"] == 80


def test_the_sentence_tells_each_policy() -> None:
    text = SlowReaders([run("sse", "wait", ALL), run("sse", "disconnect", CUT)]).text
    assert text.startswith(
        "wait: the others got 40 a second in the pause, one who paused 100 of 100 with 0 left out"
    )
    assert "disconnect: " in text and "1 of 1 were cut; due were 50 a second" in text
    assert text.endswith("grew by 2.00 MB at most.")


def test_the_figure_shows_both_sides_and_tells_each_row() -> None:
    figure = SlowReaders([run("sse", "latest", SOME), run("websocket", "latest", SOME)]).figure()
    assert [trace.name for trace in figure.data] == ["SSE", "WebSocket", "got", "left out", "sent after it was cut"]
    assert list(figure.data[3].y) == ["latest, SSE", "latest, WebSocket"]
    assert (
        "latest, SSE: 99 % within 10 ms, one who paused got 60, 40 were left out"
        in (figure.layout.meta["description"])
    )


def test_the_verb_lets_real_readers_pause() -> None:
    settings = {"readers": 3, "slow": 1, "pause_s": 0.1, "rate_per_s": 50.0, "payload_bytes": 100}
    found = slow_readers(("latest",), **settings, repeats=1, progress=False)  # type: ignore[arg-type]  # all are
    assert list(found.table["transport"]) == ["sse", "websocket"]
    assert (found.table["whole"] == 2).all()  # so short a pause stays in the buffers of the systems
    assert (found.table["paused_got"] == found.table["sent"]).all()
