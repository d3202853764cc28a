"""The load scripts as texts; their own tools run them in tests/tools/test_real_tools.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from xml.etree import ElementTree

import pytest
import yaml

from rtlab.exports.artillery import artillery_processor, artillery_script
from rtlab.exports.gatling import gatling_script
from rtlab.exports.jmeter import jmeter_script
from rtlab.exports.k6 import k6_script
from rtlab.exports.locust import locust_script
from rtlab.exports.scenario import Scenario

BOTH = Scenario("http://127.0.0.1:9/sse/news", "ws://127.0.0.1:9/ws/news", 7, 31, 10.0)
WRITERS = (k6_script, gatling_script, locust_script, jmeter_script, artillery_script)

Writer = Callable[[Scenario], str]


@pytest.mark.parametrize("write", WRITERS)
def test_a_script_says_how_to_run_it_and_what_it_waits_for(write: Writer) -> None:
    head = write(BOTH)[:600]
    assert "Run: " in head or "Run:  " in head
    assert "7 connections" in head
    assert "31 messages" in head


@pytest.mark.parametrize("write", [*WRITERS[:4], lambda work: artillery_script(work) + artillery_processor(work)])
def test_a_script_names_the_addresses_that_are_given_and_no_other(write: Writer) -> None:
    both, stream, socket = write(BOTH), write(replace(BOTH, ws_url="")), write(replace(BOTH, sse_url=""))
    assert BOTH.sse_url in both and BOTH.ws_url in both
    assert BOTH.sse_url in stream and "WebSocket" not in stream.partition("knows no")[2]
    assert BOTH.ws_url not in stream
    assert BOTH.ws_url in socket and BOTH.sse_url not in socket


@pytest.mark.parametrize("write", [*WRITERS, artillery_processor])
def test_no_placeholder_is_left(write: Writer) -> None:
    text = write(replace(BOTH, p95_limit_ms=250.0))
    for name in ("sse_url", "ws_url", "connections", "messages", "seconds", "limit", "users", "script", "http"):
        assert f"${name}" not in text
        assert f"${{{name}}}" not in text


@pytest.mark.parametrize("write", [k6_script, gatling_script, locust_script, jmeter_script])
def test_a_limit_for_ages_becomes_a_check(write: Writer) -> None:
    assert "123.5" in write(replace(BOTH, p95_limit_ms=123.5))
    assert "123.5" not in write(BOTH)


def test_the_locustfile_is_python_and_asks_for_no_package_that_it_does_not_need() -> None:
    compile(locust_script(BOTH), "locustfile.py", "exec")
    assert "import websocket" not in locust_script(replace(BOTH, ws_url=""))
    assert "import requests" not in locust_script(replace(BOTH, sse_url=""))


def test_the_plan_of_jmeter_is_xml_with_a_group_for_each_transport_that_ends() -> None:
    plan = ElementTree.fromstring(jmeter_script(BOTH))
    groups = plan.findall(".//ThreadGroup")
    assert [group.get("testname") for group in groups] == ["sse", "ws"]
    assert {
        flag.text for flag in plan.iter("boolProp") if flag.get("name") == "LoopController.continue_forever"
    } == {"false"}
    assert "ages.sort()" in (plan.find(".//JSR223Sampler/stringProp[@name='script']").text or "")  # type: ignore[union-attr]


def test_the_script_of_artillery_is_yaml_and_names_its_functions() -> None:
    script = yaml.safe_load(artillery_script(BOTH))
    assert script["config"]["target"] == "http://127.0.0.1:9"
    assert script["config"]["phases"] == [{"duration": 1, "arrivalCount": 14}]
    called = [step["function"] for each in script["scenarios"] for step in each["flow"] if "function" in step]
    assert called == ["readStream", "readSocket"]
    assert all(f"module.exports.{name} = {name};" in artillery_processor(BOTH) for name in called)


def test_an_event_stream_over_tls_is_read_over_tls() -> None:
    work = Scenario("https://127.0.0.1:9/sse/news")
    assert "require('node:https')" in artillery_processor(work)
