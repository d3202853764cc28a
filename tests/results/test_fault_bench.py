from __future__ import annotations

import re

import pytest

from rtlab.errors import InputError, LabNotRunning, WaitTimeout
from rtlab.loop_thread import shared
from rtlab.results import fault_bench
from rtlab.results.fault_bench import break_it


def heard(bench):
    return bench.chart.counts()


@pytest.fixture
def bench(lab):
    with break_it(lab, seconds=60) as bench:
        yield bench


def test_a_reset_ends_the_plain_websocket_and_the_others_come_back(bench, until):
    until(lambda: min(heard(bench).values()) > 2)
    assert bench.press("Reset") == "Reset: 3 connections broken off. Who comes back?"
    at_the_reset = heard(bench)
    until(lambda: all(heard(bench)[way] > at_the_reset[way] + 10 for way in ("sse", "WebSocket, resumed")))
    table = bench.stop().set_index("client")
    assert table.loc["WebSocket", "lost"] > 0
    assert table.loc["EventSource", "lost"] == table.loc["WebSocket, resumed", "lost"] == 0
    assert (table["delivered"] + table["lost"] == table["sent"]).all()
    assert re.search(r"EventSource got (\d+) of \1;", bench.text)


def test_a_stall_holds_everything_back_and_loses_nothing(bench, until):
    until(lambda: min(heard(bench).values()) > 2)
    bench.press("Stall")
    sent = bench._bench.sent
    until(lambda: bench._bench.sent > sent + 10)
    assert max(heard(bench).values()) < bench._bench.sent - 5
    bench.press("Mend")
    until(lambda: min(heard(bench).values()) > sent + 10)
    assert bench.stop()["lost"].sum() == 0


def test_a_black_hole_is_noticed_only_when_it_is_mended(bench, until):
    until(lambda: min(heard(bench).values()) > 2)
    bench.press("Black hole")
    sent = bench._bench.sent
    until(lambda: bench._bench.sent > sent + 10)
    assert max(heard(bench).values()) < bench._bench.sent - 5
    bench.press("Mend")
    until(lambda: heard(bench)["sse"] > sent + 10)
    table = bench.stop().set_index("client")
    assert table.loc["EventSource", "lost"] == 0
    assert table.loc["WebSocket", "lost"] > 0


def test_it_ends_by_itself_and_leaves_nothing(lab, until):
    bench = break_it(lab, seconds=1)
    until(lambda: bench.accounts)
    until(lambda: bench.board.said.startswith("Over."))
    assert bench.table["lost"].sum() == 0
    assert all(button.disabled for button in bench.board._buttons.children)
    with pytest.raises(LabNotRunning, match="over"):
        bench.press("Reset")
    assert bench.stop() is not None
    lab.stop()
    assert not shared.running


def test_to_watch_is_to_wait_until_it_is_over(lab):
    with break_it(lab, seconds=1) as bench:
        bench.watch(30)
        assert bench.accounts
        with pytest.raises(InputError, match="600"):
            bench.watch(-1)


def test_wrong_words_are_refused(lab, bench):
    with pytest.raises(InputError, match="Black hole"):
        bench.press("Explode")
    with pytest.raises(InputError, match="1 to 600"):
        break_it(lab, seconds=0)


def test_a_stopped_lab_is_refused(lab):
    lab.stop()
    with pytest.raises(LabNotRunning):
        break_it(lab)


def test_without_a_page_it_says_how_to_press(bench):
    assert ".press('Stall')" in repr(bench)
    assert bench._repr_mimebundle_()["text/plain"] == repr(bench.board)


def test_an_end_that_is_broken_off_closes_everything_all_the_same(lab, bench, until, monkeypatch):
    monkeypatch.setattr(fault_bench, "_STOP_S", 0.3)
    monkeypatch.setattr(bench._bench, "_is_settled", lambda listener: False)
    with pytest.raises(WaitTimeout):
        bench.stop()
    until(lambda: not lab.connections)
    assert "interrupted" in bench.text
    assert all(button.disabled for button in bench.board._buttons.children)
