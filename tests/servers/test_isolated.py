import os
import signal
import sys
import textwrap

import psutil
import pytest

from rtlab import clock
from rtlab.clients.event_source import EventSource
from rtlab.clients.polling import LongPolling
from rtlab.clients.websocket import WebSocket
from rtlab.errors import InputError, LabNotRunning
from rtlab.loop_thread import shared
from rtlab.servers.lab import start_lab
from rtlab.workload import Workload, read_seq

from ..processes import is_gone

TIMEOUT_S = 30


@pytest.fixture(scope="module")
def isolated():
    """One lab in its own process for the tests that leave it running."""
    with start_lab("test-isolated", isolated=True) as lab:
        yield lab


def test_the_lab_runs_in_another_process(isolated):
    assert isolated.isolated
    assert isolated.server.pid != os.getpid()
    assert "own process" in repr(isolated)
    assert "in a process of its own" in isolated._repr_html_()


def test_the_same_call_gives_the_same_process(isolated):
    assert start_lab("test-isolated", isolated=True) is isolated


def test_every_transport_works_as_in_the_kernel(isolated):
    clients = [
        EventSource(isolated.sse_url("all")),
        WebSocket(isolated.ws_url("all"), subprotocols=["rtlab.v1"]),
        LongPolling(isolated.poll_url("all")),
    ]
    for client in clients:
        client.open()
    try:
        shared_state = isolated.connections
        assert sorted(c.transport for c in shared_state if c.channel == "all") == ["sse", "websocket"]
        id = isolated.publish("é\nzwei", channel="all", event=" price ")
        for client in clients:
            received = client.receive()
            assert (received.data, received.event, received.id) == ("é\nzwei", " price ", id)
        assert isolated.cut("all") == 2
    finally:
        for client in clients:
            client.close()


@pytest.mark.parametrize(
    "wrong",
    [
        {"data": "\ud800"},
        {"data": "x", "event": "a\nb"},
        {"data": "x", "event": "a\0"},
        {"data": "x", "channel": "a b"},
    ],
)
def test_what_cannot_travel_is_the_same_error_as_in_the_kernel(isolated, wrong):
    with pytest.raises(InputError):
        isolated.publish(**wrong)
    assert isolated.running


def test_a_workload_is_played_there(isolated):
    with EventSource(isolated.sse_url("played")) as source:
        start_ns = clock.now_ns()
        workload = Workload(rate_per_s=1_000, count=20)
        sent_ns = shared.call(lambda: isolated.play("played", workload, start_ns), TIMEOUT_S)
        assert [read_seq(received.data.encode()) for received in source.take(20)] == list(range(20))
    assert len(sent_ns) == 20
    assert sent_ns == sorted(sent_ns)


def test_both_processes_have_one_clock(isolated):
    shared.hold()
    offset_ns, error_ns = shared.call(isolated.clock_offset_ns, TIMEOUT_S)
    shared.release()
    assert abs(offset_ns) <= error_ns + 1


def test_the_log_comes_over(isolated):
    isolated.publish("x", channel="logged")
    assert "POST /publish/logged?event= 200" in [line.text for line in isolated.log]


def test_the_nonce_is_not_in_the_command_line(isolated):
    command = " ".join(psutil.Process(isolated.server.pid).cmdline())
    assert "serve" in command
    assert isolated.nonce not in command


def test_it_speaks_tls(make_lab):
    lab = make_lab(isolated=True, tls=True)
    assert lab.publish("x").endswith("-1")
    with WebSocket(lab.ws_url(), subprotocols=["rtlab.v1"], last_event_id="0", ca_pem=lab.ca_pem) as client:
        assert client.receive().data == "x"


def test_a_lab_whose_process_was_killed_says_so_and_can_be_started_again(make_lab, until):
    lab = make_lab(isolated=True)
    pid = lab.server.pid
    psutil.Process(pid).kill()
    until(lambda: not lab.running)
    with pytest.raises(LabNotRunning, match=r"is not running; call rtlab.start_lab\(\)"):
        lab.publish("x")
    assert lab.connections == lab.log == ()
    assert "stopped" in lab._repr_html_()
    with start_lab(lab.name, isolated=True) as again:
        assert again is not lab
        assert again.server.pid != pid
        assert again.publish("x").endswith("-1")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGSTOP")
def test_a_process_that_does_not_answer_is_ended_by_force(make_lab):
    lab = make_lab(isolated=True)
    pid = lab.server.pid
    os.kill(pid, signal.SIGSTOP)
    lab.stop(timeout_s=0.2)
    assert is_gone(pid)


def test_a_process_that_cannot_start_says_why(make_lab, monkeypatch, tmp_path):
    (tmp_path / "rtlab.py").write_text("raise SystemExit('no such luck')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(LabNotRunning, match="no such luck"):
        make_lab(isolated=True)


def test_a_start_that_takes_too_long_leaves_no_process(make_lab, monkeypatch, tmp_path):
    (tmp_path / "rtlab.py").write_text("import threading; threading.Event().wait()")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(LabNotRunning, match="did not start: it said nothing"):
        make_lab(isolated=True, timeout_s=0.5)


PARENT = """
    import threading
    from rtlab.servers.lab import start_lab

    lab = start_lab(isolated=True)
    try:
        print(lab.server.pid, flush=True)  # inside: the interrupt may come right behind it
        threading.Event().wait(60)
    except KeyboardInterrupt:
        print(lab.publish("after the interrupt"), flush=True)
        lab.stop()
"""


@pytest.fixture
def parent(python):
    """Another interpreter with an isolated lab, and the lab's process id."""
    process = python("-c", textwrap.dedent(PARENT), start_new_session=sys.platform != "win32")
    return process, int(process.stdout.readline())


def test_the_process_ends_when_its_parent_is_killed(parent, until):
    process, pid = parent
    assert not is_gone(pid)
    process.kill()
    until(lambda: is_gone(pid), "the end of the lab's process")


def test_an_interrupt_of_the_parents_group_does_not_end_the_process(parent, interrupt):
    process, pid = parent
    os.killpg(process.pid, signal.SIGINT)
    output, errors = process.communicate(timeout=TIMEOUT_S)
    assert (process.returncode, errors) == (0, "")
    assert output.endswith("-1\n")
    assert is_gone(pid)
