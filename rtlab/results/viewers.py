"""``viewers()``: what can show documents here, and how to fetch it."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from rtlab.results.direction import Finding
from rtlab.tables.documents import viewers_table
from rtlab.tools import viewers as known
from rtlab.tools.viewers import VIEWERS, Viewer


class Viewers(Finding):
    """The viewers, and whether they are here.

    Args:
        viewers: One for each format.
    """

    def __init__(self, viewers: Sequence[Viewer]) -> None:
        self.viewers = tuple(viewers)

    @property
    def table(self) -> pd.DataFrame:
        """One row a viewer (``describe("viewers")``)."""
        return viewers_table(
            {
                "format": each.format,
                "viewer": each.name,
                "version": each.version,
                "here": each.there,
                "licence": each.licence,
                "package": each.package,
            }
            for each in self.viewers
        )

    @property
    def text(self) -> str:
        """How to fetch what is missing, as one sentence."""
        if all(each.there for each in self.viewers):
            return f"All are here; they lie in {self.viewers[0].folder.parent} and need no network."
        return (
            "Fetch them once, some 13 MB by npm: rtlab.tooling.viewers(fetch=True). Until then there is an outline."
        )


def viewers(*, fetch: bool = False) -> Viewers:
    """Tell which viewers of documents are here, or fetch them.

    Args:
        fetch: Fetch those that are not here, with npm, into the folder of rtlab's tools.

    Returns:
        One row a viewer.

    Raises:
        MissingExtra: npm is not installed.
        LabError: npm did not give a package.
        WaitTimeout: npm did not end in time.
    """
    if fetch:
        for each in VIEWERS.values():
            if not each.there:
                known.fetch(each)
    return Viewers(tuple(VIEWERS.values()))
