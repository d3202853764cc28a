"""``league()``: the protocol vectors against every parser and decoder that is installed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any, Literal, Self

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.conformance.archive import load_league, save_league, shipped_league
from rtlab.conformance.peers import chosen_peers
from rtlab.conformance.run import LeagueRun, run_league
from rtlab.figures.league import figure_league
from rtlab.results.html_table import html_table
from rtlab.results.progress import ProgressBar
from rtlab.tables.league import deviations_table, judgements_table, league_table

_IN_SHORT = [
    "peer",
    "protocol",
    "version",
    "vectors",
    "ok",
    "non_strict",
    "failed",
    "unimplemented",
    "informational",
]


class League:
    """What the league found: which peer keeps which rule, and what a broken one does to a user.

    Args:
        run: What was found.
    """

    def __init__(self, run: LeagueRun) -> None:
        self.run = run

    @cached_property
    def judgements(self) -> pd.DataFrame:
        """One row a peer and vector (``describe("judgements")``)."""
        return judgements_table(
            {**asdict(judgement), "consequence": judgement.consequence} for judgement in self.run.judgements
        )

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a peer: how many vectors it was tried with, and the verdicts (``describe("league")``)."""
        return league_table(map(asdict, self.run.entrants), self.judgements)

    @cached_property
    def deviations(self) -> pd.DataFrame:
        """One row a vector that a peer does not take as the standard wants, with what this does to a user."""
        return deviations_table(self.judgements)

    def figure(self) -> go.Figure:
        """Draw the verdicts, one row a peer and one column a group of clauses."""
        return figure_league(self.judgements, self.table)

    @property
    def text(self) -> str:
        """Who fails nothing, and who could not be run here, one sentence a line."""
        table = self.table
        flawless = table[(table["failed"] == 0) & (table["vectors"] > 0)]
        names = ", ".join(f"{row['peer']} ({row['protocol']})" for row in flawless.to_dict("records"))
        lines = [f"No vector FAILED with {names}." if names else "Each peer FAILED at least one vector."]
        noted = table[table["note"] != ""].to_dict("records")
        lines += [f"{row['peer']} ({row['protocol']}): {row['note']}." for row in noted]
        return "\n".join(lines)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the league to a JSON file, with dates and versions.

        Raises:
            RecordingError: The file cannot be written.
        """
        return save_league(self.run, path)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read a league that was saved.

        Raises:
            RecordingError: The file is missing, damaged, or of a later format.
        """
        return cls(load_league(path))

    def __repr__(self) -> str:
        return f"{self.table[_IN_SHORT].to_string(index=False)}\n{self.text}"

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        lines = "".join(f"<p>{escape(line)}</p>" for line in self.text.splitlines())
        table = html_table(self.table[_IN_SHORT], "Table: league")
        return {"text/plain": repr(self), "text/html": f"{table}{lines}"}


def league(
    protocol: Literal["sse", "websocket"] | None = None,
    peers: Sequence[str] | None = None,
    *,
    progress: bool = True,
) -> League:
    """Feed the same bytes to every parser and decoder that is installed, and judge each by the standard.

    A peer that is not installed keeps its place: it is shown with the dated run that comes with rtlab, and with
    what to do to run it here.

    Args:
        protocol: ``"sse"`` or ``"websocket"``; both if left out.
        peers: Names of peers, such as ``["rtlab", "sseclient-py"]``; all if left out.
        progress: Show a progress bar.

    Returns:
        Verdicts in the words of the Autobahn test suite; every deviation with its clause and what it does to a
        user.

    Raises:
        InputError: There is no such protocol or peer.

    Spec: WHATWG HTML 9.2, RFC 6455, RFC 7692
    """
    with ProgressBar(progress) as bar:
        return League(_filled_up(run_league(chosen_peers(protocol, peers), bar.tell)))


def _filled_up(run: LeagueRun) -> LeagueRun:
    """Give peers that could not be run the results of the run that comes with rtlab."""
    if not any(entrant.note for entrant in run.entrants):
        return run
    shipped = shipped_league()
    known = {(entrant.protocol, entrant.peer): entrant for entrant in shipped.entrants if entrant.date_utc}
    entrants, judgements = [], list(run.judgements)
    for entrant in run.entrants:
        before = known.get((entrant.protocol, entrant.peer))
        if entrant.note and before:
            note = f"{entrant.note}; shown is {before.version} on {before.date_utc[:10]}"
            entrant = replace(before, note=note)
            judgements += [
                judgement
                for judgement in shipped.judgements
                if (judgement.protocol, judgement.peer) == (entrant.protocol, entrant.peer)
            ]
        entrants.append(entrant)
    return replace(run, entrants=tuple(entrants), judgements=tuple(judgements))
