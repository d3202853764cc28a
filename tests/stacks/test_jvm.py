"""The stacks in Java and Scala: what their frameworks do by default, and what the projects do about it."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import rtlab
from rtlab.codecs.sse import EventStreamDecoder
from rtlab.codecs.websocket_frames import PING, PONG
from rtlab.stacks.resuming import CLIENT_COUNT, client_count
from rtlab.stacks.serving import Served, serving
from rtlab.stacks.stack import shipped_stack, stack_names

from ..absent import absent

JVM = tuple(name for name in stack_names() if "mvn" in shipped_stack(name).needs)
WITH_CLIENT = tuple(name for name in JVM if shipped_stack(name).client)
_MAVEN = "{http://maven.apache.org/POM/4.0.0}"
_BUILD_S = 1_000
_PATIENCE_S = 60.0

Line = Any
"""The raw socket of tests/conftest.py."""


@pytest.fixture(params=JVM, scope="module")
def served(request: pytest.FixtureRequest) -> Iterator[Served]:
    stack = shipped_stack(request.param)
    if stack.obstacle:
        absent(stack.obstacle)
    with serving(stack) as running:
        yield running


@pytest.fixture
def line(served: Served, raw: Callable[[int], Line]) -> Line:
    """A connection to the server, byte for byte; patient, for a busy machine warms up slowly."""
    connection = raw(served.port)
    connection.sock.settimeout(_PATIENCE_S)
    return connection


@pytest.mark.stacks
@pytest.mark.timeout(_BUILD_S)
def test_each_event_is_sent_when_it_is_there(line: Line) -> None:
    decoder = EventStreamDecoder()
    seen: list[str] = []
    line.get("/events?count=100000&rate_per_s=1")  # its end is a day away
    assert line.head()[0] == 200
    while len(seen) < 2:
        seen += [event.data for event in decoder.feed(line.chunk())]
    assert seen[:2] == ['{"n":1}', '{"n":2}']


@pytest.mark.stacks
@pytest.mark.timeout(_BUILD_S)
def test_the_first_block_sets_the_pause_and_is_no_event(line: Line) -> None:
    decoder = EventStreamDecoder()
    first, _, _ = body_of(line).partition(b"\n\n")
    assert decoder.feed(first + b"\n\n") == []
    assert decoder.retry_ms == 300


@pytest.mark.stacks
@pytest.mark.timeout(_BUILD_S)
@pytest.mark.parametrize("last_event_id", ["0", "no-number", "-1", "2147483648"])
def test_an_unknown_last_event_id_begins_with_the_first_event(line: Line, last_event_id: str) -> None:
    events = EventStreamDecoder().feed(body_of(line, f"Last-Event-ID: {last_event_id}"))
    assert [event.last_event_id for event in events] == ["1", "2", "3"]


@pytest.mark.stacks
@pytest.mark.timeout(_BUILD_S)
def test_its_echo_answers_a_ping(line: Line) -> None:
    line.open_websocket("/echo")
    line.send_frame(PING, b"are you there?")
    pong = line.frame()
    assert (pong.opcode, pong.payload) == (PONG, b"are you there?")


@pytest.mark.stacks
@pytest.mark.timeout(_BUILD_S)
@pytest.mark.parametrize("served", WITH_CLIENT, indirect=True)
def test_its_own_client_comes_back_with_the_last_event_id(served: Served) -> None:
    with rtlab.start_lab("for a client on the JVM") as lab:
        assert client_count(served, lab) == (0, 0, CLIENT_COUNT)


@pytest.mark.parametrize("name", JVM)
def test_every_version_in_its_project_is_pinned(name: str) -> None:
    project = ElementTree.parse(shipped_stack(name).folder / "pom.xml").getroot()
    properties = {found.tag.removeprefix(_MAVEN): found.text for found in project.iterfind(f"{_MAVEN}properties/*")}
    written = [found.text or "" for found in project.iter(f"{_MAVEN}version")]
    versions = [re.sub(r"\$\{(.+)\}", lambda found: properties[found[1]] or "", text) for text in written]
    assert shipped_stack(name).version in versions
    assert all(re.fullmatch(r"\d+(\.\d+)*", version) for version in versions)


def body_of(line: Line, *headers: str) -> bytes:
    line.get("/events?count=3&rate_per_s=0", *headers)
    assert line.head()[0] == 200
    return b"".join(iter(line.chunk, b""))
