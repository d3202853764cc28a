"""``bench()``: a suite of measurements, one after the other, kept in a file and told in one report."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, Self

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab import clock
from rtlab.errors import InputError
from rtlab.figures.reference import add_reference, title_of
from rtlab.json_file import load_json, save_json
from rtlab.results.chapter import Chapter, chapter_from_json, chapter_to_json, shown
from rtlab.results.progress import ProgressBar
from rtlab.results.quiet import quiet
from rtlab.results.report import write_page
from rtlab.results.suite import EFFORTS, SUITE, Effort, Measurement, chosen
from rtlab.surroundings import place

FORMAT = "rtlab-bench-1"
TITLE = "Real-time transports, measured"
_MACHINE = ("cpu", "cores", "platform", "python", "rtlab")
"""Measurements that differ in one of these do not belong into one report."""


@dataclass(frozen=True, slots=True, eq=False)
class Bench:
    """What a suite found, complete or not.

    Attributes:
        effort: How much time it took itself.
        conditions: Machine, versions and date.
        chapters: One for each measurement that was begun and not interrupted.
        missing: The names of those that were asked for and not made.
    """

    effort: Effort
    conditions: Mapping[str, str | int | float | bool]
    chapters: tuple[Chapter, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The machine and the date, for people."""
        cpu, cores, system, python, date = (
            str(self.conditions.get(name)) for name in ("cpu", "cores", "platform", "python", "date_utc")
        )
        return f"{cpu}, {cores} cores, {system}, Python {python}, {date[:10]}"

    @property
    def file_name(self) -> str:
        """A file's name that tells the machine and the date."""
        return re.sub(r"[^a-z0-9.]+", "-", self.label.lower()).strip("-") + ".json"

    @property
    def failed(self) -> tuple[str, ...]:
        """The names of the measurements that failed."""
        return tuple(chapter.name for chapter in self.chapters if chapter.error)

    @property
    def notice(self) -> str:
        """What the reader must know first; empty if everything was measured."""
        gaps = ((self.failed, "failed"), (self.missing, "not measured"))
        parts = [f"{', '.join(names)} {what}" for names, what in gaps if names]
        return f"This report is not complete: {'; '.join(parts)}." if parts else ""

    def __getitem__(self, name: str) -> Chapter:
        """Give a measurement by its name.

        Raises:
            InputError: It is not there.
        """
        for chapter in self.chapters:
            if chapter.name == name:
                return chapter
        there = ", ".join(chapter.name for chapter in self.chapters)
        raise InputError(f"There is no measurement {name!r} here; there are: {there or 'none'}.")

    def behind(self, figure: go.Figure) -> go.Figure:
        """Draw what was found here behind another figure of the same kind, in grey.

        Args:
            figure: A figure of a learner's own result; it is changed.

        Returns:
            The same figure.

        Raises:
            InputError: There is no figure of this kind here.
        """
        kind = title_of(figure)
        for chapter in self.chapters:
            for own in chapter.figures:
                if title_of(own) == kind:
                    return add_reference(figure, own, self.label)
        raise InputError(f"There is no figure {kind!r} in the run of {self.label}.")

    def html(self, path: str | os.PathLike[str], *, author: str = "") -> Path:
        """Write one page that opens anywhere without a network, fit to hand in.

        Args:
            path: Where to; an older file is replaced.
            author: Who hands it in.

        Raises:
            RecordingError: The file cannot be written.
        """
        conditions = {"effort": self.effort, **self.conditions}
        return write_page(path, TITLE, self.chapters, conditions, author=author, notice=self.notice)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write everything to a JSON file; an older one is replaced only when the new one is complete.

        Args:
            path: The file, or a folder: then the file is named by the machine and the date.

        Raises:
            RecordingError: The file cannot be written.
        """
        target = Path(path)
        target = target / self.file_name if target.is_dir() else target
        content = {
            "effort": self.effort,
            "conditions": dict(self.conditions),
            "missing": self.missing,
            "chapters": [chapter_to_json(chapter) for chapter in self.chapters],
        }
        return save_json(content, target, format=FORMAT, what="bench")

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read measurements that were saved.

        Raises:
            RecordingError: The file is missing, damaged, or of a later format.
        """
        return cls(*load_json(path, _parts, format=FORMAT, what="bench"))

    def __repr__(self) -> str:
        lines = [f"{chapter.name}: {chapter.error or chapter.text}" for chapter in self.chapters]
        return "\n".join([self.label, *lines, *([self.notice] if self.notice else [])])

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        rows = "".join(
            f"<dt>{escape(chapter.question)}</dt><dd>{escape(chapter.error or chapter.text)}</dd>"
            for chapter in self.chapters
        )
        return {"text/plain": repr(self), "text/html": f"<dl>{rows}</dl><p>{escape(self.notice or self.label)}</p>"}


