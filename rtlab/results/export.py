"""``export()``: one door to everything that an experiment can become for other tools."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rtlab.errors import InputError
from rtlab.exports.scenario import Scenario
from rtlab.results.comparison import Comparison
from rtlab.results.decision_record import decision_record
from rtlab.results.direction import Finding
from rtlab.results.documents import Documents, documents
from rtlab.results.postman import collection_files
from rtlab.results.scripts import WRITERS, scenario
from rtlab.results.text_files import write_files
from rtlab.servers.lab import Lab


def export(what: str, of: Any, *, folder: str | os.PathLike[str] | None = None, **settings: Any) -> dict[str, str]:
    """Turn an experiment into files for other tools.

    Args:
        what: ``"k6"``, ``"gatling"``, ``"locust"``, ``"jmeter"`` or ``"artillery"`` for a load script;
            ``"asyncapi"``, ``"openapi"`` or ``"postman"`` for a description; ``"decision record"`` for a record.
        of: For a script, a scenario or a lab; for a description, what ``documents()`` gave or a lab; for a record,
            one result or several.
        folder: Where to write the files; it is made if it is not there. None writes none.
        settings: With a lab what ``scenario()`` or ``documents()`` takes, such as ``connections=10``; for a record
            what ``decision_record()`` takes.

    Returns:
        The text of each file by its name.

    Raises:
        InputError: There is no such export, or it cannot be made of that.
        RecordingError: A file cannot be written.
    """
    if settings and what != "decision record" and not isinstance(of, Lab):
        raise InputError(f"{', '.join(settings)}: settings go with a lab; this {type(of).__name__} has its own.")
    if what in WRITERS:
        work = scenario(of, **settings) if isinstance(of, Lab) else of
        _require(work, Scenario, what, "a lab, or what scenario() gave")
        files = {name: write(work) for name, write in WRITERS[what].items()}
    elif what in _DESCRIPTIONS:
        known = documents(of, **settings) if isinstance(of, Lab) else of
        _require(known, Documents, what, "a lab, or what documents() gave")
        files = _DESCRIPTIONS[what](known)
    elif what == "decision record":
        results: Sequence[Any] = of if isinstance(of, list | tuple) else [of]
        for each in results:
            _require(each, (Finding, Comparison), what, "a result, or a list of results")
        title = settings.pop("title", "Server-Sent Events or WebSocket")
        files = {"decision-record.md": decision_record(title, *results, **settings).markdown}
    else:
        names = ", ".join([*WRITERS, *_DESCRIPTIONS, "decision record"])
        raise InputError(f"There is no export {what!r}; there are {names}.")
    if folder is not None:
        write_files(files, Path(folder))
    return files


def _described(known: Documents, format: Any) -> dict[str, str]:
    return {f"{format}.json": json.dumps(known.of(format), indent=2) + "\n"}


_DESCRIPTIONS: dict[str, Callable[[Documents], dict[str, str]]] = {
    "asyncapi": lambda known: _described(known, "asyncapi"),
    "openapi": lambda known: _described(known, "openapi"),
    "postman": lambda known: collection_files(known.catalogue, known.title),
}


def _require(value: object, kinds: type | tuple[type, ...], what: str, wanted: str) -> None:
    if not isinstance(value, kinds):
        raise InputError(f"An export for {what} is made of {wanted}, not of a {type(value).__name__}.")
