from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from rtlab.experiments.listeners import DESIGNS, Listener, Place, all_hear
from rtlab.servers.lab import Lab

OnLoop = Callable[..., Any]


@pytest.fixture
def listening(on_loop: OnLoop) -> Any:
    """Start listeners on a lab's channel; all are finished at the end."""
    started: list[Listener] = []

    def listen(lab: Lab, design: str) -> Listener:
        listener = DESIGNS[design](Place(lab.http_url, "news", "", 0.02))
        started.append(listener)
        on_loop(listener.start())
        on_loop(hear(lab, listener, "begin"))
        return listener

    yield listen
    for listener in started:
        on_loop(listener.finish())


def hear(lab: Lab, listener: Listener, word: str) -> Awaitable[None]:
    return all_hear(lab, "news", [listener], word)


@pytest.mark.parametrize("design", DESIGNS)
def test_a_cut_line_is_noticed_once_and_mended_as_the_design_can(
    make_lab: Callable[..., Lab], on_loop: OnLoop, listening: Any, until: Any, design: str
) -> None:
    lab = make_lab(retry_ms=20)
    listener = listening(lab, design)
    lab.publish("0000000000 x")
    assert lab.cut() == 1
    until(lambda: listener.broken_ns)
    on_loop(hear(lab, listener, "end"))
    assert [seq for seq, _ in listener.heard] == [0]
    assert len(listener.broken_ns) == 1
    assert listener.over is (design in ("sseclient-py", "WebSocket"))
    assert listener.is_open is not listener.over


def test_a_client_that_is_refused_for_good_is_over(
    make_lab: Callable[..., Lab], listening: Any, until: Any
) -> None:
    lab = make_lab(retry_ms=1)
    listener = listening(lab, "EventSource")
    listener._client._where = (lab.http_url + "/nowhere", ())
    lab.cut()
    until(lambda: listener.over)
    assert not listener.is_open
