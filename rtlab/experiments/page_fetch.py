"""What does a page's ``fetch`` give that its ``EventSource`` does not, and what does it not give?

Both are tried on the same server, feature by feature; what they cannot do they are told all the same.
"""

from __future__ import annotations

from collections.abc import Iterator

from rtlab.codecs.sse import EventStreamDecoder
from rtlab.experiments.stream_exhibit import EVENTS, RETRY_MS, StreamExhibit
from rtlab.findings.page_fetch import Ability
from rtlab.pages.connection import PageConnection, PageFetch
from rtlab.pages.page import Page

HEADERS = {"Accept": "text/event-stream", "Authorization": "Bearer a-secret-of-this-lesson"}
_BODY = "which news?"
_WATCHED_S = 20 * RETRY_MS / 1e3
"""How long one is watched that does not come back, or is not seen to leave."""


def try_features(page: Page) -> tuple[Ability, ...]:
    """Try in a page what its EventSource and its fetch can do.

    Args:
        page: The page.

    Returns:
        Two for each feature: of EventSource, then of fetch.

    Raises:
        WaitTimeout: The page does not answer.
    """
    with StreamExhibit() as exhibit:
        return tuple(
            ability
            for attempt in (_requests, _streams, _refusals, _other_types, _ends)
            for ability in attempt(page, exhibit)
        )


def _requests(page: Page, exhibit: StreamExhibit) -> Iterator[Ability]:
    """A header field, a method and a body of the script's own."""
    told = {"headers": HEADERS, "method": "POST", "body": _BODY}
    source = page.event_source(url=exhibit.url("/events?source"), init=told)
    source.wait("message")
    source.close()
    fetch = page.fetch(url=exhibit.url("/events?fetch"), headers=HEADERS, method="POST", body=_BODY)
    fetch.wait("chunk")
    fetch.close()
    by_source, by_fetch = exhibit.at("/events?source")[0], exhibit.at("/events?fetch")[0]
    for client, asked in (("EventSource", by_source), ("fetch", by_fetch)):
        sent = asked.head.get("Authorization") == HEADERS["Authorization"]
        yield _ability("set a header field", client, sent, f"Authorization {'came' if sent else 'did not come'}")
    for client, asked in (("EventSource", by_source), ("fetch", by_fetch)):
        posted = (asked.head.method, asked.body) == ("POST", _BODY.encode())
        seen = f"{asked.head.method} came, with {len(asked.body)} bytes of body"
        yield _ability("send POST with a body", client, posted, seen)


def _streams(page: Page, exhibit: StreamExhibit) -> Iterator[Ability]:
    """Events out of pieces, and what comes after the end."""
    source = page.event_source(url=exhibit.url("/events"))
    got = tuple(event.data for event in source.wait("message", len(EVENTS))[: len(EVENTS)])
    came_back = exhibit.until(lambda: len(exhibit.at("/events")) > 1, _WATCHED_S)
    source.close()
    by_source = exhibit.at("/events")
    exhibit.asked.clear()
    fetch = page.fetch(url=exhibit.url("/events"), headers={"Accept": "text/event-stream"})
    fetch.wait("end")
    asked_again = exhibit.until(lambda: len(exhibit.at("/events")) > 1, _WATCHED_S)
    chunks = [str(event.data) for event in fetch.messages]
    decoder = EventStreamDecoder()
    by_hand = tuple(event.data for chunk in chunks for event in decoder.feed(chunk.encode()))
    inside = sum(1 for chunk in chunks if not chunk.endswith("\n\n"))
    feature = "give whole events"
    yield _ability(feature, "EventSource", got == EVENTS, f"{len(got)} events, each one whole")
    seen = f"{len(chunks)} pieces of text, {inside} of them end inside an event"
    whole = "; parsed by hand they gave the same events" if by_hand == got else ""
    yield _ability(feature, "fetch", tuple(chunks) == got, f"{seen}{whole}")
    feature = "come back by itself after the end"
    yield _ability(feature, "EventSource", came_back, f"{len(by_source)} requests")
    yield _ability(feature, "fetch", asked_again, f"{len(exhibit.at('/events'))} request; it was told of the end")
    feature = "say the last event ID when it comes back"
    said = by_source[1].head.get("Last-Event-ID") if came_back else None
    yield _ability(feature, "EventSource", said == str(len(EVENTS)), f"Last-Event-ID: {said}")
    by_hand_id = {"Accept": "text/event-stream", "Last-Event-ID": str(len(EVENTS))}
    fetch = page.fetch(url=exhibit.url("/events?again"), headers=by_hand_id)
    fetch.wait("end")
    (again,) = exhibit.at("/events?again")
    seen = f"it does not come back; with the field set by hand, {again.head.get('Last-Event-ID')} came"
    yield _ability(feature, "fetch", asked_again, seen)


def _refusals(page: Page, exhibit: StreamExhibit) -> Iterator[Ability]:
    source = page.event_source(url=exhibit.url("/refused"))
    (refused,) = source.wait("error")
    fetch = page.fetch(url=exhibit.url("/refused"))
    (answered,) = fetch.wait("open")
    for client, event in (("EventSource", refused), ("fetch", answered)):
        seen = "an error event without a word" if event.status is None else f"status {event.status}"
        yield _ability("see the status of the answer", client, event.status is not None, seen)


def _other_types(page: Page, exhibit: StreamExhibit) -> Iterator[Ability]:
    feature = "read a stream of another type (lines of JSON)"
    source = page.event_source(url=exhibit.url("/lines"))
    source.wait("error")
    fetch = page.fetch(url=exhibit.url("/lines"))
    fetch.wait("end")
    got = len(source.messages)
    yield _ability(feature, "EventSource", got > 0, f"{got} messages; it closed with an error event")
    lines = "".join(str(event.data) for event in fetch.messages).splitlines()
    yield _ability(feature, "fetch", len(lines) > 0, f"{len(lines)} lines")


def _ends(page: Page, exhibit: StreamExhibit) -> Iterator[Ability]:
    """The script ends it; does the server notice?"""
    feature = "be ended by the script"
    source, fetch = (
        page.event_source(url=exhibit.url("/held?source")),
        page.fetch(url=exhibit.url("/held?fetch"), headers={"Accept": "text/event-stream"}),
    )
    source.wait("message")
    fetch.wait("chunk")
    yield _ability(feature, "EventSource", *_end(source, exhibit, "/held?source"))
    yield _ability(feature, "fetch", *_end(fetch, exhibit, "/held?fetch"))


def _end(connection: PageConnection, exhibit: StreamExhibit, path: str) -> tuple[bool, str]:
    connection.close()
    noticed = exhibit.until(lambda: exhibit.at(path)[0].left, _WATCHED_S)
    told = connection.wait("error")[-1].reason if isinstance(connection, PageFetch) else "no event"
    seen = "saw the end" if noticed else "saw nothing"
    return noticed, f"the server {seen}; the script got {(told or '').partition(':')[0]}"


def _ability(feature: str, client: str, can: bool, seen: str) -> Ability:
    return Ability(feature, client, can, seen)  # type: ignore[arg-type]  # one of the two
