from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import pytest

from rtlab.conformance.outcomes import SseOutcome, WebSocketOutcome
from rtlab.conformance.peers import Peer, chosen_peers
from rtlab.conformance.run import EVERY_FEEDING, Judgement, LeagueRun, run_league
from rtlab.conformance.sse_peers import feed_rtlab
from rtlab.conformance.vectors import WebSocketVector


def sse_peer(feed: Callable[[Iterable[bytes], SseOutcome], None]) -> Peer:
    return Peer("tornado", "sse", lambda: nullcontext(feed), ("tornado",))


def by_vector(run: LeagueRun) -> dict[str, Judgement]:
    return {judgement.vector: judgement for judgement in run.judgements}


def test_a_perfect_peer_is_ok_with_every_vector() -> None:
    run = run_league([sse_peer(feed_rtlab)])
    assert {(judgement.verdict, judgement.feeding) for judgement in run.judgements} == {("OK", "")}
    assert {judgement.peer for judgement in run.judgements} == {"tornado"}
    (entrant,) = run.entrants
    assert (entrant.peer, entrant.protocol, entrant.note) == ("tornado", "sse", "")
    assert entrant.version and entrant.date_utc


def test_the_worst_of_three_feedings_counts_and_is_named() -> None:
    def cannot_join(chunks: Iterable[bytes], outcome: SseOutcome) -> None:
        feed_rtlab([chunk for chunk in chunks if len(chunk) != 1], outcome)

    judgement = by_vector(run_league([sse_peer(cannot_join)]))["eol-lf"]
    assert (judgement.verdict, judgement.symptom, judgement.feeding) == ("FAILED", "missing", "byte by byte")
    assert (judgement.expected, judgement.got) == ("message 'a'", "no event")
    assert (judgement.clause, judgement.group) == ("HTML 9.2.5 parsing: end-of-line", "line ends")
    assert "merged" in judgement.consequence


def test_an_exception_of_a_peer_is_a_result_in_one_line() -> None:
    def explode(chunks: Iterable[bytes], outcome: SseOutcome) -> None:
        raise ValueError("no\nway")

    judgement = by_vector(run_league([sse_peer(explode)]))["eol-empty-stream"]
    assert (judgement.verdict, judgement.facet, judgement.feeding) == ("FAILED", "exception", EVERY_FEEDING)
    assert judgement.got == "ValueError: no way; no event"


def test_an_exception_of_a_websocket_peer_is_a_result() -> None:
    def explode(vector: WebSocketVector, chunks: Iterable[bytes], outcome: WebSocketOutcome) -> None:
        raise KeyError("fin")

    peer = Peer("tornado", "websocket", lambda: nullcontext(explode), ("tornado",), has_deflate=True)
    judgements = by_vector(run_league([peer]))
    assert judgements["len-0-c"].got == "KeyError: 'fin'"
    assert judgements["len-0-c"].symptom == "exception"


def test_what_a_peer_does_not_have_is_unimplemented_and_not_fed() -> None:
    fed: list[str] = []

    def note(vector: WebSocketVector, chunks: Iterable[bytes], outcome: WebSocketOutcome) -> None:
        fed.append(vector.id)

    judgements = by_vector(run_league([Peer("tornado", "websocket", lambda: nullcontext(note), ("tornado",))]))
    assert judgements["pmd-hello-s"].verdict == "UNIMPLEMENTED"
    assert judgements["pmd-hello-s"].got == "tornado has no permessage-deflate"
    assert judgements["limit-fragments"].got == "tornado has no size limit"
    assert not {"pmd-hello-s", "limit-fragments"} & set(fed)
    assert fed.count("len-0-c") == 3


def test_a_peer_that_is_not_installed_is_noted_and_not_left_out() -> None:
    missing = Peer("no-such-distribution", "sse", lambda: nullcontext(feed_rtlab), ("no_such_module",))
    run = run_league([missing])
    assert run.judgements == ()
    (entrant,) = run.entrants
    assert entrant.note.startswith("not installed") and entrant.date_utc == entrant.version == ""


def test_a_peer_that_cannot_be_started_is_noted_and_the_others_run() -> None:
    @contextmanager
    def broken() -> Iterator[Any]:
        raise OSError("no sockets today")
        yield

    run = run_league([Peer("tornado", "sse", broken, ("tornado",)), sse_peer(feed_rtlab)])
    assert [entrant.note for entrant in run.entrants] == ["cannot be run, OSError: no sockets today", ""]
    assert len(run.judgements) == 88


def test_each_peer_is_announced() -> None:
    said: list[tuple[int, int, str]] = []
    peers = [peer for peer in chosen_peers("sse", ["rtlab", "sseclient-py"])]
    run_league(peers, lambda *args: said.append(args))
    assert said == [(0, 2, "rtlab"), (1, 2, "sseclient-py")]


def test_the_peers_are_kept_quiet_and_their_loggers_left_as_they_were(caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger("tornado.application")
    level = logging.getLogger("tornado").level

    def complain(chunks: Iterable[bytes], outcome: SseOutcome) -> None:
        logger.error("a broken rule")

    run_league([sse_peer(complain)])
    assert caplog.records == []
    assert logging.getLogger("tornado").level == level
