"""Every event stream vector, read by Chromium's EventSource and by ours from the same server."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Page

from rtlab import clock
from rtlab.clients.event_source import RECONNECTION_MS, EventSource
from rtlab.codecs.http1 import LAST_CHUNK, encode_chunk
from rtlab.conformance.vectors import feedings, sse_vectors
from rtlab.errors import ConnectionEnded
from rtlab.resources import data_path

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

VECTORS = {
    vector["id"]: vector
    for vector in json.loads(data_path("vectors", "sse.json").read_text(encoding="utf-8"))["stream_vectors"]
}
STREAMS = {vector.id: vector for vector in sse_vectors()}
ENDING_NS: dict[int, dict[str, list[int]]] = {}
"""When each of Chromium's first streams was about to end, by cut and vector."""
TYPES = sorted({event["type"] for vector in VECTORS.values() for event in vector["events"]})
HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
)
WAIT_MS = 20
"""What our client waits before it comes back, unless the stream says otherwise."""

# A vector whose reconnection differs from what the stream alone says: the header that arrives, and why.
HEADER_DIFFERENCES = {
    "id-spaces-kept": (b"1", "HTTP does not count the spaces around a field's value (RFC 9110 5.5)"),
}

# Five streams at a time, because Chromium opens six connections to one origin. A stream that has ended makes room
# at once, for it holds no connection while it waits to come back. The second answer, 204, closes it for good.
_READ_ALL = """async ([urls, types]) => {
    const read = url => {
        const source = new EventSource(url), events = [];
        let ended, closed;
        const one = {ended: new Promise(done => ended = done), closed: new Promise(done => closed = done)};
        types.forEach(type => source.addEventListener(type, event => {
            // A server may name an event "error", too; only such a one has data.
            if (event instanceof MessageEvent) events.push([type, event.data, event.lastEventId]);
        }));
        source.onerror = () => {
            if (source.readyState !== EventSource.OPEN) ended();
            if (source.readyState === EventSource.CLOSED) closed(events);
        };
        return one;
    };
    const results = [], rest = urls.entries();
    const readOneByOne = async () => {
        for (const [number, url] of rest) {
            const one = read(url);
            results[number] = one.closed;
            await one.ended;
        }
    };
    await Promise.all(Array.from({length: 5}, readOneByOne));
    return await Promise.all(results);
}"""


@dataclass(frozen=True)
class Seen:
    """What a client made of a vector.

    Attributes:
        events: Type, data (a long one as its hash) and lastEventId of each event.
        header: The Last-Event-ID with which it came back.
    """

    events: tuple[tuple[str, str, str], ...]
    header: bytes | None


def brief(data: str) -> str:
    return data if len(data) <= 1_000 else hashlib.sha256(data.encode()).hexdigest()


def expected(vector: dict[str, Any]) -> Seen:
    events = tuple(
        (event["type"], event.get("data_sha256") or brief(event["data"]), event["lastEventId"])
        for event in vector["events"]
    )
    header, _ = HEADER_DIFFERENCES.get(vector["id"], (vector["last_event_id"].encode() or None, ""))
    return Seen(events, header)


def answer_with(chunks: Sequence[bytes], ending_ns: list[int] | None = None) -> Any:
    """Give an answer that sends these chunks, each in a chunk of HTTP's own, notes the time, and ends."""

    async def answer(request: Any, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD)
        for chunk in chunks:
            writer.write(encode_chunk(chunk))
            await writer.drain()
        if ending_ns is not None:
            ending_ns.append(clock.now_ns())  # before the end is out: a client cannot have seen it earlier
        writer.write(LAST_CHUNK)

    return answer


@pytest.fixture(scope="module", params=range(3), ids=["as given", "one chunk", "byte by byte"])
def cut(request: pytest.FixtureRequest) -> int:
    """Which of the three ways to cut a stream."""
    return int(request.param)


def cut_vector(id: str, cut: int) -> tuple[bytes, ...]:
    return list(feedings(STREAMS[id]).values())[cut]


