from __future__ import annotations

import pytest

from rtlab.conformance.outcomes import SseOutcome
from rtlab.conformance.peers import PEERS, Peer
from rtlab.conformance.run import run_league
from rtlab.conformance.sse_peers import feed_rtlab, feed_sseclient_py

SSE_PEERS = [peer for peer in PEERS if peer.protocol == "sse"]


def read(peer: Peer, *chunks: bytes) -> SseOutcome:
    outcome = SseOutcome()
    with peer.open() as feed:
        feed(chunks, outcome)
    return outcome


def told(outcome: SseOutcome) -> list[tuple[str, str]]:
    return [(event.type, event.data.shown) for event in outcome.events]


@pytest.mark.parametrize("peer", SSE_PEERS, ids=lambda peer: peer.name)
def test_a_plain_event_is_read_by_every_peer(peer: Peer) -> None:
    outcome = read(peer, b"event: tick\nid: 7\nda", b"ta: a\ndata: b\n\ndata: c\nid: 8\n\n")
    assert told(outcome) == [("tick", r"'a\nb'"), ("message", "'c'")]
    assert [event.last_event_id for event in outcome.events] == ["7", "8"]
    assert outcome.last_event_id == "8"
    assert outcome.retry_ms is None


@pytest.mark.parametrize("peer", SSE_PEERS, ids=lambda peer: peer.name)
def test_a_stream_without_events_ends_at_once(peer: Peer) -> None:
    assert read(peer, b": nothing\n\n") == SseOutcome()


@pytest.mark.parametrize("name", ["rtlab", "sseclient-py", "httpx-sse", "aiohttp-sse-client2"])
def test_a_reconnection_time_is_seen(name: str) -> None:
    (peer,) = (peer for peer in SSE_PEERS if peer.name == name)
    assert read(peer, b"retry: 250\ndata: a\n\n").retry_ms == 250


def test_rtlab_reads_every_vector_right() -> None:
    run = run_league([peer for peer in SSE_PEERS if peer.name == "rtlab"])
    assert len(run.judgements) == 88
    assert [judgement for judgement in run.judgements if judgement.verdict != "OK"] == []


def test_what_came_before_an_exception_is_kept() -> None:
    outcome = SseOutcome()
    with pytest.raises(UnicodeDecodeError):
        feed_sseclient_py([b"data: a\n\ndata: \xff\n\n"], outcome)
    assert told(outcome) == [("message", "'a'")]


def test_a_retry_that_is_no_number_is_handed_over_as_the_text_that_it_is() -> None:
    outcome = SseOutcome()
    feed_sseclient_py([b"retry: soon\ndata: a\n\n"], outcome)
    assert outcome.retry_ms == "soon"


def test_the_bytes_are_fed_as_they_are_cut() -> None:
    outcome = SseOutcome()
    fed = iter([b"data: a\n\n", b"data: b\n\n"])

    def chunks():  # type: ignore[no-untyped-def]
        for chunk in fed:
            yield chunk
            assert len(outcome.events) == (1 if chunk.startswith(b"data: a") else 2)

    feed_rtlab(chunks(), outcome)
    assert len(outcome.events) == 2