def bench(
    only: Sequence[str] | None = None,
    *,
    effort: Effort = "normal",
    path: str | os.PathLike[str] | None = None,
    resume: bool = False,
    progress: bool = True,
    tell: Callable[[Chapter], None] | None = None,
    suite: Sequence[Measurement] = SUITE,
) -> Bench:
    """Make the measurements of a suite, one after the other; nothing is drawn while one is on.

    A measurement that fails is named in the result, and the others go on. An interrupt ends the suite and keeps
    what is there: the names of the rest are in ``missing``.

    Args:
        only: Names of measurements; all if left out.
        effort: ``"quick"``, ``"normal"`` or ``"thorough"``.
        path: A JSON file that is written after each measurement.
        resume: Keep what ``path`` already has, if it exists, and measure only what failed or is missing.
        progress: Show a progress bar; it moves between measurements only.
        tell: Called with each chapter when it is done.
        suite: What there is to measure.

    Returns:
        Text, tables, figures and checks of each measurement; ``.html(path)`` writes the report.

    Raises:
        InputError: A setting cannot work, or the file to go on with is from elsewhere.
        RecordingError: The file cannot be read or written.
    """
    if effort not in EFFORTS:
        raise InputError(f"effort: {', '.join(EFFORTS)}.")
    if resume and (path is None or Path(path).is_dir()):
        raise InputError("To resume needs the file that the measurements were saved to, by its name.")
    asked = chosen(tuple(suite), tuple(only) if only else None)
    conditions = place.conditions()
    kept: dict[str, Chapter] = {}
    if resume and path is not None and Path(path).exists():
        before = Bench.load(path)
        kept = _kept(before, effort, conditions)
        conditions = dict(before.conditions)
    made = dict(kept)

    def result() -> Bench:
        order = [*(measurement.name for measurement in suite), *made]
        chapters = tuple(made[name] for name in dict.fromkeys(order) if name in made)
        missing = tuple(measurement.name for measurement in asked if measurement.name not in made)
        return Bench(effort, conditions, chapters, missing)

    with ProgressBar(progress, unit="measurement") as bar:
        try:
            for done, measurement in enumerate(asked):
                bar.tell(done, len(asked), measurement.name)
                if measurement.name in kept:
                    continue
                made[measurement.name] = _measure(measurement, effort)
                if path is not None:
                    result().save(path)
                if tell:
                    bar.clear()
                    tell(made[measurement.name])
        except KeyboardInterrupt:
            pass  # what is there is kept, and the result says what is missing
    found = result()
    if path is not None:
        found.save(path)
    return found


def _measure(measurement: Measurement, effort: Effort) -> Chapter:
    began_ns, date_utc = clock.now_ns(), clock.date_utc()
    found: dict[str, Any] = {"validity": quiet()}
    try:
        result = shown(measurement.measure(effort))
        found |= result | {"validity": pd.concat([found["validity"], result["validity"]], ignore_index=True)}
    except Exception as error:  # whatever it is, the other measurements shall not suffer
        found["error"] = f"{type(error).__name__}: {error}"
    return Chapter(
        name=measurement.name,
        question=measurement.question,
        method=measurement.method,
        limits=measurement.limits,
        date_utc=date_utc,
        seconds=round((clock.now_ns() - began_ns) / 1e9, 1),
        **found,
    )


def _kept(before: Bench, effort: Effort, conditions: Mapping[str, Any]) -> dict[str, Chapter]:
    """Give what an earlier run found, if it belongs to this one."""
    differing = [name for name in _MACHINE if before.conditions.get(name) != conditions.get(name)]
    if before.effort != effort or differing:
        what = "another effort" if before.effort != effort else f"another {differing[0]}"
        raise InputError(f"The measurements to go on with were made with {what}; choose another file.")
    return {chapter.name: chapter for chapter in before.chapters if not chapter.error}


def _parts(content: dict[str, Any]) -> tuple[Effort, dict[str, Any], tuple[Chapter, ...], tuple[str, ...]]:
    chapters = tuple(chapter_from_json(chapter) for chapter in content["chapters"])
    return content["effort"], dict(content["conditions"]), chapters, tuple(content["missing"])
