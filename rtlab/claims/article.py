"""The article's own summary beside a scorecard: where they agree, and where they part."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from rtlab.claims.claim import CATEGORIES, Claim
from rtlab.errors import InputError
from rtlab.json_file import load_json
from rtlab.resources import data_path
from rtlab.results.direction import Finding
from rtlab.results.scorecard import Scorecard
from rtlab.tables.verdicts import article_summary_table

FORMAT = "rtlab article 1"


class ArticleSummary(Finding):
    """What the article sums up, and what was measured.

    Args:
        card: The measures.
        claims: The claims of the article with their verdicts.
    """

    def __init__(self, card: Scorecard, claims: Iterable[Claim]) -> None:
        if not isinstance(card, Scorecard):
            raise InputError(
                f"The article is held against what rtlab.scorecard() gives, not a {type(card).__name__}."
            )
        self.card = card
        self.claims = tuple(claims)

    @property
    def table(self) -> pd.DataFrame:
        """One row a category (``describe("article_summary")``)."""
        flawed = [claim for claim in self.claims if claim.verdict in ("imprecise", "outdated", "wrong")]
        by_category = {
            category: [claim.id for claim in flawed if claim.category == category] for category in CATEGORIES
        }
        return article_summary_table(load_article(), self.card.table, by_category)

    @property
    def parted(self) -> tuple[str, ...]:
        """The categories in which the measures lean elsewhere than the article, where the article leans at all."""
        rows = self.table.dropna(subset="measured_leans")
        told = rows[rows["article_leans"] != "depends"]
        return tuple(told.loc[told["article_leans"] != told["measured_leans"], "category"])

    @property
    def text(self) -> str:
        """Where they part, in two or three sentences."""
        table = self.table
        flawed = sum(len(ids.split()) for ids in table["not_as_written"])
        open_ones = table.loc[table["article_leans"] == "depends", "category"].tolist()
        lines = [
            f"The measures lean elsewhere than the article in {', '.join(self.parted)}."
            if self.parted
            else "The measures lean where the article leans.",
            f"It leaves open: {', '.join(open_ones)}.",
            f"{flawed} of its {len(self.claims)} claims do not hold as written; their ids are in the table.",
        ]
        return " ".join(lines)


def load_article() -> tuple[dict[str, str], ...]:
    """Read what the article sums up of each category, in our words.

    Raises:
        RecordingError: The file is damaged.
    """

    def rows(content: dict[str, Any]) -> tuple[dict[str, str], ...]:
        names = ("category", "sse", "websocket", "leans")
        return tuple({name: str(row[name]) for name in names} for row in content["summary"])

    return load_json(data_path("scorecard", "article.json"), rows, format=FORMAT, what="summary of the article")
