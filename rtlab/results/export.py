"""``export()``: one door to everything that an experiment can become for other tools."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rtlab.errors import InputError, RecordingError
from rtlab.exports.postman import postman_collection, postman_sockets
from rtlab.exports.scenario import Scenario
from rtlab.results.comparison import Comparison
from rtlab.results.decision_record import decision_record
from rtlab.results.direction import Finding
from rtlab.results.documents import Documents, documents
from rtlab.results.scripts import scenario, scripts
from rtlab.servers.lab import Lab

_SCRIPTS = {
    "k6": ("k6.",),
    "gatling": (".java",),
    "locust": ("locustfile.",),
    "jmeter": (".jmx",),
    "artillery": ("artillery", ".yml"),
}


def export(what: str, of: Any, *, folder: str | os.PathLike[str] | None = None, **settings: Any) -> dict[str, str]:
    """Turn an experiment into files for other tools.

    Args:
        what: ``"k6"``, ``"gatling"``, ``"locust"``, ``"jmeter"`` or ``"artillery"`` for a load script;
            ``"asyncapi"``, ``"openapi"`` or ``"postman"`` for a description; ``"decision record"`` for a record.
        of: For a script, a scenario or a lab; for a description, what ``documents()`` gave or a lab; for a record,
            one result or several.
        folder: Where to write the files; it is made if it is not there. None writes none.
        settings: What ``scenario()``, ``documents()`` or ``decision_record()`` takes, such as ``connections=10``.

    Returns:
        The text of each file by its name.

    Raises:
        InputError: There is no such export, or it cannot be made of that.
        RecordingError: A file cannot be written.
    """
    if what in _SCRIPTS:
        work = scenario(of, **settings) if isinstance(of, Lab) else of
        _require(work, Scenario, what, "a lab, or what scenario() gave")
        files = {name: text for name, text in scripts(work).items() if _belongs(name, what)}
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
        names = ", ".join([*_SCRIPTS, *_DESCRIPTIONS, "decision record"])
        raise InputError(f"There is no export {what!r}; there are {names}.")
    if folder is not None:
        _write(files, Path(folder))
    return files


def _belongs(name: str, tool: str) -> bool:
    first, *rest = _SCRIPTS[tool]
    return first in name or any(each in name for each in rest)


def _described(known: Documents, format: Any) -> dict[str, str]:
    return {f"{format}.json": json.dumps(known.of(format), indent=2) + "\n"}


def _collections(known: Documents) -> dict[str, str]:
    http = postman_collection(known.catalogue, title=known.title)
    sockets = {f"postman-sockets/{name}": text for name, text in postman_sockets(known.catalogue).items()}
    return {"postman.json": json.dumps(http, indent=2) + "\n", **sockets}


_DESCRIPTIONS: dict[str, Callable[[Documents], dict[str, str]]] = {
    "asyncapi": lambda known: _described(known, "asyncapi"),
    "openapi": lambda known: _described(known, "openapi"),
    "postman": _collections,
}


def _require(value: object, kinds: type | tuple[type, ...], what: str, wanted: str) -> None:
    if not isinstance(value, kinds):
        raise InputError(f"An export for {what} is made of {wanted}, not of a {type(value).__name__}.")


def _write(files: dict[str, str], folder: Path) -> None:
    for name, text in files.items():
        path = folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise RecordingError(f"{name} cannot be written: {error}.") from error
