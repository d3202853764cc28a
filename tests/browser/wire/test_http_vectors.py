"""Every HTTP vector of the event stream, met by Chromium's EventSource and, where it needs no page, by ours."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Page

from rtlab.clients.event_source import EventSource
from rtlab.errors import ConnectionEnded, ConnectionFailed
from rtlab.resources import data_path

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

VECTORS = json.loads(data_path("vectors", "sse.json").read_text(encoding="utf-8"))["http_vectors"]


def answer(status: bytes, *fields: bytes, body: bytes = b"") -> bytes:
    return b"\r\n".join((b"HTTP/1.1 " + status, *fields, b"Connection: close", b"", body))


def stream(body: bytes, *fields: bytes, kind: bytes = b"text/event-stream") -> bytes:
    return answer(b"200 OK", b"Content-Type: " + kind, *fields, body=b"retry: 20\n\n" + body)


def cut_after_the_first_event() -> dict[str, list[Any]]:
    """Send an event and half of one, and reset the line once the client has the first."""
    got_it = asyncio.Event()

    async def note(request: Any, reader: Any, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(b"204 No Content"))
        got_it.set()

    async def send_and_cut(request: Any, reader: Any, writer: asyncio.StreamWriter) -> None:
        writer.write(stream(b"id: abc\ndata: whole\n\n"))
        await got_it.wait()
        writer.write(b"id: def\ndata: half")
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    return {"": [send_and_cut], "got": [note]}


@dataclass(frozen=True)
class Outcome:
    """What became of one EventSource until it was closed for good; a server with no more answers sends 204.

    Attributes:
        opened: How often it was open.
        data: The messages.
        last_event_ids: The ``Last-Event-ID`` of each request for the first address.
    """

    opened: int
    data: tuple[str, ...]
    last_event_ids: tuple[bytes | None, ...]


FAILED = Outcome(0, (), (None,))
RECEIVED = Outcome(1, ("x",), (None, None))


@dataclass(frozen=True)
class Case:
    """One way to meet a vector.

    Attributes:
        vector: The vector's id.
        outcome: What must become of every EventSource.
        answers: The server's answers, for each address below that of the stream.
        chromium: What becomes of Chromium's, where that differs.
        reason: Why it differs.
    """

    vector: str
    outcome: Outcome
    answers: Callable[[], dict[str, list[Any]]]
    chromium: Outcome | None = None
    reason: str = ""


def case(vector: str, outcome: Outcome, *answers: bytes, **more: Any) -> Case:
    return Case(vector, outcome, lambda: {"": list(answers)}, **more)


X = b"data: x\n\n"
TYPE = b"Content-Type: text/event-stream"
UTF8 = Outcome(1, ("ä\N{REPLACEMENT CHARACTER}",), (None, None))
CASES = {
    "accept": case("http-accept", RECEIVED, stream(X)),
    "cache-control": case("http-cache-control", RECEIVED, stream(X)),
    "204": case("http-204", FAILED, answer(b"204 No Content", TYPE)),
    "205": case("http-205", FAILED, answer(b"205 Reset Content", TYPE, b"Content-Length: 0")),
    **{
        status[:3].decode(): case("http-4xx-5xx", FAILED, answer(status, TYPE, body=X))
        for status in (b"210 What", b"299 Odd", b"404 Not Found", b"410 Gone", b"503 Busy")
    },
    "no type": case("http-mime-missing", FAILED, answer(b"200 OK", body=X)),
    "empty type": case("http-mime-missing", FAILED, answer(b"200 OK", b"Content-Type:", body=X)),
    "wrong type": case("http-mime-wrong", FAILED, stream(X, kind=b"text/x-bogus")),
    "longer type": case("http-mime-wrong", FAILED, stream(X, kind=b"text/event-stream-more")),
    "other charset": case(
        "http-mime-bogus-param",
        UTF8,
        stream(b"data: \xc3\xa4\xff\n\n", kind=b"text/event-stream;charset=windows-1252"),
        chromium=FAILED,
        reason="Chromium refuses any charset but UTF-8; the standard ignores the parameter.",
    ),
    "other parameter": case("http-mime-bogus-param", RECEIVED, stream(X, kind=b"text/event-stream ; a=b")),
    "semicolon": case("http-mime-semicolon", RECEIVED, stream(X, kind=b"text/event-stream;")),
    "upper case": case("http-mime-case", RECEIVED, stream(X, kind=b"TEXT/Event-Stream")),
    **{
        status.decode(): Case(
            "http-redirect",
            Outcome(1, ("x",), (None,)),  # the reconnection goes where the redirect led
            lambda status=status: {"": [answer(status, b"Location: other")], "other": [stream(X)]},
        )
        for status in (b"301 Moved", b"302 Found", b"303 See Other", b"307 Temporary", b"308 Permanent")
    },
    **{
        f"{status.decode()} {name}": case("http-redirect-no-location", FAILED, answer(status, *fields))
        for status in (b"301 Moved", b"307 Temporary")
        for name, fields in (("without Location", ()), ("with empty Location", (b"Location:",)))
    },
    "end": case(
        "http-eof-reconnect", Outcome(2, ("x", "y"), (None, None, None)), stream(X), stream(b"data: y\n\n")
    ),
    "id": case("http-last-event-id", Outcome(1, ("x",), (None, b"1")), stream(b"id: 1\n" + X)),
    "id of two streams": case(
        "http-last-event-id", Outcome(2, ("x", "x"), (None, b"1", b"1")), stream(b"id: 1\n" + X), stream(X)
    ),
    "UTF-8 id": case(
        "http-last-event-id-utf8", Outcome(1, ("x",), (None, b"\xe2\x80\xa6")), stream("id: …\n".encode() + X)
    ),
    "empty id": case(
        "http-last-event-id-empty", Outcome(1, ("x", "x"), (None, None)), stream(b"id: 1\n" + X + b"id:\n" + X)
    ),
    "NUL in id": case("http-last-event-id-nul", RECEIVED, stream(b"id: \0\0\n" + X)),
    "half an event": Case(
        "http-partial-discard", Outcome(1, ("whole",), (None, b"abc")), cut_after_the_first_event
    ),
}

# One EventSource after the other at one address each; every message is also reported to the server.
_LISTEN = """async ([urls, options]) => {
    const listen = url => new Promise(done => {
        const source = new EventSource(url, options), seen = {opened: 0, data: [], origins: []};
        source.onopen = () => seen.opened++;
        source.onmessage = ({data, origin}) => {
            seen.data.push(data);
            seen.origins.push(origin);
            fetch(new URL("got", url), {mode: "no-cors"});
        };
        source.onerror = () => source.readyState === EventSource.CLOSED && done(seen);
    });
    const seen = [];
    for (const url of urls) seen.push(await listen(url));
    return seen;
}"""


def write_down(origin: Any, client: str) -> dict[str, str]:
    """Give the address of each case for one client, and let the origin know its answers."""
    paths = {name: f"/{client}/{number}/" for number, name in enumerate(CASES)}
    for name, path in paths.items():
        origin.answers |= {f"GET {path}{below}": answers for below, answers in CASES[name].answers().items()}
    return paths


def asked(origin: Any, path: str) -> tuple[bytes | None, ...]:
    return tuple(request.get("Last-Event-ID") for request in origin.requests[f"GET {path}"])


@pytest.fixture(scope="module")
def chromium_saw(origin: Any, page: Page) -> dict[str, Outcome]:
    paths = write_down(origin, "chromium")
    all_seen = page.evaluate(_LISTEN, [[origin.url + path for path in paths.values()], {}])
    return {
        name: Outcome(seen["opened"], tuple(seen["data"]), asked(origin, path))
        for (name, path), seen in zip(paths.items(), all_seen, strict=True)
    }


@pytest.fixture(scope="module")
def rtlab_saw(origin: Any) -> dict[str, Outcome]:
    def listen(path: str) -> Outcome:
        source = EventSource(origin.url + path)
        data = []
        try:
            with source:
                while True:
                    data.append(source.receive(30).data)
                    urllib.request.urlopen(f"{origin.url}{path}got", timeout=30).close()
        except (ConnectionFailed, ConnectionEnded):
            opened = [what for _, what in source.history].count("open")
            return Outcome(opened, tuple(data), asked(origin, path))

    paths = write_down(origin, "rtlab")
    with ThreadPoolExecutor(5) as pool:
        return dict(zip(paths, pool.map(listen, paths.values()), strict=True))


def test_no_vector_is_left_out() -> None:
    of_pages = {"http-cors-preflight", "http-cors-credentials"}  # below
    assert len(VECTORS) == 20
    assert {case.vector for case in CASES.values()} | of_pages == {vector["id"] for vector in VECTORS}


@pytest.mark.parametrize("name", CASES)
def test_our_event_source_does_what_the_vector_says(name: str, rtlab_saw: dict[str, Outcome]) -> None:
    assert rtlab_saw[name] == CASES[name].outcome


@pytest.mark.parametrize("name", CASES)
def test_chromium_does_the_same_but_for_named_differences(name: str, chromium_saw: dict[str, Outcome]) -> None:
    assert chromium_saw[name] == (CASES[name].chromium or CASES[name].outcome)
    assert CASES[name].chromium != CASES[name].outcome


def test_both_ask_for_an_event_stream_and_for_no_stored_answer(
    origin: Any, chromium_saw: Any, rtlab_saw: Any
) -> None:
    streams = [key for key in origin.requests if key.startswith(("GET /chromium/", "GET /rtlab/"))]
    requests = [request for key in streams if not key.endswith("/got") for request in origin.requests[key]]
    assert len(requests) > 2 * len(CASES)
    assert {request.get("Accept") for request in requests} == {b"text/event-stream"}
    assert {request.get("Cache-Control") for request in requests} == {b"no-cache"}


# What only a page can do: ask another origin.


def allowed(origin: Any) -> bytes:
    return b"Access-Control-Allow-Origin: " + origin.url.encode()


@pytest.fixture(scope="module")
def other(make_origin: Callable[[], Any]) -> Any:
    """An origin that is not the page's."""
    return make_origin()