@pytest.fixture(scope="module")
def chromium_saw(origin: Any, page: Page, cut: int) -> dict[str, Seen]:
    paths = {id: f"/chromium/{cut}/{id}" for id in VECTORS}
    ENDING_NS[cut] = {id: [] for id in VECTORS}
    origin.answers |= {
        f"GET {path}": [answer_with(cut_vector(id, cut), ENDING_NS[cut][id])] for id, path in paths.items()
    }
    all_events = page.evaluate(_READ_ALL, [list(paths.values()), TYPES])
    saw = {}
    for (id, path), events in zip(paths.items(), all_events, strict=True):
        _, again = origin.requests[f"GET {path}"]
        saw[id] = Seen(tuple((type, brief(data), last) for type, data, last in events), again.get("Last-Event-ID"))
    return saw


@pytest.fixture(scope="module")
def rtlab_saw(origin: Any, cut: int) -> dict[str, tuple[Seen, int]]:
    """What our client saw, and its reconnection time in the end."""

    def read(id: str) -> tuple[Seen, int]:
        path = f"/rtlab/{cut}/{id}"
        origin.answers[f"GET {path}"] = [answer_with(cut_vector(id, cut))]
        source = EventSource(origin.url + path)
        source.reconnection_ms = WAIT_MS
        with source:
            events = tuple((event.event, brief(event.data), event.id) for event in received_to_the_end(source))
        _, again = origin.requests[f"GET {path}"]
        return Seen(events, again.get("Last-Event-ID")), source.reconnection_ms

    with ThreadPoolExecutor(5) as pool:
        return dict(zip(VECTORS, pool.map(read, VECTORS), strict=True))


def received_to_the_end(source: EventSource) -> Iterator[Any]:
    while True:
        try:
            yield source.receive(30)
        except ConnectionEnded:
            return


def test_no_vector_is_left_out(chromium_saw: dict[str, Seen], rtlab_saw: dict[str, Any]) -> None:
    assert len(VECTORS) == 88
    assert chromium_saw.keys() == rtlab_saw.keys() == VECTORS.keys()
    assert HEADER_DIFFERENCES.keys() <= VECTORS.keys()


@pytest.mark.parametrize("id", VECTORS)
def test_chromium_and_rtlab_see_what_the_vector_says(id: str, chromium_saw: Any, rtlab_saw: Any) -> None:
    assert chromium_saw[id] == expected(VECTORS[id])
    assert rtlab_saw[id][0] == expected(VECTORS[id])


@pytest.mark.parametrize("id", HEADER_DIFFERENCES)
def test_each_named_difference_is_one(id: str) -> None:
    assert expected(VECTORS[id]).header != VECTORS[id]["last_event_id"].encode()


@pytest.mark.parametrize("id", VECTORS)
def test_both_come_back_after_the_time_that_the_stream_gives(
    id: str, origin: Any, cut: int, chromium_saw: Any, rtlab_saw: Any
) -> None:
    retry_ms = VECTORS[id]["retry"]
    assert rtlab_saw[id][1] == (retry_ms or WAIT_MS)
    ended_ns, came_back_ns = ended_and_came_back_ns(origin, cut, id)
    # A little less than the time itself: the clocks of timers are coarse.
    assert came_back_ns - ended_ns > 0.95e6 * (retry_ms or RECONNECTION_MS)


def test_chromium_comes_back_sooner_only_where_the_stream_says_so(origin: Any, cut: int, chromium_saw: Any) -> None:
    lines = {id: ended_and_came_back_ns(origin, cut, id) for id in VECTORS}
    for id, vector in VECTORS.items():
        if vector["retry"] is not None:
            later = (
                lines[other]
                for other in VECTORS
                if VECTORS[other]["retry"] is None and lines[other][0] > lines[id][0]
            )
            assert lines[id][1] < min(came_back_ns for _, came_back_ns in later)


def ended_and_came_back_ns(origin: Any, cut: int, id: str) -> tuple[int, int]:
    """When Chromium's first stream of a vector ended, and when its second request came."""
    key = f"GET /chromium/{cut}/{id}"
    return ENDING_NS[cut][id][0], origin.requests[key][1].at_ns
