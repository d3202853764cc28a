"""One client in one situation: its server, what is seen of it, and the judgement of the standard.

A notebook's clients and a browser's page go through the same trials.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from rtlab.experiments.scripted_server import MOST_ANSWERS, ScriptedServer
from rtlab.experiments.situations import MOVED, SITUATIONS, START, Protocol, Situation
from rtlab.findings.reconnection import StatusCell
from rtlab.servers.certificates import make_certificates

_SCHEMES: dict[Protocol, tuple[str, str]] = {"sse": ("http", "https"), "websocket": ("ws", "wss")}
_REFUSAL = "body of a refusal"


@dataclass(slots=True)
class Trial:
    """One client in one situation.

    Attributes:
        situation: The situation.
        protocol: What the client speaks.
        server: Its server.
        host: The name that the client is given.
        got: The messages that it got.
        state: How it was left.
        error: The class of what it raised.
        looked_up_ns: When the name of its server was looked up.
    """

    situation: Situation
    protocol: Protocol
    server: ScriptedServer
    host: str
    got: list[str] = field(default_factory=list)
    state: str = "reconnecting"
    error: str = ""
    looked_up_ns: list[int] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The address that the client is given."""
        scheme = _SCHEMES[self.protocol][self.situation.trouble == "untrusted"]
        return f"{scheme}://{self.host}:{self.server.port}{START}"

    @property
    def attempts_ns(self) -> list[int]:
        """When it tried; requests, or what is seen of a client that never gets so far."""
        if self.situation.trouble:
            return self.looked_up_ns or self.server.accepted_ns
        return [request.at_ns for request in self.server.requests]

    @property
    def followed(self) -> bool:
        """True if it went where a redirect led."""
        return any(request.target == MOVED for request in self.server.requests)

    @property
    def came_back(self) -> bool:
        """True if it tried again after the last answer of the script."""
        script = self.situation.script[self.protocol].get(START, ())
        return len(self.attempts_ns) > max(1, len(script)) + self.followed

    @property
    def outcome(self) -> str:
        """What it did so far, in one or two words."""
        if any(_REFUSAL in text for text in self.got):
            return "reads it"
        if self.state == "reconnecting" and self.followed and not self.came_back:
            return "follows"
        if self.came_back:
            return "reconnects"
        if self.state == "closed":
            return "raises" if self.error else "closes"
        return "ends" if self.state == "ended" else "waits"

    @property
    def settled(self) -> bool:
        """True once nothing more can be expected of it, but for further attempts."""
        return self.state != "reconnecting" or self.came_back or (self.followed and bool(self.got))


async def prepare_trials(protocol: Protocol, situations: Sequence[Situation] = SITUATIONS) -> list[Trial]:
    """Start a server for each situation; runs on the loop. Stop them with :func:`end_trials`."""
    untrusted = any(situation.trouble == "untrusted" for situation in situations)
    certificates = make_certificates() if untrusted else None
    trials: list[Trial] = []
    try:
        for number, situation in enumerate(situations):
            tls = certificates.server_context if certificates and situation.trouble == "untrusted" else None
            server = ScriptedServer(situation.script[protocol], tls)
            host = f"rtlab-{number}.invalid" if situation.trouble == "unknown name" else "127.0.0.1"
            trials.append(Trial(situation, protocol, server, host))
            await server.start_soon()
    except BaseException:
        await end_trials(trials)
        raise
    return trials


async def end_trials(trials: Sequence[Trial]) -> None:
    """Stop the servers; runs on the loop."""
    for trial in trials:
        await trial.server.stop_soon()


def judge(trial: Trial, client: str) -> StatusCell:
    """Say what a client did, and whether the standard wants it so.

    Args:
        trial: What was seen.
        client: The client's name.

    Returns:
        The cell of the matrix.
    """
    situation = trial.situation
    wanted = situation.wanted[trial.protocol]
    starts = [request for request in trial.server.requests if request.target == START]
    if situation.trouble:
        delays_ms = [(later - earlier) / 1e6 for earlier, later in pairwise(trial.attempts_ns)]
    else:
        delays_ms = [(later.at_ns - earlier.answered_ns) / 1e6 for earlier, later in pairwise(starts)]
    later_ids = [request.last_event_id for request in starts[1:]]
    return StatusCell(
        situation=situation.name,
        client=client,
        protocol=trial.protocol,
        outcome=trial.outcome,
        attempts=len(trial.attempts_ns),
        delays_ms=tuple(delays_ms[: MOST_ANSWERS - 1]),
        followed=trial.followed,
        state="open" if trial.outcome == "follows" else trial.state,
        error=trial.error,
        last_event_id=any(later_ids) if later_ids else None,
        delivered=len(trial.got),
        standard=wanted.words,
        clause=wanted.clause,
        agrees=trial.outcome in wanted.outcomes,
    )


def recorded_cells(cells: Sequence[Mapping[str, Any]], source: str) -> tuple[StatusCell, ...]:
    """Put the standard's word beside what was recorded of a browser.

    Args:
        cells: What it did, one mapping a situation and protocol.
        source: Where the record comes from.

    Returns:
        The cells; those of a situation that is no more are left out.
    """
    known = {situation.name: situation for situation in SITUATIONS}
    rows = []
    for cell in cells:
        if situation := known.get(cell["situation"]):
            wanted = situation.wanted[cell["protocol"]]
            agrees = cell["outcome"] in wanted.outcomes
            said = {"standard": wanted.words, "clause": wanted.clause, "agrees": agrees, "source": source}
            rows.append(StatusCell(**{**cell, "delays_ms": tuple(cell["delays_ms"]), **said}))
    return tuple(rows)
