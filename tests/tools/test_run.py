"""What becomes of a tool that is missing, hangs, crashes, says nothing, counts nothing or writes garbage."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rtlab.clients.event_source import EventSource
from rtlab.errors import InputError, LabError, MissingExtra, RtlabError, WaitTimeout
from rtlab.exports.scenario import Scenario
from rtlab.servers.lab import Lab
from rtlab.tools.artillery import Artillery
from rtlab.tools.catalogue import TOOLS, find_tool
from rtlab.tools.downloads import Curl, H2load, Hey, Wrk
from rtlab.tools.java import Gatling, JMeter
from rtlab.tools.k6 import K6
from rtlab.tools.locust import Locust
from rtlab.tools.program import Ended
from rtlab.tools.run import run_tool
from rtlab.tools.tool import Job, Tool

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the planted programs are scripts")
SHAPE = Scenario("http://any/", connections=2, messages=3, rate_per_s=50.0, patience_s=1.0)

LISTENS = """
import json, sys, threading, urllib.request
script = open(sys.argv[-1]).read()
url = script[script.index('http://'):].split('"')[0]
bodies = []
def read():
    with urllib.request.urlopen(url, timeout=30) as answer:
        bodies.append(answer.read())
threads = [threading.Thread(target=read) for _ in range(2)]
for thread in threads: thread.start()
for thread in threads: thread.join()
count = sum(body.count(b"data:") for body in bodies)
"""


class QuickK6(K6):
    """k6 with less patience."""

    start_s = 3.0


@pytest.fixture(autouse=True)
def no_folder_stays_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield
    assert list(folder.iterdir()) == []


@pytest.fixture
def plant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Put a program of that name, written in Python, in front of the path."""
    programs = tmp_path / "programs"
    programs.mkdir()
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")

    def write(name: str, text: str) -> None:
        path = programs / name
        version = "import sys\nif 'version' in sys.argv[1].lstrip('-'): print('v9.9'); sys.exit()\n"
        path.write_text(f"#!{sys.executable}\n{version}{text}")
        path.chmod(0o755)

    return write


def assert_lab_serves(lab: Lab) -> None:
    with EventSource(lab.sse_url()) as source:
        lab.publish("still here")
        assert source.receive().data == "still here"


@pytest.mark.parametrize(
    ("text", "kind", "said"),
    [
        (
            "import threading; print('began', flush=True); threading.Event().wait(600)",
            WaitTimeout,
            "was killed.*began",
        ),
        ("sys.exit('out of memory')", LabError, "exit code 1. It said: out of memory"),
        ("import os; os.kill(os.getpid(), 11)", LabError, "exit code -11"),
        ("", LabError, "cannot be read: summary.json"),
        ("open('summary.json', 'w').write('<html>')", LabError, "cannot be read: summary.json"),
        ("open('summary.json', 'w').write('[' * 100000)", LabError, "cannot be read"),
        ("open('summary.json', 'w').write('[]')", LabError, "cannot be read"),
        ("""open('summary.json', 'w').write('{"metrics": {"sse_messages": 7}}')""", LabError, "cannot be read"),
        ("""open('summary.json', 'w').write('{"metrics": {}}')""", LabError, "counted nothing"),
        (
            """open('summary.json', 'w').write('{"metrics": {"sse_messages": {"count": 0}}}')""",
            LabError,
            "counted nothing",
        ),
    ],
    ids=["hangs", "crashes", "dies", "silent", "html", "deep", "list", "number", "no counts", "zero"],
)
def test_a_k6_that_fails_is_told_in_words(
    lab: Lab, plant: Callable[..., None], text: str, kind: type[RtlabError], said: str
) -> None:
    plant("k6", text)
    shape = replace(SHAPE, patience_s=0.1)
    with pytest.MonkeyPatch.context() as patch, pytest.raises(kind, match=said):
        patch.setattr("rtlab.tools.run._SPARE_S", 0.1)
        run_tool(QuickK6(), lab, "sse", shape)
    assert_lab_serves(lab)


def test_counts_of_a_tool_that_never_connected_are_not_believed(lab: Lab, plant: Callable[..., None]) -> None:
    plant("k6", "open('summary.json', 'w').write('{\"metrics\": {\"sse_messages\": {\"count\": 6}}}')")
    with pytest.raises((LabError, WaitTimeout), match=r"0 of 6 messages were sent|0 of 2 connections came"):
        run_tool(QuickK6(), lab, "sse", SHAPE)


def test_what_a_tool_counts_stands_beside_what_was_sent(lab: Lab, plant: Callable[..., None]) -> None:
    said = "json.dump({'metrics': {'sse_messages': {'count': count - 1}}}, open('summary.json', 'w'))"
    plant("k6", f"{LISTENS}{said}")
    run = run_tool(K6(), lab, "sse", SHAPE)
    assert (run.tool, run.version, run.sent, run.messages, run.agrees) == ("k6", "9.9", 6, 5, False)
    assert run.command == "k6 run --quiet --summary-export summary.json listeners.js"
    assert not run.single


