"""The base of results that were measured in a page: they name its browser and its way to the lab."""

from __future__ import annotations

from html import escape
from typing import Any

import pandas as pd

from rtlab.pages.records import PageFacts
from rtlab.results.direction import Finding
from rtlab.surroundings.routes import Distortion, distortions

_WAYS = {"direct": "directly", "proxy": "through the notebook server's proxy"}


class PageFinding(Finding):
    """A result that a page measured.

    Args:
        facts: What the page is; ``page.facts``.
    """

    def __init__(self, facts: PageFacts) -> None:
        self.facts = facts

    @property
    def route(self) -> str:
        """How the page reached the lab: ``"direct"`` or ``"proxy"``."""
        return self.facts.route

    @property
    def distorted(self) -> tuple[Distortion, ...]:
        """What that way is known to change; empty for ``"direct"``."""
        return distortions(self.facts.route)  # type: ignore[arg-type]  # it refuses what is no route

    @property
    def measured_in(self) -> str:
        """The browser and its way to the lab, as one sentence."""
        return f"Measured in {self.facts.browser}, which reached the lab {_WAYS[self.route]}."

    def __repr__(self) -> str:
        changed = (f"- {each.name}: {each.happens}" for each in self.distorted)
        heading = [f"{self._heading}:"] if self.distorted else []
        return "\n".join((super().__repr__(), self.measured_in, *heading, *changed))

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        with pd.option_context("display.max_colwidth", None):  # a cell may hold a sentence
            shown = super()._repr_mimebundle_(**kwargs)
        html = f"{shown['text/html']}<p>{escape(self.measured_in)}</p>"
        if self.distorted:
            rows = (f"<li>{escape(f'{each.name}: {each.happens}')}</li>" for each in self.distorted)
            html += f"<details><summary>{self._heading}</summary><ul>{''.join(rows)}</ul></details>"
        return {"text/plain": repr(self), "text/html": html}

    @property
    def _heading(self) -> str:
        return f"That way is known to change {len(self.distorted)} things"
