"""What is done with stand-ins is recorded from real labs, and replayed without them."""

import getpass
import socket
import types

import pytest

import rtlab.results.direction
from rtlab.clients.event_source import EventSource
from rtlab.clients.websocket import WebSocket
from rtlab.errors import InputError, RecordingError, WaitTimeout
from rtlab.replay.player import Player
from rtlab.replay.recorder import Recorder
from rtlab.replay.stand_ins import Verbs, told, verb
from rtlab.replay.tape import Tape
from rtlab.results.capture import through
from rtlab.servers.guards import Guards
from rtlab.servers.lab import start_lab
from rtlab.tables.schema import describe
from rtlab.workload import Workload

CONDITIONS = {"date_utc": "2026-11-22T10:00:00Z", "platform": "Linux 6.1 x86_64", "cores": 2}


def course(deck):
    """The same steps for a recorder and for a player; gives what a learner sees."""
    start = verb(deck, "start_lab", start_lab)
    seen = []
    with start("replayed") as lab:
        again = start("replayed")
        seen += [lab.running, lab.name, lab.echo_url()]
        with verb(deck, "EventSource", EventSource)(lab.sse_url("a")) as source:
            seen += [again.publish("one", channel="a"), lab.publish("two", channel="a")]
            seen += [source.receive().data, source.receive(timeout_s=2).data]
            with pytest.raises(WaitTimeout) as caught:
                source.receive(timeout_s=0)
            seen.append(str(caught.value))
        with (
            verb(deck, "through", through)(lab) as via,
            verb(deck, "WebSocket", WebSocket)(via.echo_url()).open() as line,
        ):
            for text in ("x", "y"):
                line.send(text)
                seen.append(line.receive().data)
            line.send("z")
            seen += [message.data for message in line.take(1)]
            seen += [via.connections, via.chunks[-1].data, str(line.traffic)]
        seen.append(lab._repr_mimebundle_()["text/html"])
        exchange = Verbs(deck, rtlab.results.direction).exchange(lab, down=2, up=2, seconds=0.2, seed=1)
        seen += [exchange.text, exchange.table.to_json(), exchange.figure().layout.title.text.split("<br>")[0]]
    return [repr(each) for each in seen]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    recorder = Recorder()
    seen = course(recorder)
    path = recorder.save(tmp_path_factory.mktemp("tape") / "course.json.gz", "course", [""])
    return seen, Tape.load(path)


@pytest.fixture
def no_sockets(monkeypatch):
    def refuse(*args):
        raise AssertionError("a replay must not use sockets")

    for name in ("connect", "bind", "listen", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)


@pytest.mark.usefixtures("no_sockets")
def test_a_replay_shows_what_was_recorded(recorded):
    seen, tape = recorded
    assert course(Player(iter([tape]))) == seen


def test_a_recording_names_no_host_and_no_user(recorded):
    told_of = {str(value) for value in recorded[1].conditions.values()}
    assert not told_of & {socket.gethostname(), getpass.getuser()}


def test_an_operation_that_was_not_recorded_says_what_to_do(recorded):
    lab = verb(Player(iter([recorded[1]])), "start_lab", start_lab)("replayed")
    with pytest.raises(RecordingError, match=r"start_lab\('replayed'\)\.publish\('three'\).*unset RTLAB_REPLAY"):
        lab.publish("three")


def test_an_experiment_is_found_from_any_cell_and_the_work_of_a_lab_is_not():
    asked = {"start_lab()": [{"gives": {"live": "start_lab()", "class": "rtlab.servers.lab:Lab"}}]}
    asked["start_lab().publish('a')"] = [{"gives": "k-1"}]
    lab = verb(Player(iter([Tape("other", CONDITIONS, {"elsewhere": asked})])), "start_lab", start_lab)()
    with pytest.raises(RecordingError):
        lab.publish("a")


def test_a_mistake_that_was_recorded_is_raised_again():
    recorder = Recorder()
    with pytest.raises(InputError) as first:
        verb(recorder, "start_lab", start_lab)("wrong", heartbeat_s=0)
    player = Player(iter([Tape("one", CONDITIONS, recorder._tape.cells)]))
    with pytest.raises(InputError) as second:
        verb(player, "start_lab", start_lab)("wrong", heartbeat_s=0)
    assert str(second.value) == str(first.value)


class Soon:
    def __await__(self):
        yield
        return 5


def answer(live):
    steps = live.__await__()
    with pytest.raises(StopIteration) as end:
        while True:
            next(steps)
    return end.value.value


def test_things_in_a_row_are_recorded_too_and_may_be_awaited():
    recorder = Recorder()
    first, count = verb(recorder, "both", lambda: (Soon(), 2))()
    assert (answer(first), count) == (5, 2)
    player = Player(iter([Tape("one", CONDITIONS, recorder._tape.cells)]))
    again, count = verb(player, "both", print)()
    assert (answer(again), count) == (5, 2)


def test_a_damaged_recording_is_a_recording_error():
    asked = {"both()": [{"gives": {"bytes": 5}}]}
    with pytest.raises(RecordingError, match="The recording of one is damaged"):
        verb(Player(iter([Tape("one", CONDITIONS, {"a": asked})])), "both", print)()


def test_what_is_asked_is_told_in_the_same_words_wherever_a_lab_listens():
    assert told("ws://127.0.0.1:4242/echo") == told("ws://127.0.0.1:17/echo") == "'ws://127.0.0.1:0/echo'"
    assert told((1, [b"a"])) == "(1, [b'a'])"
    assert told(Workload(count=3)) == told(Workload(count=3)) != told(Workload(count=4))
    assert told(Guards()).startswith("Guards ")
    assert told(print) == "builtin_function_or_method"
    assert len(told("x" * 10_000)) < 200
    assert told("x" * 10_000) != told("x" * 10_001)


def test_a_stand_in_of_a_verb_keeps_its_documentation():
    assert verb(Player(iter(())), "start_lab", start_lab).__doc__ == start_lab.__doc__
    module = Verbs(Player(iter(())), rtlab.results.direction)
    assert module.exchange.__doc__ == rtlab.results.direction.exchange.__doc__
    assert "exchange" in dir(module)
    assert isinstance(module.Exchange, type)
    assert not isinstance(module, types.ModuleType)
    assert callable(describe)
