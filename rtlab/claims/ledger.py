"""The ledger: what the article claims, what the standards say, and what was found on this machine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from html import escape
from typing import TYPE_CHECKING

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.claims.claim import CATEGORIES, IDS, VERDICTS, Claim, load_claims
from rtlab.errors import InputError
from rtlab.figures.verdicts import figure_verdicts
from rtlab.tables.verdicts import verdict_counts_table

if TYPE_CHECKING:
    from rtlab.claims.article import ArticleSummary
    from rtlab.results.scorecard import Scorecard

__all__ = ["Claim", "Ledger", "ledger", "load_claims"]

_SYMBOLS = dict(zip(VERDICTS, "●◐○✕?", strict=True))  # so that colour never carries the meaning alone


@dataclass(frozen=True, repr=False)
class Ledger:
    """A list of claims that shows itself as a table.

    Iterate over it, take its length, or pick one claim: ``ledger()["C34"]``.

    Attributes:
        claims: The claims, in the order to show.
        results: Verdicts found on this machine, claim id to verdict. ✓ marks a result that agrees with the ledger,
            ✗ one that differs. A claim that needs measuring has nothing to agree with and gets no mark.

    Raises:
        InputError: ``results`` has an unknown claim id or verdict.
    """

    claims: tuple[Claim, ...]
    results: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _require("claim id", self.results.keys(), IDS)
        _require("verdict", self.results.values(), VERDICTS)

    def __iter__(self) -> Iterator[Claim]:
        return iter(self.claims)

    def __len__(self) -> int:
        return len(self.claims)

    def __getitem__(self, claim_id: str) -> Claim:
        by_id = {claim.id: claim for claim in self.claims}
        _require("claim id", (claim_id,), by_id)
        return by_id[claim_id]

    @property
    def table(self) -> pd.DataFrame:
        """The ledger as a table.

        Returns:
            One row a claim, with the fields of a claim as columns. With results two more: ``here``, the verdict
            found on this machine, and ``agrees``; both are missing where there is nothing to say.
        """
        rows = [asdict(claim) for claim in self.claims]
        frame = pd.DataFrame(rows, columns=[column.name for column in fields(Claim)])
        if self.results:
            here = [self.results.get(claim.id) for claim in self.claims]
            frame["here"] = pd.Series(here, dtype="string")
            frame["agrees"] = pd.Series([self._agrees(claim) for claim in self.claims], dtype="boolean")
        return frame

    @property
    def counts(self) -> pd.DataFrame:
        """How many claims of each category have which verdict (``describe("verdict_counts")``)."""
        pairs = ((claim.category, claim.verdict) for claim in self.claims)
        return verdict_counts_table(pairs, CATEGORIES, VERDICTS)

    def figure(self) -> go.Figure:
        """Draw how many claims of each category have which verdict."""
        return figure_verdicts(self.counts)

    def beside(self, card: Scorecard) -> ArticleSummary:
        """Put the article's own summary beside a scorecard.

        Args:
            card: What ``rtlab.scorecard()`` gave.

        Raises:
            InputError: It is no scorecard.
        """
        from rtlab.claims.article import ArticleSummary  # a ledger alone needs no experiments

        return ArticleSummary(card, self.claims)

    def __repr__(self) -> str:
        lines = [self._summary()]
        for claim in self.claims:
            here = f"  [here: {self._here(claim)}]" if claim.id in self.results else ""
            lines.append(f"{claim.id}  {_badge(claim.verdict):<17}  {claim.claim}{here}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        heads = ["Claim", "Verdict", *(["Here"] if self.results else []), "What the article says"]
        columns = "".join(f'<th scope="col">{head}</th>' for head in heads)
        rows = "".join(self._html_row(claim) for claim in self.claims)
        return (
            f"<style>{_STYLE}</style>"
            '<div class="rtlab-ledger" role="region" aria-label="Claims of the article" tabindex="0">'
            f'<table class="rtlab-claims"><caption>{self._summary()}</caption>'
            f"<thead><tr>{columns}</tr></thead><tbody>{rows}</tbody></table></div>"
        )

    def _html_row(self, claim: Claim) -> str:
        notes = {
            "Authority": claim.authority,
            "Evidence": claim.card,
            "Try it": claim.experiment,
            "Checked": claim.checked,
        }
        evidence = "".join(f"<p><b>{name}:</b> {escape(text)}</p>" for name, text in notes.items() if text)
        tone = claim.verdict.replace(" ", "-")
        is_open = " open" if len(self.claims) == 1 else ""
        return (
            f'<tr><th scope="row">{claim.id}</th>'
            f'<td><span class="rtlab-badge rtlab-{tone}">{_badge(claim.verdict)}</span></td>'
            f"{f'<td>{self._here(claim)}</td>' if self.results else ''}"
            f"<td>{escape(claim.claim)} <small>({claim.category})</small>"
            f"<details{is_open}><summary>Why</summary>{evidence}</details></td></tr>"
        )

    def _agrees(self, claim: Claim) -> bool | None:
        if claim.id not in self.results or claim.verdict == "needs measuring":
            return None
        return self.results[claim.id] == claim.verdict

    def _here(self, claim: Claim) -> str:
        mark = {True: " ✓ agrees", False: " ✗ differs", None: ""}[self._agrees(claim)]
        return self.results.get(claim.id, "not tried") + mark

    def _summary(self) -> str:
        counts = Counter(claim.verdict for claim in self.claims)
        parts = ", ".join(f"{counts[verdict]} {_badge(verdict)}" for verdict in VERDICTS if counts[verdict])
        total = f"{len(self.claims)} claim{'' if len(self.claims) == 1 else 's'} of the article"
        return f"{total}: {parts}" if parts else total


def ledger(
    category: str | None = None,
    verdict: str | None = None,
    ids: Iterable[str] | None = None,
    results: Mapping[str, str] | None = None,
) -> Ledger:
    """Show the article's claims: all of them, or those that fit every filter given.

    Args:
        category: One of the article's eight categories, such as ``"Communication Direction"``.
        verdict: ``"holds"``, ``"imprecise"``, ``"outdated"``, ``"wrong"`` or ``"needs measuring"``.
        ids: Claim ids, such as ``["C01", "C34"]``; a single id works too.
        results: Verdicts found on this machine, claim id to verdict, for a column of their own.

    Returns:
        The claims in the order of their ids; a table in a notebook, text in a terminal.

    Raises:
        InputError: There is no such category, verdict or id; the text lists the allowed ones.
    """
    wanted = IDS if ids is None else (ids,) if isinstance(ids, str) else tuple(ids)
    _require("category", () if category is None else (category,), CATEGORIES)
    _require("verdict", () if verdict is None else (verdict,), VERDICTS)
    _require("claim id", wanted, IDS)
    claims = tuple(
        claim
        for claim in load_claims()
        if claim.id in wanted and category in (None, claim.category) and verdict in (None, claim.verdict)
    )
    return Ledger(claims, dict(results or {}))


def _require(what: str, values: Iterable[str], allowed: Iterable[str]) -> None:
    choices = tuple(allowed)
    for value in values:
        if value not in choices:
            raise InputError(f"There is no {what} {value!r} here; choose from: {', '.join(choices)}.")


def _badge(verdict: str) -> str:
    return f"{_SYMBOLS[verdict]} {verdict}"


# The notebook's own colours, with fallbacks for pages that lack them; two class names outrank its table rules.
_STYLE = """
.rtlab-ledger { max-height: 34em; overflow: auto; }
.rtlab-ledger .rtlab-claims { table-layout: auto; width: 100%; border-collapse: collapse; }
.rtlab-ledger .rtlab-claims caption { text-align: left; padding: 0.4em; color: var(--jp-ui-font-color1, inherit); }
.rtlab-ledger .rtlab-claims th, .rtlab-ledger .rtlab-claims td {
  text-align: left; vertical-align: top; padding: 0.4em 0.6em; line-height: 1.4;
  border-bottom: 1px solid var(--jp-border-color2, #888); }
.rtlab-ledger .rtlab-claims td:last-child { width: 100%; }
.rtlab-ledger .rtlab-claims td:not(:last-child) { white-space: nowrap; }
.rtlab-ledger .rtlab-claims details p { margin: 0.4em 0; max-width: 48em; }
.rtlab-ledger .rtlab-claims summary { cursor: pointer; }
.rtlab-badge { display: inline-block; white-space: nowrap; padding: 0 0.5em; border-radius: 0.6em;
  color: var(--jp-ui-font-color1, inherit); border: 2px solid var(--rtlab-tone); }
.rtlab-holds { --rtlab-tone: var(--jp-success-color1, #388e3c); }
.rtlab-imprecise { --rtlab-tone: var(--jp-warn-color1, #f57c00); }
.rtlab-outdated { --rtlab-tone: var(--jp-ui-font-color2, #888); }
.rtlab-wrong { --rtlab-tone: var(--jp-error-color1, #d32f2f); }
.rtlab-needs-measuring { --rtlab-tone: var(--jp-info-color1, #0288d1); }
"""
