"""``tools()`` and ``support()``: which load tools are here, what each can see, and what is known of each."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from rtlab.errors import MissingExtra
from rtlab.findings.tools import Ability, Support
from rtlab.results.direction import Finding
from rtlab.tables.tools import tool_abilities_table, tool_support_table
from rtlab.tools.catalogue import TOOLS
from rtlab.tools.kept import shipped_support
from rtlab.tools.tool import Tool

_WORDS = {
    ("sse", "single"): "single events",
    ("websocket", "single"): "single messages",
    ("sse", "whole"): "the whole body",
}


class Tools(Finding):
    """What each tool can see, and whether it is here.

    Args:
        abilities: One for each tool.
    """

    def __init__(self, abilities: Sequence[Ability]) -> None:
        self.abilities = tuple(abilities)

    @property
    def table(self) -> pd.DataFrame:
        """One row a tool (``describe("tool_abilities")``)."""
        return tool_abilities_table(self.abilities)

    @property
    def text(self) -> str:
        """Which tools are here, as one sentence."""
        here = [each.tool for each in self.abilities if each.here]
        return f"Installed here: {', '.join(here)}." if here else "None of these tools is installed here."


class SupportTable(Finding):
    """What is known of each system that the article names.

    Args:
        systems: One for each.
    """

    def __init__(self, systems: Sequence[Support]) -> None:
        self.systems = tuple(systems)

    @property
    def table(self) -> pd.DataFrame:
        """One row a system (``describe("tool_support")``)."""
        return tool_support_table(self.systems)

    @property
    def dull(self) -> list[str]:
        """The day, if it is one for all; then the text names it."""
        return ["date"] if len({each.date for each in self.systems}) == 1 else []

    @property
    def text(self) -> str:
        """How many ran, and when, as one sentence."""
        ran = [each.system for each in self.systems if each.ran == "ran"]
        not_run = [each.system for each in self.systems if each.ran == "not run"]
        dates = " and ".join(sorted({each.date for each in self.systems}))
        return f"{len(ran)} of {len(self.systems)} ran, seen on {dates}; not run: {', '.join(not_run) or 'none'}."


def tools() -> Tools:
    """List the load tools that rtlab can run: what each sees, whether it is here, and how to install it.

    Nothing is started; the version of a tool stands in its runs.
    """
    return Tools([_ability(tool) for tool in TOOLS.values()])


def support() -> SupportTable:
    """Tell of each system that the article names whether it ran, with which command, and what it said.

    Raises:
        RecordingError: The file that came with rtlab is damaged.
    """
    return SupportTable(shipped_support())


def _ability(tool: Tool) -> Ability:
    try:
        tool.find()
        here = True
    except MissingExtra:
        here = False
    sse, websocket = (_WORDS.get((name, tool.sees.get(name, "")), "no") for name in ("sse", "websocket"))
    latency = "both" if len(tool.ages) == 2 else "".join(tool.ages) or "no"
    return Ability(tool.name, here, sse, websocket, latency, tool.install)
