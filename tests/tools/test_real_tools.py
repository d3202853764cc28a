"""The real tools run the exported scripts against a real lab; on CI some of them must be there."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

import rtlab
from rtlab import clock
from rtlab.errors import MissingExtra
from rtlab.exports.artillery import ARTILLERY_PROCESSOR, artillery_processor
from rtlab.exports.scenario import Scenario
from rtlab.loop_thread import shared
from rtlab.servers.lab import Lab
from rtlab.tools.catalogue import TOOLS
from rtlab.tools.java import Gatling, JMeter
from rtlab.tools.program import find_program, run_program
from rtlab.tools.run import run_tool
from rtlab.tools.sender import Sender
from rtlab.tools.tool import Job, Tool
from rtlab.workload import Workload

from ..absent import absent

pytestmark = [pytest.mark.stacks, pytest.mark.timeout(600)]
NEEDED = {"k6", "locust", "gatling", "jmeter", "curl", "hey", "h2load", "wrk"}
"""The tools that CI installs."""
SHAPE = Scenario("http://any/", connections=3, messages=10, rate_per_s=20.0, patience_s=30.0)
PAIRS = [(name, transport) for name, tool in TOOLS.items() for transport in tool.sees]


def find(name: str) -> Tool:
    tool = TOOLS[name]
    try:
        tool.find()
    except MissingExtra as error:
        if name in NEEDED:
            absent(error)
        pytest.skip(str(error))
    return tool


@pytest.mark.parametrize(("name", "transport"), PAIRS)
def test_a_tool_counts_what_the_lab_sent(lab: Lab, name: str, transport: str) -> None:
    tool = find(name)
    run = run_tool(tool, lab, transport, SHAPE)
    assert run.sent == 30
    assert run.agrees is not False
    assert run.messages == 30 or run.answers == 3
    assert run.single == (tool.sees[transport] == "single")
    assert (run.p50_ms is not None) == (transport in tool.ages)
    assert run.version or name == "hey"


@pytest.mark.parametrize(("name", "transport"), [pair for pair in PAIRS if pair[0] in ("k6", "locust", "gatling")])
def test_a_limit_that_no_message_keeps_fails_the_check_of_the_tool(
    lab: Lab, name: str, transport: str, tmp_path: Path
) -> None:
    tool = find(name)
    shape = replace(SHAPE, p95_limit_ms=10)
    late = rtlab.faults.Latency(100, direction="down")
    with Sender(lab, transport, shape, wait_s=tool.start_s) as sender, rtlab.through(lab, late) as via:
        far = {
            name: url.replace(f":{lab.port}/", f":{via.port}/")
            for name, url in (("sse_url", sender.scenario.sse_url), ("ws_url", sender.scenario.ws_url))
        }
        job = Job(transport, replace(sender.scenario, **far), tmp_path)
        ended = run_program(tool.command(job), tmp_path, 300)
    assert ended.exit_code != 0, ended.last_words


@pytest.mark.parametrize("name", ["k6", "locust", "gatling", "jmeter"])
def test_one_script_listens_to_both_at_once(lab: Lab, name: str, tmp_path: Path) -> None:
    tool = find(name)
    with (
        Sender(lab, "sse", SHAPE, wait_s=tool.start_s) as streams,
        Sender(lab, "websocket", SHAPE, wait_s=tool.start_s) as sockets,
    ):
        work = replace(streams.scenario, ws_url=sockets.scenario.ws_url)
        ended = run_program(tool.command(Job("sse", work, tmp_path)), tmp_path, tool.start_s + work.seconds)
        streams.require_done()
        sockets.require_done()
    assert ended.exit_code == 0, ended.last_words
    counts = [tool.read(Job(transport, work, tmp_path), ended).messages for transport in ("sse", "websocket")]
    assert counts == [30, 30]


def test_the_functions_for_artillery_are_javascript(tmp_path: Path) -> None:
    node = find_program("node")
    if node is None:
        absent("Node is not installed")
    work = Scenario("http://127.0.0.1:9/sse/news", "ws://127.0.0.1:9/ws/news")
    (tmp_path / ARTILLERY_PROCESSOR).write_text(artillery_processor(work))
    ended = run_program([node, "--check", ARTILLERY_PROCESSOR], tmp_path, 60)
    assert ended.exit_code == 0, ended.last_words


@pytest.mark.parametrize("name", ["k6", "locust"])
def test_messages_without_a_time_fail_a_limit(lab: Lab, name: str, tmp_path: Path) -> None:
    tool = find(name)
    work = Scenario(ws_url=lab.ws_url("plain"), connections=1, messages=5, p95_limit_ms=600_000.0)
    feed = shared.submit(lambda: lab.play("plain", Workload(50.0, 6_000), clock.now_ns()))
    try:
        ended = run_program(tool.command(Job("websocket", work, tmp_path)), tmp_path, 100)
    finally:
        feed.cancel()
    assert ended.exit_code == tool.fine_codes[1], ended.last_words


def test_a_stream_that_never_comes_ends_in_a_failed_check(lab: Lab, tmp_path: Path) -> None:
    tool = find("k6")
    work = Scenario(lab.sse_url("silent"), connections=1, messages=1, rate_per_s=1.0, patience_s=1.0)
    ended = run_program(tool.command(Job("sse", work, tmp_path)), tmp_path, 60)
    assert ended.exit_code == 99, ended.last_words


def test_gatling_has_both_protocols_built_in_and_jmeter_none() -> None:
    find("gatling")
    assert Gatling().protocols() == {"sse", "websocket"}
    find("jmeter")
    assert JMeter().protocols() == set()


def test_the_message_for_a_missing_extension_of_k6_is_its_own(tmp_path: Path) -> None:
    tool = find("k6")
    (tmp_path / "script.js").write_text("import sse from 'k6/x/sse';\nexport default function () {}\n")
    ended = run_program([tool.find(), "run", "--quiet", "script.js"], tmp_path, 60)
    assert ended.exit_code != 0
    assert re.search("unknown module|k6/x/sse", ended.last_words)
