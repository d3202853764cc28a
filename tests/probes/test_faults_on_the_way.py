"""Each fault that is planted between the probe and a healthy lab is found, and nothing else is."""

from __future__ import annotations

from functools import partial

import pytest

from rtlab.network import faults
from rtlab.network.faults import Fault
from rtlab.results.capture import through
from rtlab.results.probe import Probe, probe
from rtlab.servers.guards import Guards
from rtlab.servers.lab import start_lab

from .planted import at_once, ids, publishing

STREAMS = {
    "nothing": ((), set()),
    "buffering": ((faults.BufferingProxy(1_024, honours_accel=False),), {"SSE-BUFFERED"}),
    "buffering of a quiet stream": ((faults.BufferingProxy(1_000_000, honours_accel=False),), {"HTTP-NO-ANSWER"}),
    "buffering that can be switched off": ((faults.BufferingProxy(),), set()),
    "gzip without flush": ((faults.GzipProxy(),), {"SSE-COMPRESSED"}),
    "HTTP/1.0": ((faults.Http10(),), {"HTTP-VERSION"}),
    "a dropped Last-Event-ID": ((faults.DropLastEventId(),), {"SSE-RESUME-LOST"}),
    "503": ((faults.Answer(503),), {"HTTP-STATUS"}),
    "204": ((faults.Answer(204),), {"HTTP-STATUS"}),
    "a login page": ((faults.Answer(200),), {"HTTP-NOT-A-STREAM"}),
    "a reset": ((faults.Reset(after_bytes=600),), {"HTTP-CUT"}),
    "a black hole": ((faults.BlackHole(),), {"HTTP-NO-ANSWER"}),
    "latency": ((faults.Latency(latency_ms=40, jitter_ms=20),), set()),
    "slices": ((faults.Slicing(7),), set()),
}
WEBSOCKETS = {
    "nothing": ((), set()),
    "buffering": ((faults.BufferingProxy(honours_accel=False),), set()),
    "HTTP/1.0": ((faults.Http10(),), {"WS-REFUSED"}),
    "no upgrade": ((faults.StripUpgrade(),), {"WS-REFUSED"}),
    "a reset": ((faults.Reset(after_bytes=400),), {"WS-CUT"}),
    "latency": ((faults.Latency(latency_ms=40, jitter_ms=20),), set()),
}


DESIGNS = {
    "no history": ({"history_messages": 0}, {"SSE-RESUME-LOST"}, set()),
    "an instant retry": ({"retry_ms": 1}, {"SSE-RETRY"}, set()),
    "no guards": (
        {"guards": Guards(check_host=False, check_origin=False)},
        {"HTTP-HOST", "SSE-CORS-OPEN"},
        {"HTTP-HOST", "WS-ORIGIN"},
    ),
}


def probe_through(lab, planted: tuple[Fault, ...], way: str) -> Probe:
    with through(lab, *planted) as relay:
        return probe(relay.sse_url() if way == "sse" else relay.ws_url(), seconds=1.0)


def probe_design(name: str) -> tuple[Probe, Probe]:
    with start_lab(f"design {name}", **DESIGNS[name][0]) as lab, publishing(lab):
        return probe(lab.sse_url(), seconds=0.5), probe(lab.ws_url(), seconds=0.5)


@pytest.fixture(scope="module")
def probed() -> dict[str, Probe]:
    with start_lab("faults on the way") as lab, publishing(lab, rate_per_s=120):
        jobs = {f"sse, {name}": partial(probe_through, lab, STREAMS[name][0], "sse") for name in STREAMS}
        jobs |= {f"ws, {name}": partial(probe_through, lab, WEBSOCKETS[name][0], "ws") for name in WEBSOCKETS}
        return at_once(jobs)


@pytest.fixture(scope="module")
def designs() -> dict[str, tuple[Probe, Probe]]:
    return at_once({name: partial(probe_design, name) for name in DESIGNS})


@pytest.mark.parametrize("name", STREAMS)
def test_on_an_event_stream(probed, name):
    assert ids(probed[f"sse, {name}"]) == STREAMS[name][1], probed[f"sse, {name}"]


@pytest.mark.parametrize("name", WEBSOCKETS)
def test_on_a_websocket(probed, name):
    assert ids(probed[f"ws, {name}"]) == WEBSOCKETS[name][1], probed[f"ws, {name}"]


@pytest.mark.parametrize("name", DESIGNS)
def test_a_design_that_loses_something_or_lets_strangers_in(designs, name):
    stream, websocket = designs[name]
    assert (ids(stream), ids(websocket)) == DESIGNS[name][1:]


def test_a_buffer_is_told_with_its_size(probed):
    told = next(each for each in probed["sse, buffering"].findings if each.id == "SSE-BUFFERED")
    assert "1,024 bytes" in told.evidence
    assert told.fix and "proxy_buffering off" in dict(told.fix.snippets)["nginx"]


def test_an_idle_limit_that_is_shorter_than_the_heartbeat_is_found(lab):
    with through(lab, faults.IdleCut(0.3)) as relay:
        stream, websocket = (probe(url, seconds=2.0) for url in (relay.sse_url(), relay.ws_url()))
    assert ids(stream) == {"HTTP-CUT"}
    assert ids(websocket) == {"WS-CUT"}
    assert "in silence" in stream.findings[0].evidence


def test_an_idle_limit_that_is_longer_than_the_heartbeat_is_none(make_lab):
    lab = make_lab(heartbeat_s=0.1)
    with through(lab, faults.IdleCut(0.5)) as relay:
        assert ids(probe(relay.sse_url(), seconds=0.8)) | ids(probe(relay.ws_url(), seconds=0.8)) == set()
