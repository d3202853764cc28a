"""What the experiments say of the claims: claim id ─► experiment ─► evidence ─► verdict.

An experiment judges from what it measured here and now, without knowing what the ledger says. A test runs them
all and fails when one parts from the ledger, so neither the article's claim nor our correction is taken on trust.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import escape

import pandas as pd

from rtlab.claims.ledger import Ledger, ledger
from rtlab.errors import InputError, MissingExtra
from rtlab.pages.browsers import has_browser
from rtlab.servers.lab import Lab
from rtlab.surroundings.plain_table import html_table


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one experiment found for one claim.

    Attributes:
        claim_id: Such as ``"C34"``.
        verdict: In the ledger's words: holds, imprecise, outdated, wrong or needs measuring.
        finding: What was seen, in one or two sentences.
        numbers: The numbers that the verdict rests on.
    """

    claim_id: str
    verdict: str
    finding: str
    numbers: Mapping[str, float]


Experiment = Callable[[Lab], Evidence]


class Verdicts:
    """The evidence of some claims, found on this machine.

    Iterate over it, or pick one: ``verdicts["C34"]``.

    Args:
        found: One for each claim that was tried.
        left_out: What is missing here for other claims, by their ids.
    """

    left_out: Mapping[str, str] = {}  # also for verdicts that were recorded before this was told

    def __init__(self, found: tuple[Evidence, ...], left_out: Mapping[str, str] | None = None) -> None:
        self.found = found
        self.left_out = dict(left_out or {})

    def __iter__(self) -> Iterator[Evidence]:
        return iter(self.found)

    def __len__(self) -> int:
        return len(self.found)

    def __getitem__(self, claim_id: str) -> Evidence:
        for evidence in self.found:
            if evidence.claim_id == claim_id:
                return evidence
        raise InputError(f"{claim_id!r} was not tried; tried were {', '.join(each.claim_id for each in self)}.")

    @property
    def ledger(self) -> Ledger:
        """The ledger's rows of these claims, with what was found here beside them."""
        results = {each.claim_id: each.verdict for each in self}
        return ledger(ids=tuple(results), results=results)

    @property
    def table(self) -> pd.DataFrame:
        """One row a claim: what the ledger says, what was found here, and the finding."""
        rows = [
            {
                "id": each.claim_id,
                "claim": self.ledger[each.claim_id].claim,
                "ledger": self.ledger[each.claim_id].verdict,
                "here": each.verdict,
                "finding": each.finding,
            }
            for each in self
        ]
        return pd.DataFrame(rows)

    @property
    def parted(self) -> tuple[str, ...]:
        """The ids of the claims where this machine does not agree with the ledger."""
        return tuple(each.claim_id for each in self if each.verdict != self.ledger[each.claim_id].verdict)

    def __repr__(self) -> str:
        tried = [f"{each.claim_id} {each.verdict}: {each.finding}" for each in self]
        return "\n".join([*tried, *self._not_tried()])

    def _repr_html_(self) -> str:
        columns = ("claim", "what the article says", "ledger", "here", "finding")
        rows = [[str(cell) for cell in row] for row in self.table.itertuples(index=False)]
        not_tried = "".join(f"<p>{escape(line)}</p>" for line in self._not_tried())
        return f"{html_table('Claims tried on this machine', columns, rows)}{not_tried}"

    def _not_tried(self) -> list[str]:
        known = ledger()
        return [
            f"{claim_id} was not tried here; the ledger says {known[claim_id].verdict}. {why.rstrip('.')}."
            for claim_id, why in self.left_out.items()
        ]


def experiments() -> dict[str, Experiment]:
    """Give the experiment of each claim that can be tried here, by the claim's id."""
    # They need Evidence from this module.
    from rtlab.claims import (
        adoption,
        browser,
        direction,
        injection,
        messages,
        operation,
        performance,
        programs,
        protocol,
        reconnection,
        security,
        simplicity,
        tooling_documents,
        tooling_load,
    )

    homes = (
        direction,
        protocol,
        messages,
        reconnection,
        simplicity,
        programs,
        operation,
        performance,
        browser,
        security,
        injection,
        tooling_load,
        tooling_documents,
        adoption,
    )
    return {claim_id: experiment for home in homes for claim_id, experiment in home.EXPERIMENTS.items()}


def try_claims(lab: Lab, *ids: str, skip_missing: bool = False, progress: bool = True) -> Verdicts:
    """Put claims to the test on this machine.

    Args:
        lab: A running lab.
        ids: Which claims, such as ``"C34"``. If none is named, all that have an experiment; those that need a
            Chromium, Chrome or Edge, or a load tool, only where it is installed. Those that build frameworks
            must be named: a first build takes minutes.
        skip_missing: Go on when a claim needs a program that is not here; the verdicts then say so of it.
        progress: Show a progress bar.

    Returns:
        Evidence and verdict of each.

    Raises:
        InputError: A claim has no experiment; its card in the ledger tells what is known.
        MissingExtra: A claim that was named needs a browser or a load tool that is not there, and
            ``skip_missing`` is not set.
    """
    from rtlab.results.progress import ProgressBar

    known = experiments()
    unknown = [claim_id for claim_id in ids if claim_id not in known]
    if unknown:
        raise InputError(
            f"{', '.join(unknown)} cannot be tried; rtlab.ledger(ids=...) shows what is known. "
            f"There are experiments for {', '.join(known)}."
        )
    chosen = tuple(dict.fromkeys(ids)) or _at_hand(known)
    found: list[Evidence] = []
    left_out: dict[str, str] = {}
    with ProgressBar(progress) as bar:
        for done, claim_id in enumerate(chosen):
            bar.tell(done, len(chosen), claim_id)
            try:
                found.append(known[claim_id](lab))
            except MissingExtra as error:
                if not skip_missing:
                    raise
                left_out[claim_id] = str(error)
    return Verdicts(tuple(found), left_out)


def _at_hand(known: Iterable[str]) -> tuple[str, ...]:
    """Leave out what this machine lacks a browser or a load tool for, and what builds frameworks."""
    from rtlab.claims import adoption, browser, tooling_documents, tooling_load

    there = has_browser("chromium")
    tried = (claim_id for claim_id in known if tooling_documents.can_be_tried(claim_id))
    shown = (claim_id for claim_id in tried if there or claim_id not in browser.EXPERIMENTS)
    quick = (claim_id for claim_id in shown if claim_id not in adoption.EXPERIMENTS)
    return tuple(claim_id for claim_id in quick if tooling_load.has_tools(claim_id))
