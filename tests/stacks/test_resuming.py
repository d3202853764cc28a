"""Counted with the same server: as it is, without resume, and with a resume that goes back too far."""

from __future__ import annotations

import json

import pytest

import rtlab
from rtlab.errors import LabError, WaitTimeout
from rtlab.stacks import resuming
from rtlab.stacks.resuming import CLIENT_COUNT, client_count, resume_count
from rtlab.stacks.serving import serving

from .conftest import GOOD_SERVER, Make

RESUME = 'int(self.headers.get("Last-Event-ID", 0)) + 1'


def test_with_resume_nothing_is_lost_or_doubled(make: Make) -> None:
    with serving(make()) as served:
        assert resume_count(served) == (2, 0, 0)


@pytest.mark.stacks
@pytest.mark.parametrize(
    ("first", "lost", "doubled"),
    [
        pytest.param("int(self.headers.get('Last-Event-ID', 0)) + 3", True, False, id="leaves two out"),
        pytest.param("max(1, int(self.headers.get('Last-Event-ID', 0)) - 2)", False, True, id="goes back"),
    ],
)
def test_a_wrong_resume_is_seen(make: Make, first: str, lost: bool, doubled: bool) -> None:
    with serving(make({"server.py": GOOD_SERVER.replace(RESUME, first)})) as served:
        cuts, were_lost, were_doubled = resume_count(served)
    assert cuts > 0
    assert (were_lost > 0, were_doubled > 0) == (lost, doubled)


@pytest.mark.stacks
def test_events_without_numbers_are_told(make: Make) -> None:
    with (
        serving(make({"server.py": GOOD_SERVER.replace('{"n":%d}', '{"m":%d}')})) as served,
        pytest.raises(LabError, match="nobody asked for"),
    ):
        resume_count(served)


CLIENT = f"""
import json, os, sys
sys.path[:0] = {[str(path) for path in rtlab.__path__][:1]!r}
sys.path[0] = os.path.dirname(sys.path[0])
import rtlab
count = int(os.environ["COUNT"])
with rtlab.EventSource(os.environ["LAB_EVENTS_URL"]) as source:
    ids = [event.id for event in source.take(count, timeout_s=20)]
with rtlab.WebSocket(os.environ["LAB_ECHO_URL"]) as socket:
    for n in range(count):
        socket.send("text %d" % n)
    echoed = sum(socket.receive().data == "text %d" % n for n in range(count))
print(json.dumps({{"ids": ids, "echoed": echoed}}))
"""


def test_a_client_that_comes_back_gets_all(make: Make) -> None:
    stack = make({"server.py": GOOD_SERVER, "client.py": CLIENT}, client=["{python}", "client.py"])
    with rtlab.start_lab("for a client", retry_ms=100) as lab, serving(stack) as served:
        assert client_count(served, lab) == (0, 0, CLIENT_COUNT)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("print('nothing of the kind')", "printed 'nothing of the kind"),
        ("raise SystemExit('no library')", "no library"),
        (f"print({json.dumps('{}')!r})", "printed"),
    ],
)
def test_a_client_that_says_nothing_useful_is_told(make: Make, text: str, told: str) -> None:
    stack = make({"server.py": GOOD_SERVER, "client.py": text}, client=["{python}", "client.py"])
    with (
        rtlab.start_lab("for a client") as lab,
        serving(stack) as served,
        pytest.raises(LabError, match=told),
    ):
        client_count(served, lab)


def test_a_client_that_never_comes_is_told(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resuming, "_PATIENCE_S", 0.2)
    text = "import threading; threading.Event().wait(60)"
    stack = make({"server.py": GOOD_SERVER, "client.py": text}, client=["{python}", "client.py"])
    with (
        rtlab.start_lab("for a client") as lab,
        serving(stack) as served,
        pytest.raises(WaitTimeout, match="did not open its event stream"),
    ):
        client_count(served, lab)
