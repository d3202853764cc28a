from __future__ import annotations

import re
import signal
import socket
import sys
from urllib.parse import urlsplit

import pytest

from rtlab.cli import main
from rtlab.clients.event_source import EventSource
from rtlab.clients.websocket import WebSocket
from rtlab.errors import ConnectionFailed, InputError
from rtlab.network import faults
from rtlab.network.faults import BufferingProxy, IdleCut, Latency, Limit, Reset, RewriteAccept, StripUpgrade
from rtlab.network.faults.by_name import fault_lines, parse_fault

TIMEOUT_S = 30.0


@pytest.fixture
def relay(python, lab):
    """Start `rtlab relay` before a lab; gives the process and its port."""

    def start(*words):
        process = python("-m", "rtlab", "relay", "--to", f"127.0.0.1:{lab.port}", *words)
        line = process.stdout.readline()
        match = re.fullmatch(rf"(http://127\.0\.0\.1:\d+) passes connections on to 127.0.0.1:{lab.port}\n", line)
        assert match, line + process.stderr.read()
        return process, urlsplit(match[1]).port

    return start


def end(process):
    output, errors = process.communicate(timeout=TIMEOUT_S)
    assert errors == ""
    return process.returncode, output


def test_clients_of_both_protocols_go_through_and_the_log_comes_as_it_happens(relay, lab):
    process, port = relay("--fault", "latency:latency_ms=5,jitter_ms=5", "--fault", "strip-upgrade")
    assert "faults: Latency(latency_ms=5.0, jitter_ms=5.0, direction='both'), StripUpgrade()" in (
        process.stdout.readline()
    )
    with EventSource(f"http://127.0.0.1:{port}/sse/news") as source:
        lab.publish("x")
        assert source.receive(TIMEOUT_S).data == "x"
        assert process.stdout.readline().endswith(" s  connection 0: opened\n")
        with pytest.raises(ConnectionFailed):
            WebSocket(f"ws://127.0.0.1:{port}/ws/news").open()
        assert process.stdout.readline().endswith("connection 1: opened\n")
        assert process.stdout.readline().endswith("connection 1: StripUpgrade: changed the head of GET /ws/news\n")
        process.terminate()
        if sys.platform != "win32":
            code, output = end(process)
            assert code == 0
            assert output.endswith("stopped\n")


def test_ctrl_c_ends_it_in_order(relay, interrupt):
    process, port = relay()
    with socket.create_connection(("127.0.0.1", port), TIMEOUT_S):
        assert "opened" in process.stdout.readline()
        interrupt(process)
        assert end(process)[0] == 0
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), TIMEOUT_S)


def test_it_ends_after_its_seconds(relay):
    process, _ = relay("--seconds", "0.2")
    assert end(process)[0] == 0


def test_it_listens_where_it_is_told_to(relay):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert relay("--port", str(port), "--seconds", "0.1")[1] == port


def test_a_port_that_is_taken_is_an_error(capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            assert main(["relay", "--to", "127.0.0.1:1", "--port", str(port)]) == 2
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
    error = capsys.readouterr().err
    assert f"cannot listen on 127.0.0.1:{port}" in error and "Choose another port" in error


def test_all_faults_are_listed_with_settings_and_meaning(capsys):
    assert main(["relay", "--fault", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines == list(fault_lines())
    assert len(lines) == 2 * (len(faults.__all__) - 2)  # Fault, the base, and Only, which holds another
    assert "idle-cut:idle_s=60.0" in lines
    assert "buffering-proxy:buffer_bytes=4096,honours_accel=True,holds_head=True" in lines
    assert "reset:[after_bytes=...],[after_s=...]" in lines
    assert all(line.startswith("    ") and line.endswith(".") for line in lines[1::2])


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ((), "--to HOST:PORT"),
        (("--to", "example.com:80"), "not this machine"),
        (("--to", "127.0.0.1:x"), "--to HOST:PORT"),
        (("--to", "127.0.0.1"), "--to HOST:PORT"),
        (("--to", "8000"), "--to HOST:PORT"),
        (("--to", ":8000"), "--to HOST:PORT"),
        (("--to", "127.0.0.1:1", "--fault", "earthquake"), "There is no fault 'earthquake'"),
        (("--to", "https://127.0.0.1:1", "--fault", "http10"), "TLS hides it"),
    ],
)
def test_what_cannot_work_is_told_in_a_sentence(python, words, text):
    process = python("-m", "rtlab", "relay", *words)
    output, errors = process.communicate(timeout=TIMEOUT_S)
    assert (process.returncode, output) == (2, "")
    assert errors.startswith("rtlab: ") and text in errors


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("idle-cut", IdleCut()),
        ("idle-cut:idle_s=2.5", IdleCut(2.5)),
        ("latency:latency_ms=80,direction=up", Latency(80, direction="up")),
        ("limit:bytes=4096", Limit(4096)),
        ("reset:after_s=1", Reset(after_s=1)),
        ("buffering-proxy:honours_accel=false", BufferingProxy(honours_accel=False)),
        ("strip-upgrade", StripUpgrade()),
        ("rewrite-accept:accept=text/html,*/*;q=0.1", RewriteAccept("text/html,*/*;q=0.1")),
    ],
)
def test_a_fault_is_made_from_its_name_and_settings(text, fault):
    assert parse_fault(text) == fault


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("latency", "needs latency_ms"),
        ("latency:latency_ms=soon", "must be a number, not 'soon'"),
        ("latency:latency_ms=-1", "must be from 0"),
        ("limit:bytes=1.5", "must be a number"),
        ("limit:bytes=1,bytes=2", "bytes twice"),
        ("stall:seconds=3", r"no setting 'seconds'; it has direction=both"),
        ("refuse:x=1", "it has none"),
        ("answer:headers=x", "no setting 'headers'"),
        ("buffering-proxy:honours_accel=perhaps", "true or false"),
    ],
)
def test_a_fault_that_cannot_be_made_says_why(text, what):
    with pytest.raises(InputError, match=what):
        parse_fault(text)
