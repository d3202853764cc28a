"""``postman()``: collections for both endpoints, checked and, as far as that is possible, run."""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from rtlab.errors import MissingExtra
from rtlab.experiments.ended_streams import EndedStreams
from rtlab.experiments.observation import Application, publish_prices
from rtlab.exports.postman import postman_collection, postman_sockets
from rtlab.findings.documents import Catalogue, PostmanStep
from rtlab.json_file import load_json, save_json
from rtlab.resources import data_path
from rtlab.results.direction import Finding
from rtlab.results.documents import Documents, documents
from rtlab.results.text_files import write_files
from rtlab.servers.lab import Lab, start_lab
from rtlab.surroundings import place
from rtlab.tables.documents import postman_table
from rtlab.tools import postman as programs

FORMAT = "rtlab postman 1"
_HTTP = "HTTP and event streams"
_SOCKETS = "WebSocket"
_SOCKETS_FOLDER = "postman-sockets"


class Postman(Finding):
    """Two collections, and what Postman's programs made of them.

    Args:
        catalogue: What was seen on the channels.
        title: The collections' name.
        steps: What was done with them.
    """

    def __init__(self, catalogue: Catalogue, title: str, steps: tuple[PostmanStep, ...]) -> None:
        self.catalogue = catalogue
        self.title = title
        self.steps = steps

    @property
    def table(self) -> pd.DataFrame:
        """One row a step (``describe("postman_steps")``)."""
        return postman_table(self.steps)

    @property
    def text(self) -> str:
        """What can be tested without a screen, as one sentence."""
        ran = next((step for step in self.steps if step.collection == _HTTP and step.tests), None)
        streams = (
            f"{ran.program} ran {ran.tests} tests on streams that end, {ran.failed} failed"
            if ran
            else "nothing was run here"
        )
        said = next((step.outcome for step in self.steps if step.collection == _SOCKETS and step.step == "run"), "")
        sockets = f"; of the WebSocket collection the run says: {said}" if ran and said else ""
        return f"{streams[0].upper()}{streams[1:]}{sockets}. Messages one by one are seen in Postman's window only."

    @property
    def dull(self) -> list[str]:
        """Counts of which there are none."""
        return [name for name in ("files", "requests", "tests", "failed") if not self.table[name].any()]

    def save(self, folder: str | Path) -> tuple[Path, ...]:
        """Write both collections.

        Args:
            folder: Where to; it is made if it is not there. Files of these names are replaced.

        Returns:
            The file of format 2.1, and the files of format 3 in their folder.

        Raises:
            RecordingError: A file cannot be written.
        """
        return write_files(collection_files(self.catalogue, self.title), Path(folder))


def collection_files(catalogue: Catalogue, title: str) -> dict[str, str]:
    """Give the collection for HTTP, and the folder of the one for WebSockets.

    Returns:
        The text of each file by its name; the one for HTTP comes first.
    """
    http = json.dumps(postman_collection(catalogue, title=title), indent=2) + "\n"
    sockets = {f"{_SOCKETS_FOLDER}/{name}": text for name, text in postman_sockets(catalogue).items()}
    return {"postman.json": http, **sockets}


def postman(lab: Lab, described: Documents | None = None, application: Application = publish_prices) -> Postman:
    """Make Postman collections for a lab's channels, check them, and run what can be run.

    The collection for HTTP and event streams is run against the lab; each stream is ended after one round of the
    application, for an endless one never passes. The one for WebSockets is checked only.

    Args:
        lab: The running lab, in this kernel.
        described: What ``documents()`` gave; None describes the channel ``news``.
        application: Called once with the lab for each round; it publishes some messages.

    Returns:
        What was checked and run, with which program; a program that is missing has a row that says so.

    Raises:
        LabError: A program found a mistake in a collection or ran nothing, or the application failed.
        WaitTimeout: A program did not end in time.
    """
    known = described or documents(lab, application=application)
    with tempfile.TemporaryDirectory(prefix="rtlab-postman-") as temporary:
        work = Path(temporary)
        collection = write_files(collection_files(known.catalogue, known.title), work / "made")[0]
        sockets = collection.parent / _SOCKETS_FOLDER
        steps = (
            _checked(_HTTP, collection, work),
            _checked(_SOCKETS, sockets, work),
            *(_run(program, lab, application, collection, work) for program in programs.RUNNERS),
            _run_sockets(sockets, work),
        )
    return Postman(known.catalogue, known.title, steps)


def _checked(name: str, collection: Path, work: Path) -> PostmanStep:
    try:
        # The check passes over format 2.1 without a word, so that is turned into format 3 first.
        folder = collection if collection.is_dir() else programs.migrate(collection, work)
        files = programs.lint(folder, work)
    except MissingExtra as error:
        return _missing(name, "postman", "checked", error)
    return PostmanStep(name, "postman", "checked", files, 0, 0, 0, "no mistake found")


def _run(program: str, lab: Lab, application: Application, collection: Path, work: Path) -> PostmanStep:
    try:
        with EndedStreams(lab, application):
            found = programs.run_collection(collection, work, program=program)
    except MissingExtra as error:
        return _missing(_HTTP, program, "run", error)
    outcome = "; ".join(found.failed) or "every test passed"
    return PostmanStep(_HTTP, program, "run", 0, found.requests, found.tests, len(found.failed), outcome)


def _run_sockets(folder: Path, work: Path) -> PostmanStep:
    try:
        skipped = programs.skipped_sockets(folder, work)
    except MissingExtra as error:
        return _missing(_SOCKETS, "postman", "run", error)
    return PostmanStep(_SOCKETS, "postman", "run", 0, 0, 0, 0, f"{skipped} WebSocket requests were skipped")


def _missing(collection: str, program: str, step: Literal["checked", "run"], error: MissingExtra) -> PostmanStep:
    """Say how to install a program, and what it did on the day when it was kept; nothing of that is counted."""
    date, kept = load_json(data_path("postman", "reference.json"), _kept, format=FORMAT, what="Postman run")
    match = (each for each in kept if (each.collection, each.program, each.step) == (collection, program, step))
    told = "".join(f" Kept from {date}: {_counted(each)}{each.outcome}." for each in match)
    return PostmanStep(collection, program, step, 0, 0, 0, 0, f"{error}.{told}")


def _counted(step: PostmanStep) -> str:
    if step.files:
        return f"{step.files} files checked; "
    return f"{step.requests} requests, {step.tests} tests, {step.failed} failed; " if step.requests else ""


def _kept(content: dict[str, Any]) -> tuple[str, tuple[PostmanStep, ...]]:
    return content["conditions"]["date_utc"][:10], tuple(PostmanStep(**each) for each in content["steps"])


def main() -> None:
    """Run both programs, and keep what they did in the file that is named."""
    for program in programs.RUNNERS:
        programs.find_runner(program)
    with start_lab("postman") as lab:
        steps = [asdict(step) for step in postman(lab).steps]
    content = {"conditions": place.conditions(), "steps": steps}
    save_json(content, Path(sys.argv[1]), format=FORMAT, what="Postman run")


if __name__ == "__main__":
    main()
