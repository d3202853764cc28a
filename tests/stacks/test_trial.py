"""Every stack that comes with rtlab: built, started, and held to what all of them promise."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

import rtlab
from rtlab.codecs.sse import EventStreamDecoder
from rtlab.errors import RecordingError
from rtlab.stacks.archive import load_trials, save_trials, shipped_trials
from rtlab.stacks.serving import Served, serving
from rtlab.stacks.stack import Stack, shipped_stack, stack_names
from rtlab.stacks.trial import try_stack

from ..absent import absent
from .conftest import Make

_MEBIBYTE = 1_048_576


def offering(what: str) -> pytest.MarkDecorator:
    """Run a test with the server of every stack that has an endpoint."""
    return pytest.mark.parametrize(
        "served", [name for name in stack_names() if what in shipped_stack(name).offers], indirect=True
    )


def installed(name: str) -> Stack:
    """Give a stack that can run here."""
    stack = shipped_stack(name)
    if stack.obstacle:
        absent(stack.obstacle)
    return stack


@pytest.fixture(scope="module")
def served(request: pytest.FixtureRequest) -> Iterator[Served]:
    with serving(installed(request.param)) as running:
        yield running


def answer(served: Served, count: int, last_id: str = "") -> tuple[int, str, str, bytes]:
    request = urllib.request.Request(
        served.events_url(count, 0), headers={"Last-Event-ID": last_id} if last_id else {}
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=30) as reply:
        kind, cache = (reply.headers.get(name, "") for name in ("Content-Type", "Cache-Control"))
        return reply.status, kind, cache, reply.read()


@pytest.mark.stacks
@pytest.mark.timeout(1_000)
@offering("events")
def test_its_event_stream_keeps_what_is_promised(served: Served) -> None:
    status, kind, cache, body = answer(served, 5)
    assert (status, kind.partition(";")[0]) == (200, "text/event-stream")
    assert "no-cache" in cache
    decoder = EventStreamDecoder()
    events = decoder.feed(body)
    assert [event.data for event in events] == [f'{{"n":{n}}}' for n in range(1, 6)]
    assert decoder.last_event_id == "5"
    assert b"retry" in body
    _, _, _, rest = answer(served, 5, "3")
    assert [event.data for event in EventStreamDecoder().feed(rest)] == ['{"n":4}', '{"n":5}']
    assert answer(served, 5, "5")[0] == 204


@pytest.mark.stacks
@pytest.mark.timeout(1_000)
@offering("echo")
def test_its_echo_keeps_what_is_promised(served: Served) -> None:
    texts = ["hello", "zwölf €", "x" * _MEBIBYTE]
    with rtlab.WebSocket(served.echo_url, max_message_bytes=2 * _MEBIBYTE) as socket:
        for text in texts:
            socket.send(text)
            assert socket.receive(timeout_s=30).data == text
        if served.stack.name != "total-js":  # its route takes texts alone
            socket.send(bytes(range(256)))
            assert socket.receive(timeout_s=30).data == bytes(range(256))
        socket.close()
        assert socket.close_code == 1000


@pytest.mark.stacks
@pytest.mark.timeout(1_000)
@pytest.mark.parametrize("name", ["go", "node-ws", "spring-webflux", "quarkus"])
def test_a_whole_trial_has_no_trouble_and_loses_nothing(name: str) -> None:
    stack = installed(name)
    with rtlab.start_lab("for a trial") as lab:
        trial = try_stack(stack, lab)
    assert trial.trouble == ()
    assert (trial.lost, trial.doubled) == (0, 0)
    assert trial.ok and trial.ok > (trial.failed or 0)
    assert trial.events_per_s and trial.echoes_per_s
    if stack.client:
        assert (trial.client_lost, trial.client_doubled, trial.client_echoed) == (0, 0, 20)


@pytest.mark.stacks
def test_a_step_that_fails_is_told_and_the_others_go_on(make: Make) -> None:
    stack = make(dependencies=["{python}", "-c", "raise SystemExit('no list')"], offers=["events", "echo"])
    with rtlab.start_lab("for a trial") as lab:
        trial = try_stack(stack, lab, bench=False)
    assert trial.lost == 0
    assert trial.dependencies is None
    assert trial.ok is None
    assert any("no list" in each for each in trial.trouble)
    assert any(each.startswith("vectors:") for each in trial.trouble)


def test_trials_come_back_from_a_file_as_they_were(tmp_path: Path) -> None:
    trials = tuple(shipped_trials().values())
    assert trials
    assert load_trials(save_trials(trials, tmp_path / "trials.json")) == trials
    (tmp_path / "trials.json").write_text('{"format": "rtlab-adoption-1", "trials": [{}]}', encoding="utf-8")
    with pytest.raises(RecordingError, match="damaged"):
        load_trials(tmp_path / "trials.json")


def test_every_stack_comes_with_a_dated_result() -> None:
    trials = shipped_trials()
    assert trials.keys() == set(stack_names())
    for name, trial in trials.items():
        assert trial.trouble == ()
        assert trial.version == shipped_stack(name).version, f"{name} has changed; run it anew"
