"""The servers with other libraries do what ``rtlab serve`` does: the same addresses, and no message is lost."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from itertools import pairwise
from typing import Any

import psutil
import pytest

from rtlab.clients.event_source import EventSource
from rtlab.clients.publisher import Publisher
from rtlab.clients.websocket import WebSocket
from rtlab.errors import InputError, WaitTimeout
from rtlab.experiments.drain import Order
from rtlab.experiments.drained_line import Line
from rtlab.experiments.peer_servers import LIBRARIES, Library, installed
from rtlab.experiments.saturated import process

WITH_STREAMS = [name for name, library in LIBRARIES.items() if "sse" in library.offers]
OTHERS = [name for name in LIBRARIES if name != "rtlab"]


@contextmanager
def serving(name: str, *options: str) -> Iterator[dict[str, Any]]:
    with process(LIBRARIES[name].command(*options)) as (line, pid):
        ready = json.loads(line)
        assert ready["pid"] == pid
        yield ready


@pytest.mark.parametrize("name", LIBRARIES)
def test_it_sends_at_a_rate_with_the_time_when_each_was_due(name: str) -> None:
    with serving(name, "--rate", "200", "--payload-bytes", "24", "--stamp") as ready:
        urls = [(ready["sse_url"], EventSource), (ready["ws_url"], WebSocket)]
        for url, kind in urls:
            if url:
                with kind(url) as client:
                    texts = [str(each.data) for each in client.take(5)]
                assert {len(text) for text in texts} == {24}
                due_ns = [int(text[:20]) for text in texts]
                assert {late - early for early, late in pairwise(due_ns)} == {5_000_000}


@pytest.mark.parametrize(("name", "way"), [(name, way) for name in LIBRARIES for way in LIBRARIES[name].offers])
def test_at_full_speed_it_waits_for_a_reader_that_pauses_and_loses_nothing(name: str, way: str) -> None:
    address, kind = ("sse_url", EventSource) if way == "sse" else ("ws_url", WebSocket)
    options = ("--rate", "0", "--payload-bytes", "20000", "--stamp", "--subscribers", "2")
    with (
        serving(name, *options) as ready,
        closing(Line(Order(ready[address], 1, 20_000, 0, 0), 10).socket) as slow,
        kind(ready[address]) as quick,
    ):
        heard: list[str] = []
        with suppress(WaitTimeout):
            while len(heard) < 10_000:
                heard.append(str(quick.receive(0.5).data)[:20])
        assert 0 < len(heard) < 10_000
        raw = bytearray()
        while len(late := re.findall(rb"\d{20}(?=x)", raw)) < len(heard):
            raw += slow.recv(1_048_576)
        assert [each.decode() for each in late][: len(heard)] == heard
        assert str(quick.receive().data)[:20] > heard[-1]


@pytest.mark.parametrize("name", LIBRARIES)
def test_an_echo_comes_back_as_it_was(name: str) -> None:
    with serving(name) as ready, WebSocket(ready["echo_url"]) as client:
        client.send("Grüße")
        assert client.receive().data == "Grüße"


@pytest.mark.parametrize("name", WITH_STREAMS)
def test_what_is_posted_comes_on_the_stream_of_its_channel_alone(name: str) -> None:
    with serving(name) as ready:
        here, there = (ready["sse_url"].replace("stream", channel) for channel in ("here", "there"))
        with EventSource(here) as mine, EventSource(there) as other:
            for channel in ("there", "here"):
                with Publisher(ready["publish_url"].replace("stream", channel)) as publisher:
                    publisher.send(f"for {channel}")
            assert mine.receive().data == "for here"
            assert other.receive().data == "for there"


@pytest.mark.parametrize("name", OTHERS)
def test_messages_go_on_after_a_subscriber_has_left(name: str) -> None:
    options = ("--rate", "0", "--payload-bytes", "2000", "--subscribers", "2")
    with serving(name, *options) as ready:
        url = ready["sse_url"] or ready["ws_url"]
        kind = EventSource if ready["sse_url"] else WebSocket
        with kind(url) as stays:
            with kind(url) as leaves:
                assert leaves.receive().data == stays.receive().data
            with kind(url) as comes:
                comes.receive()
            assert len(list(stays.take(50))) == 50


@pytest.mark.parametrize("name", OTHERS)
def test_compression_is_agreed_on_if_it_is_wanted(name: str) -> None:
    for options, agreed in ((("--compress",), True), ((), False)):
        with serving(name, *options) as ready, WebSocket(ready["echo_url"], compression=True) as client:
            client.send("again and again and again")
            assert client.receive().data == "again and again and again"
            assert (client.compression is not None) == agreed


@pytest.mark.parametrize("name", OTHERS)
def test_it_ends_when_its_standard_input_closes(name: str) -> None:
    child = subprocess.Popen(
        LIBRARIES[name].command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert child.stdin and child.stdout and child.stderr
    with child.stdout, child.stderr:
        ready = json.loads(child.stdout.readline())
        with WebSocket(ready["ws_url"]):
            child.stdin.close()
            assert child.wait(30) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends a process by force")
@pytest.mark.parametrize("name", OTHERS)
def test_it_ends_on_a_signal(name: str) -> None:
    with process(LIBRARIES[name].command()) as (_, pid):
        server = psutil.Process(pid)
        server.send_signal(signal.SIGTERM)
        gone, _ = psutil.wait_procs([server], timeout=30)
        assert gone


def test_a_stamp_that_does_not_fit_is_refused() -> None:
    done = subprocess.run(
        LIBRARIES["tornado"].command("--rate", "1", "--stamp", "--payload-bytes", "12"),
        capture_output=True,
        text=True,
        timeout=30,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 2
    assert "--payload-bytes of at least 20" in done.stderr


def test_what_is_not_installed_is_left_out_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LIBRARIES, "tomorrow", Library("tomorrow", "none", ("no_such_package", "json")))
    there, missing = installed(("tornado", "tomorrow"))
    assert [library.name for library in there] == ["tornado"]
    assert missing == {"tomorrow": ("no_such_package",)}


@pytest.mark.parametrize("names", [(), ("tornado", "cyclone")])
def test_unknown_libraries_are_refused(names: tuple[str, ...]) -> None:
    with pytest.raises(InputError, match="any of rtlab, tornado"):
        installed(names)