def test_a_failed_check_of_the_tool_is_a_result(lab: Lab, plant: Callable[..., None]) -> None:
    said = "json.dump({'metrics': {'sse_messages': {'count': count}}}, open('summary.json', 'w')); sys.exit(99)"
    plant("k6", f"{LISTENS}{said}")
    assert run_tool(K6(), lab, "sse", SHAPE).agrees


@pytest.mark.parametrize("name", list(TOOLS))
def test_a_missing_tool_is_told_with_the_command_that_installs_it(
    lab: Lab, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("RTLAB_TOOLS", str(tmp_path))
    monkeypatch.setattr("sysconfig.get_path", lambda kind: str(tmp_path))
    tool = TOOLS[name]
    with pytest.raises(MissingExtra) as caught:
        run_tool(tool, lab, "sse", SHAPE)
    assert str(caught.value).startswith(f"{name} is not installed here")
    assert tool.install in str(caught.value)


def test_a_transport_that_a_tool_does_not_speak_is_refused(lab: Lab) -> None:
    with pytest.raises(InputError, match="wrk speaks sse only"):
        run_tool(Wrk(), lab, "websocket", SHAPE)


def test_an_unknown_tool_is_refused() -> None:
    with pytest.raises(InputError, match="there are k6"):
        find_tool("siege")


RESULTS: dict[str, tuple[type[Tool], str]] = {
    "locust": (Locust, "result.json"),
    "artillery": (Artillery, "result.json"),
    "gatling": (Gatling, "ages.csv"),
    "jmeter": (JMeter, "result.jtl"),
    "wrk": (Wrk, "result.json"),
    "h2load": (H2load, "result.tsv"),
    "hey": (Hey, "stdout.txt"),
    "curl": (Curl, "trace.txt"),
}


@pytest.mark.parametrize("garbage", [None, "", "<html>", "[1]", '{"aggregate": 3}', "\0\n\0", '"'])
@pytest.mark.parametrize("name", list(RESULTS))
def test_a_result_that_is_missing_or_garbage_is_no_result(name: str, garbage: str | None, tmp_path: Path) -> None:
    make, file = RESULTS[name]
    if garbage is not None:
        (tmp_path / file).write_text(garbage)
    job = Job("sse", SHAPE, tmp_path)
    ended = Ended(0, garbage or "", "", 1.0)
    try:
        reading = make().read(job, ended)
    except LabError as error:
        assert name in str(error)
    else:
        assert not (reading.messages or reading.answers)


def test_results_are_read_as_their_tools_write_them(tmp_path: Path) -> None:
    job, ended = Job("sse", SHAPE, tmp_path), Ended(0, "", "", 1.0)
    rows = [{"name": "message", "method": "sse", "num_requests": 3, "response_times": {"1.0": 2, "9.0": 1}}]
    (tmp_path / "result.json").write_text(json.dumps(rows))
    assert (Locust().read(job, ended).messages, Locust().read(job, ended).p95_ms) == (3, 9.0)
    (tmp_path / "result.json").write_text(
        json.dumps(
            {"aggregate": {"counters": {"sse.messages": 4}, "summaries": {"sse.age_ms": {"median": 2, "p95": 5}}}}
        )
    )
    assert (Artillery().read(job, ended).messages, Artillery().read(job, ended).p50_ms) == (4, 2)
    (tmp_path / "result.tsv").write_text("1\t200\t1500000\n2\t404\t5\n3\t200\t1600000\n")
    assert (H2load().read(job, ended).answers, H2load().read(job, ended).answer_ms) == (2, 1500.0)
    (tmp_path / "stdout.txt").write_text("response-time,status-code\n1.5,200\n0.1,500\n")
    assert (Hey().read(job, ended).answers, Hey().read(job, ended).answer_ms) == (1, 1500.0)
    (tmp_path / "result.jtl").write_text(
        "label,elapsed,success,responseMessage\nsse message,4,true,\nsse connection,9,true,2 of 3 messages\n"
    )
    assert (JMeter().read(job, ended).messages, JMeter().read(job, ended).p50_ms) == (1, 4.0)


def test_a_download_that_came_at_once_is_not_called_single_events(tmp_path: Path) -> None:
    (tmp_path / "body0").write_text("data: a@1790000000000.1\n\ndata: b@1790000000000.2\n\n")
    (tmp_path / "trace.txt").write_text(
        "x <= Recv data, 40 bytes\n0: data: a@1790000000000.1 data: b@1790000000000.2\n"
    )
    job = Job("sse", SHAPE, tmp_path)
    told = json.dumps({"time_total": 1.0, "http_code": 200})
    found = Curl().read(job, Ended(0, told, "", 1.0))
    assert (found.messages, found.single) == (2, False)
