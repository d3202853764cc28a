"""One claim of the article, and the file that holds all 77."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from typing import Any

from rtlab.errors import RtlabError
from rtlab.findings.scorecard import CATEGORIES as CATEGORIES
from rtlab.resources import data_path

VERDICTS = ("holds", "imprecise", "outdated", "wrong", "needs measuring")
KINDS = ("live", "card")
IDS = tuple(f"C{number:02d}" for number in range(1, 78))


@dataclass(frozen=True, slots=True)
class Claim:
    """One factual claim of the article, in our words, with its verdict.

    Attributes:
        id: ``"C01"`` to ``"C77"``.
        category: One of :data:`CATEGORIES`.
        claim: What the article says.
        verdict: One of :data:`VERDICTS`.
        authority: Why: the standard with its section, or what else settles it.
        experiment: How to try it.
        kind: ``"live"`` when an experiment tries it, ``"card"`` when it is history or out of reach.
        card: Facts in a few sentences that no experiment shows; a live claim may do without.
        checked: When the authority was last read, and against what.
    """

    id: str
    category: str
    claim: str
    verdict: str
    authority: str
    experiment: str
    kind: str
    card: str
    checked: str


_FIELDS = tuple(column.name for column in fields(Claim))


def load_claims() -> tuple[Claim, ...]:
    """Read all claims from the data that comes with rtlab.

    Returns:
        The 77 claims, C01 first.

    Raises:
        RtlabError: The file is damaged; the text says where.
    """
    try:
        entries = json.loads(data_path("claims.json").read_text(encoding="utf-8"))
    except ValueError as error:
        raise _damaged(f"it is not JSON ({error})") from error
    if not isinstance(entries, list):
        raise _damaged("it is not a list")
    claims = tuple(_claim(entry) for entry in entries)
    if tuple(claim.id for claim in claims) != IDS:
        raise _damaged(f"its ids are not {IDS[0]} to {IDS[-1]}, each once and in order")
    return claims


def _claim(entry: Any) -> Claim:
    if not isinstance(entry, dict) or set(entry) != set(_FIELDS):
        raise _damaged(f"an entry does not have the fields {', '.join(_FIELDS)}: {str(entry)[:60]}")
    if not all(isinstance(value, str) for value in entry.values()):
        raise _damaged(f"a field of {entry['id']} is not text")
    claim = Claim(**entry)
    for name, allowed in (("category", CATEGORIES), ("verdict", VERDICTS), ("kind", KINDS)):
        if entry[name] not in allowed:
            raise _damaged(f"{claim.id} has the unknown {name} {entry[name]!r}")
    empty = [name for name in _FIELDS if not entry[name].strip()]
    if empty and not (claim.kind == "live" and empty == ["card"]):
        raise _damaged(f"{claim.id} must fill every field; only a live claim may have no card")
    return claim


def _damaged(reason: str) -> RtlabError:
    return RtlabError(f"The file claims.json is damaged: {reason}. Install rtlab again.")
