"""Servers that do nothing wrong get no finding that says so; what is true of them is told."""

from __future__ import annotations

import json
from functools import partial

import pytest

from rtlab.experiments.peer_servers import LIBRARIES
from rtlab.experiments.saturated import process
from rtlab.results.probe import Probe, probe
from rtlab.servers.lab import start_lab

from .planted import at_once, ids, publishing

# What these servers really do when they are used as their documentation teaches: none looks at Host, three leave
# Origin to the application, and tornado answers an offer without server_no_context_takeover in it.
KNOWN = {
    "rtlab": (set(), set()),
    "tornado": ({"HTTP-HOST"}, {"HTTP-HOST", "WS-DEFLATE-OFFER"}),
    "aiohttp": ({"HTTP-HOST"}, {"HTTP-HOST", "WS-ORIGIN"}),
    "websockets": (set(), {"HTTP-HOST", "WS-ORIGIN"}),
    "starlette": ({"HTTP-HOST"}, {"HTTP-HOST", "WS-ORIGIN"}),
}
LABS = {
    "with ids": {},
    "without ids": {"ids": False},
    "with TLS": {"tls": True},
    "with compression": {"compression": True},
}


def probe_library(name: str) -> tuple[Probe | None, Probe]:
    with process(LIBRARIES[name].command("--rate", "50", "--compress")) as (line, _):
        ready = json.loads(line)
        stream = probe(ready["sse_url"], seconds=0.5) if ready["sse_url"] else None
        return stream, probe(ready["ws_url"], seconds=0.5)


def probe_lab(name: str) -> tuple[Probe, Probe]:
    with start_lab(f"healthy {name}", heartbeat_s=0.1, **LABS[name]) as lab, publishing(lab):
        probes = at_once(
            {url: partial(probe, url, seconds=0.7, ca_pem=lab.ca_pem) for url in (lab.sse_url(), lab.ws_url())}
        )
        return probes[lab.sse_url()], probes[lab.ws_url()]


@pytest.fixture(scope="module")
def labs() -> dict[str, tuple[Probe, Probe]]:
    return at_once({name: partial(probe_lab, name) for name in LABS})


@pytest.mark.parametrize(
    "name", ["tornado", *(pytest.param(name, marks=pytest.mark.measuring) for name in KNOWN if name != "tornado")]
)
def test_a_server_as_its_documentation_has_it_gets_true_findings_only(name):
    stream, websocket = probe_library(name)
    of_stream, of_websocket = KNOWN[name]
    assert stream is None or ids(stream) == of_stream, stream
    assert ids(websocket) == of_websocket, websocket
    assert {"WS-PONG", "WS-CLOSE"} <= ids(websocket, "fine")
    assert "WS-DEFLATE" in ids(websocket, "info")


@pytest.mark.parametrize("name", LABS)
def test_a_lab_gets_no_error_and_no_warning(labs, name):
    stream, websocket = labs[name]
    assert ids(stream) == set(), stream
    assert ids(websocket) == set(), websocket
    assert {"SSE-HEARTBEAT", "SSE-BUFFERED", "SSE-RETRY", "SSE-CORS-OPEN", "HTTP-HOST"} <= ids(stream, "fine")
    assert {"WS-HEARTBEAT", "WS-ORIGIN", "WS-HANDSHAKE", "HTTP-HOST"} <= ids(websocket, "fine")
    assert stream.facts["buffering"] == "none seen"
    assert stream.facts["retry_ms"] == 1_000
    assert len(stream.gaps_ms) == stream.facts["events"] - 1


def test_what_is_special_about_a_lab_is_told(labs):
    assert "SSE-RESUME-LOST" in ids(labs["with ids"][0], "fine")
    assert "SSE-NO-IDS" in ids(labs["without ids"][0], "info")
    assert {"TLS-EXPIRY", "TLS-VERSION"} <= ids(labs["with TLS"][1], "fine")
    assert "WS-DEFLATE" in ids(labs["with compression"][1], "info")
    facts = labs["with compression"][1].facts
    assert facts["deflate_bytes"] > 256 * 1024
    assert facts["deflate_least_bytes"] == 0


def test_a_quiet_lab_gets_neither(lab):
    stream, websocket = probe(lab.sse_url(), seconds=0.5), probe(lab.ws_url(), seconds=0.5)
    assert ids(stream) | ids(websocket) == set()
    assert stream.facts["events"] == websocket.facts["messages"] == 0


def test_event_names_and_long_texts_of_many_lines_are_no_faults(lab):
    for number in range(5):
        lab.publish("line\n" * 20 + "x" * 100_000, event=f"kind-{number}")
    with publishing(lab):
        assert ids(probe(lab.sse_url(), seconds=0.5)) == set()
