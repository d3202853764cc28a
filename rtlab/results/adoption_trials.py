"""What stacks take and how they do: as a table, and in three figures."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.conformance.vectors import websocket_vectors
from rtlab.errors import InputError
from rtlab.figures.adoption import figure_adoption
from rtlab.figures.kept_rules import figure_kept_rules
from rtlab.figures.resume_lines import figure_resume_lines
from rtlab.findings.adoption import StackTrial
from rtlab.results.direction import Finding
from rtlab.stacks.archive import save_trials
from rtlab.tables.adoption import adoption_table
from rtlab.tables.releases import kept_rules_table
from rtlab.widgets.predict import Predict

View = Literal["cost", "resume", "rules"]


class Adoption(Finding):
    """What stacks take, and how they do.

    Args:
        trials: One a stack.
        here: The names of those that were measured just now.
        notes: Why others were not, by name.
    """

    def __init__(self, trials: Sequence[StackTrial], here: Sequence[str], notes: dict[str, str]) -> None:
        self.trials = tuple(trials)
        self._here = tuple(here)
        self._notes = dict(notes)

    @property
    def table(self) -> pd.DataFrame:
        """One row a stack (``describe("adoption")``)."""
        return adoption_table(self.trials, self._here, self._notes)

    @property
    def dull(self) -> list[str]:
        """The columns that say nothing here, or only something to who looks twice."""
        table = self.table
        empty = [name for name in map(str, table) if table[name].isna().all() or (table[name] == "").all()]
        known = [
            "stack",
            "language",
            "version",
            "licence",
            "released",
            "tools",
            "platform",
            "cuts",
            "unimplemented",
        ]
        return [name for name in table if name in known or name in empty]

    @property
    def text(self) -> str:
        """What resume costs to write, what was lost, and what is old, in a few sentences."""
        streams = [trial for trial in self.trials if trial.sent is not None]
        parts = []
        if streams:
            costs = sorted({trial.resume_lines for trial in streams})
            lost, doubled = (sum(getattr(each, name) for each in streams) for name in ("lost", "doubled"))
            parts.append(
                f"Resume takes {_from_to(costs)} lines of the server; after cuts of the line {lost} of "
                f"{sum(trial.sent or 0 for trial in streams)} events were lost, and {doubled} came again."
            )
        sockets = [trial for trial in self.trials if trial.failed is not None]
        if sockets:
            failing = sum(bool(trial.failed) for trial in sockets)
            parts.append(f"{failing} of {len(sockets)} WebSocket servers fail at least one vector.")
        if any(trial.events_per_s or trial.echoes_per_s for trial in self.trials):
            parts.append(
                "Events and echoes a second are of a short bench with one connection: an order of magnitude."
            )
        old = [trial for trial in self.trials if trial.stack not in self._here]
        if old and len(old) == len(self.trials):
            dates = sorted({trial.date_utc[:10] for trial in old})
            parts.append(f"This came with rtlab and was not measured here, but on {_from_to(dates)}.")
        elif old:
            told = ", ".join(f"{trial.title} ({trial.date_utc[:10]})" for trial in old)
            parts.append(f"Not measured here, but at the date given: {told}.")
        parts += [note for name, note in self._notes.items() if all(trial.stack != name for trial in self.trials)]
        return " ".join(parts)

    @property
    def rules(self) -> pd.DataFrame:
        """One row a WebSocket server and group of rules (``describe("kept_rules")``)."""
        groups = {vector.id: vector.group for vector in websocket_vectors()}
        rows = []
        for trial in self.trials:
            if trial.failed is not None:
                failed = Counter(groups.get(vector) for vector in trial.deviations)
                for group in dict.fromkeys(groups.values()):
                    rows.append({"title": trial.title, "group": group, "failed": failed[group]})
        return kept_rules_table(rows)

    def figure(self, view: View = "cost", *, guess: Predict | float | None = None) -> go.Figure:
        """Draw what the stacks take, what resume costs, or which rules they break.

        Args:
            view: ``"cost"``, ``"resume"`` or ``"rules"``.
            guess: For ``"resume"``: how many lines the learner expects; an unanswered one is not drawn.

        Raises:
            InputError: There is no such view.
        """
        match view:
            case "cost":
                return figure_adoption(self.table)
            case "resume":
                value = guess.value if isinstance(guess, Predict) else guess
                lines = float(value) if isinstance(value, int | float) and value > 0 else None
                return figure_resume_lines(self.table, guess_lines=lines)
            case "rules":
                return figure_kept_rules(self.rules)
        raise InputError(f"There is no view {view!r}; ask for 'cost', 'resume' or 'rules'.")

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write what was measured, with dates and versions, as JSON.

        Raises:
            RecordingError: The file cannot be written.
        """
        return save_trials(self.trials, path)


def _from_to(values: Sequence[object]) -> str:
    return " to ".join(dict.fromkeys((str(values[0]), str(values[-1]))))
