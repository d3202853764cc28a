"""Endpoints that are slow, broken or hostile end in a finding within the time limit, and nothing is left behind."""

from __future__ import annotations

import asyncio
import socket
import zlib

import pytest

from rtlab import clock
from rtlab.experiments.scripted_server import Answer
from rtlab.loop_thread import shared
from rtlab.probes import run
from rtlab.probes.examination import Examination
from rtlab.results.probe import probe

from .planted import STREAM_HEAD, ids

REDIRECT = "HTTP/1.1 302 Found\r\nLocation: {}\r\nContent-Length: 0\r\n\r\n"
HOSTILE = {
    "never answers": (b"", "hold", {"HTTP-NO-ANSWER"}),
    "half a head": (b"HTTP/1.1 200 OK\r\nX: ", "hold", {"HTTP-NO-ANSWER"}),
    "an endless head": (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20_000, "hold", {"HTTP-MALFORMED"}),
    "endless interim answers": (b"HTTP/1.1 100 Continue\r\n\r\n" * 20_000, "hold", {"HTTP-NO-ANSWER"}),
    "garbage": (b"SSH-2.0-OpenSSH\r\n\r\n", "hold", {"HTTP-MALFORMED"}),
    "binary garbage": (bytes(range(256)) * 50, "end", {"HTTP-MALFORMED"}),
    "closes at once": (b"", "end", {"HTTP-MALFORMED"}),
    "resets at once": (b"", "reset", {"HTTP-MALFORMED"}),
    "a redirect to itself": (REDIRECT.format("/").encode(), "end", {"HTTP-REDIRECT-LOOP"}),
    "a redirect away": (REDIRECT.format("http://192.0.2.1/").encode(), "end", {"HTTP-REDIRECT-AWAY"}),
    "a redirect to a file": (REDIRECT.format("file:///etc/passwd").encode(), "end", {"HTTP-REDIRECT-BAD"}),
    "a redirect to rubbish": (REDIRECT.format("http://[").encode(), "end", {"HTTP-REDIRECT-BAD"}),
}


@pytest.fixture(autouse=True)
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Examination, "answer_s", 0.5)


@pytest.mark.parametrize("name", HOSTILE)
def test_an_answer_that_is_none_ends_in_a_finding(scripted, name):
    data, then, wanted = HOSTILE[name]
    began_ns = clock.now_ns()
    assert ids(probe(f"http://{scripted(Answer(data, then))}", seconds=0.5)) == wanted
    assert (clock.now_ns() - began_ns) / 1e9 < 3 * 0.5 + 60


def test_redirects_that_never_repeat_end_too(scripted):
    def to(number: int) -> Answer:
        return Answer(REDIRECT.format(f"/{number}").encode())

    here = scripted(to(0), paths={f"/{number}": (to(number + 1),) for number in range(20)})
    assert ids(probe(f"http://{here}", seconds=0.5)) == {"HTTP-REDIRECT-LOOP"}


def test_redirects_that_lead_to_a_stream_are_followed_and_told(scripted):
    first = Answer(REDIRECT.format("/there?token=s3cret").encode())
    there = Answer(STREAM_HEAD + b"data: x\n\n")
    result = probe(f"http://{scripted(first, paths={'/there?token=s3cret': (there,)})}", seconds=0.5)
    assert ids(result) == {"HTTP-HOST", "HTTP-TOKEN-IN-URL"}
    assert "HTTP-REDIRECT" in ids(result, "info")
    assert "s3cret" not in repr(result.to_json())


class Dripping(asyncio.Protocol):
    """Sends what it has a byte at a time, and then the last one for ever."""

    head = STREAM_HEAD
    at_once = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        transport.write(self.head[: self.at_once])
        self.drip(self.at_once)

    def drip(self, at: int) -> None:
        if not self.transport.is_closing():
            self.transport.write(self.head[at : at + 1] or b"x")
            asyncio.get_running_loop().call_later(0.02, self.drip, at + 1)


class DrippingBody(Dripping):
    at_once = len(STREAM_HEAD)


@pytest.mark.parametrize(
    ("kind", "wanted"), [(Dripping, {"HTTP-NO-ANSWER"}), (DrippingBody, {"HTTP-HOST"})], ids=["head", "body"]
)
def test_an_endpoint_that_drips_is_listened_to_no_longer_than_the_limit(kind, wanted):
    async def start() -> asyncio.Server:
        return await asyncio.get_running_loop().create_server(kind, "127.0.0.1", 0)

    async def stop() -> None:
        server.close()

    shared.hold()
    try:
        server = shared.call(start, 30.0)
        began_ns = clock.now_ns()
        result = probe(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", seconds=0.5)
        assert (clock.now_ns() - began_ns) / 1e9 < 3 * 0.5 + 60
        shared.call(stop, 30.0)
    finally:
        shared.release()
    assert ids(result) == wanted


def test_a_line_without_end_is_read_no_further_than_the_limit(scripted):
    result = probe(f"http://{scripted(Answer(STREAM_HEAD + b'y' * 7_000_000))}", seconds=1.0)
    assert "SSE-LONG-LINE" in ids(result)
    assert result.facts["body_bytes"] < 1_500_000


def test_a_bomb_is_not_inflated_beyond_the_limit(scripted):
    coder = zlib.compressobj(wbits=31)
    bomb = b"".join(coder.compress(b": " + b"x" * 998 + b"\n") for _ in range(20_000)) + coder.flush()
    head = STREAM_HEAD.replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n")
    result = probe(f"http://{scripted(Answer(head + bomb))}", seconds=1.0)
    assert result.facts["body_bytes"] < 5_000_000


def test_a_closed_port_is_not_reached():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    for scheme in ("http", "https", "ws", "wss"):
        result = probe(f"{scheme}://127.0.0.1:{port}/", seconds=0.5)
        assert not result.reached
        assert ids(result) == {"HTTP-UNREACHABLE"}


def test_a_certificate_of_a_strange_authority_is_found(make_lab):
    lab = make_lab(tls=True)
    result = probe(lab.sse_url(), seconds=0.5)
    assert ids(result) == {"TLS-UNTRUSTED"}
    assert "issuer" in result.findings[0].evidence


def test_cleartext_where_tls_is_asked_for_is_found(scripted):
    result = probe(f"https://{scripted(Answer(STREAM_HEAD))}", seconds=0.5)
    assert ids(result) & {"TLS-FAILED", "HTTP-UNREACHABLE"}


def test_tls_where_cleartext_is_asked_for_is_found(make_lab):
    lab = make_lab(tls=True)
    assert ids(probe(lab.sse_url().replace("https", "http"), seconds=0.5)) & {"HTTP-MALFORMED", "HTTP-STATUS"}


def test_the_time_limit_holds_and_keeps_what_was_found(lab):
    examination = Examination(lab.sse_url(), 5.0)
    shared.call(lambda: run.examine_soon(examination, limit_s=0.3), 30)
    assert [each.id for each in examination.findings] == ["PROBE-TIME"]
    assert examination.findings[0].evidence == "0.3 s; it was about to listen"
    assert examination.facts["status"] == 200


def test_an_error_of_another_kind_is_not_taken_for_the_end_of_the_time(monkeypatch):
    async def fail(examination: Examination) -> None:
        await asyncio.sleep(0)
        raise TimeoutError("another one")

    monkeypatch.setattr(run, "check_transport_security", fail)
    shared.hold()
    try:
        with pytest.raises(TimeoutError, match="another one"):
            shared.call(lambda: run.examine_soon(Examination("http://127.0.0.1:1/", 1.0), limit_s=5.0), 30)
    finally:
        shared.release()
