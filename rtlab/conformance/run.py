"""Runs the vectors against the peers and keeps one judgement for each peer and vector."""

from __future__ import annotations

import logging
import platform
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from rtlab import clock
from rtlab.conformance.consequences import consequence
from rtlab.conformance.outcomes import SseOutcome, WebSocketOutcome
from rtlab.conformance.peers import Feed, Peer, Vector
from rtlab.conformance.vectors import Protocol, SseVector, feedings
from rtlab.conformance.verdicts import VERDICTS, Finding, Verdict, judge_sse, judge_websocket

EVERY_FEEDING = "every feeding"
_LOGGERS = (
    "aiohttp",
    "sseclient",
    "tornado",
    "websocket",
    "websockets",
    "wsproto",
    "aiohttp_sse_client2",
    "SSEClient",
)


@dataclass(frozen=True, slots=True)
class Entrant:
    """One peer's part in the league.

    Attributes:
        protocol: What it speaks.
        peer: Its name.
        version: Its version; empty if it is not installed.
        date_utc: When it was run, ISO 8601; empty if it was not.
        note: Why it was not run here, or empty.
    """

    protocol: Protocol
    peer: str
    version: str
    date_utc: str
    note: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict on one peer for one vector: the worst of its feedings.

    Attributes:
        protocol: What the peer speaks.
        peer: Its name.
        vector: The vector's id.
        clause: The clause that the vector tries.
        group: The group of that clause.
        verdict: The worst verdict of the feedings.
        facet: What is wrong; empty for nothing.
        symptom: How it is wrong; empty for nothing.
        feeding: Which feedings gave this verdict; empty for OK.
        expected: What the vector wants, for people.
        got: What the peer did, for people.
    """

    protocol: Protocol
    peer: str
    vector: str
    clause: str
    group: str
    verdict: Verdict
    facet: str
    symptom: str
    feeding: str
    expected: str
    got: str

    @property
    def consequence(self) -> str:
        """What this does to a user, in one sentence; empty where nothing is wrong."""
        return consequence(self.protocol, self.group, self.symptom)


@dataclass(frozen=True, slots=True)
class LeagueRun:
    """What a run of the league found.

    Attributes:
        python: The version of Python.
        entrants: All peers, also those that were not run.
        judgements: One for each peer that was run and each of its vectors.
    """

    python: str
    entrants: tuple[Entrant, ...]
    judgements: tuple[Judgement, ...]


def run_league(
    peers: Sequence[Peer], progress: Callable[[int, int, str], None] = lambda done, total, name: None
) -> LeagueRun:
    """Feed every vector to every peer that is installed, in three ways each.

    Args:
        peers: Who takes part.
        progress: Called with the peers done, their number, and the name of the next.

    Returns:
        A judgement for each peer and vector; a peer that cannot be run is noted with the reason.
    """
    entrants: list[Entrant] = []
    judgements: list[Judgement] = []
    with _quiet():
        for done, peer in enumerate(peers):
            progress(done, len(peers), peer.name)
            note, found = peer.obstacle, []
            if not note:
                try:
                    with peer.open() as feed:
                        found = [_judged(peer, vector, feed) for vector in peer.vectors()]
                except Exception as error:  # a library that has changed since may fail anywhere
                    note = f"cannot be run, {_in_words(error)}"
            date_utc = "" if note else clock.date_utc()
            entrants.append(Entrant(peer.protocol, peer.name, peer.version, date_utc, note))
            judgements += found
    return LeagueRun(platform.python_version(), tuple(entrants), tuple(judgements))


def _judged(peer: Peer, vector: Vector, feed: Feed) -> Judgement:
    lack = peer.lacks(vector)
    if lack:
        finding, feeding = Finding("UNIMPLEMENTED", "", "", "", f"{peer.name} has no {lack}"), ""
    else:
        finding, feeding = _worst({name: _fed(vector, cut, feed) for name, cut in feedings(vector).items()})
    return Judgement(
        protocol=peer.protocol,
        peer=peer.name,
        vector=vector.id,
        clause=vector.clause,
        group=vector.group,
        verdict=finding.verdict,
        facet=finding.facet,
        symptom=finding.symptom,
        feeding=feeding,
        expected=finding.expected,
        got=finding.got,
    )


def _worst(findings: dict[str, Finding]) -> tuple[Finding, str]:
    """Give the worst finding, and the feedings that led to its verdict."""
    worst = max(findings.values(), key=lambda finding: VERDICTS.index(finding.verdict))
    if worst.verdict == "OK":
        return worst, ""
    names = [name for name, finding in findings.items() if finding.verdict == worst.verdict]
    return worst, EVERY_FEEDING if len(names) == len(findings) else ", ".join(names)


def _fed(vector: Vector, chunks: Sequence[bytes], feed: Feed) -> Finding:
    if isinstance(vector, SseVector):
        events = SseOutcome()
        events.exception = _exception(lambda: feed(chunks, events))
        return judge_sse(vector, events)
    frames = WebSocketOutcome()
    exception = _exception(lambda: feed(vector, chunks, frames))
    if exception:
        frames.ending, frames.exception = "raised", exception
    return judge_websocket(vector, frames)


def _exception(work: Callable[[], None]) -> str:
    """Do some work; give the exception that a peer lets out, in words."""
    try:
        work()
    except Exception as error:  # whatever comes out of a peer is a result
        return _in_words(error)
    return ""


def _in_words(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:120]


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the peers from logging each broken rule, which is what they are here for."""
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    levels = [logger.level for logger in loggers]
    try:
        for logger in loggers:
            logger.setLevel(logging.CRITICAL + 1)
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