def listen(page: Page, url: str, **options: bool) -> dict[str, Any]:
    (seen,) = page.evaluate(_LISTEN, [[url], options])
    return seen


def test_events_after_a_redirect_come_from_the_last_origin(origin: Any, other: Any, page: Page) -> None:
    other.answers["GET /there"] = [stream(X, allowed(origin))]
    origin.answers["GET /here"] = [answer(b"307 Temporary", b"Location: " + other.url.encode() + b"/there")]
    assert listen(page, f"{origin.url}/here") == {"opened": 1, "data": ["x"], "origins": [other.url]}


ANYBODY = "Access-Control-Allow-Origin: *"
THE_PAGE = "Access-Control-Allow-Origin: {page}"
CREDENTIALS = "Access-Control-Allow-Credentials: true"


@pytest.mark.parametrize(
    ("with_credentials", "fields", "opened"),
    [
        (True, [ANYBODY, CREDENTIALS], 0),
        (True, [THE_PAGE], 0),
        (True, [THE_PAGE, CREDENTIALS], 1),
        (False, [ANYBODY], 1),
        (False, [THE_PAGE], 1),
        (False, [], 0),
    ],
)
def test_chromium_reads_another_origin_only_as_that_allows(
    origin: Any, other: Any, page: Page, with_credentials: bool, fields: list[str], opened: int
) -> None:
    """http-cors-credentials"""
    path = f"/credentials/{with_credentials}/{len(fields)}/{ANYBODY in fields}"
    other.answers[f"GET {path}"] = [stream(X, *(field.format(page=origin.url).encode() for field in fields))]
    assert listen(page, other.url + path, withCredentials=with_credentials)["opened"] == opened


@pytest.mark.parametrize("id", ["7", "7" * 129, "a:b", "…"], ids=["short", "long", "unsafe", "UTF-8"])
def test_chromium_sends_the_last_event_id_to_another_origin_without_a_preflight(
    origin: Any, other: Any, page: Page, id: str
) -> None:
    """http-cors-preflight, a named difference: the vector wants an OPTIONS request before a long or unsafe id."""
    path = f"/preflight/{len(id)}/{id.encode().hex()[:8]}"
    other.answers[f"GET {path}"] = [stream(f"id: {id}\n".encode() + X, allowed(origin))]
    assert listen(page, other.url + path)["data"] == ["x"]
    assert asked(other, path) == (None, id.encode())
    assert f"OPTIONS {path}" not in other.requests
