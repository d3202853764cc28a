"""Postman's program for the command line, and Newman: what they check, and what they run."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rtlab.errors import LabError, MissingExtra
from rtlab.tools.places import tools_folder
from rtlab.tools.program import Ended, find_program, run_program

INSTALL = {
    "postman": "npm install --global postman-cli",
    "newman": "npm install --global newman",
}
RUNNERS = tuple(INSTALL)
_SKIPPED = re.compile(r"[Ss]kipping (\d+) unsupported item")


@dataclass(frozen=True, slots=True)
class PostmanRun:
    """What running a collection came to.

    Attributes:
        program: ``"postman"`` or ``"newman"``.
        requests: How many requests were made; above 0, or nothing was proved.
        tests: How many tests ran; above 0 likewise.
        failed: The tests that failed: request, test and error in one line each.
    """

    program: str
    requests: int
    tests: int
    failed: tuple[str, ...]


def find_runner(program: str) -> str:
    """Give the way to one of the programs.

    Args:
        program: ``"postman"`` or ``"newman"``.

    Raises:
        MissingExtra: It is not installed.
    """
    found = find_program(program, tools_folder() / "postman" / "node_modules" / ".bin")
    if found is None:
        raise MissingExtra(f"{program} is not installed here. Install it: {INSTALL[program]}")
    return found


def lint(folder: Path, work: Path, *, timeout_s: float = 180.0) -> int:
    """Let the Postman CLI check the form of a collection of format 3.

    Args:
        folder: The collection's folder.
        work: A folder for what the program says.
        timeout_s: How long it may take, in seconds.

    Returns:
        How many files were checked.

    Raises:
        MissingExtra: It is not installed.
        WaitTimeout: It did not end in time and was killed.
        LabError: It found a mistake, or looked at no file: it passes over what it does not know without a word.
    """
    ended = run_program([find_runner("postman"), "collection", "lint", "-r", "json", str(folder)], work, timeout_s)
    report = _json_in(ended)
    if report.get("errorCount", 1):
        told = "; ".join(
            f"{each.get('code', '')} {each.get('message', '')}" for each in report.get("diagnostics", ())
        )
        raise LabError(f"The Postman CLI finds mistakes in {folder.name}: {told[:400]}")
    files = report.get("filesScanned")
    if not files:
        raise LabError(f"The Postman CLI looked at no file of {folder.name}, so nothing was checked.")
    return int(files)


def migrate(collection: Path, work: Path, *, timeout_s: float = 180.0) -> Path:
    """Let the Postman CLI turn a collection of format 2.1 into one of format 3, which it can check.

    Args:
        collection: The JSON file.
        work: Where the new folder comes.
        timeout_s: How long it may take, in seconds.

    Returns:
        The new collection's folder.

    Raises:
        MissingExtra: It is not installed.
        WaitTimeout: It did not end in time and was killed.
        LabError: No collection came.
    """
    ended = run_program([find_runner("postman"), "collection", "migrate", str(collection)], work, timeout_s)
    made = sorted(work.glob("*/.resources/definition.yaml"))
    if ended.exit_code or not made:
        raise LabError(f"The Postman CLI made no collection. It said: {ended.last_words}")
    return made[-1].parents[1]


def run_collection(
    collection: Path, work: Path, *, program: str = "newman", timeout_s: float = 180.0
) -> PostmanRun:
    """Run a collection of format 2.1 without a screen; its streams must end by themselves.

    Args:
        collection: The JSON file.
        work: A folder for the report.
        program: ``"newman"`` or ``"postman"``.
        timeout_s: How long it may take, in seconds; neither program stops an endless stream by itself.

    Returns:
        How many requests and tests ran, and which failed.

    Raises:
        MissingExtra: It is not installed.
        WaitTimeout: It did not end in time and was killed.
        LabError: It left no report, or made no request or no test: Newman can end without either and call it fine.
    """
    report = work / f"{program}.json"
    command = [find_runner(program), *(("collection",) if program == "postman" else ()), "run", str(collection)]
    command += ["-r", "json", "--reporter-json-export", str(report)]
    if program == "postman":
        command += ["--reporter-json-structure", "newman"]
    ended = run_program(command, work, timeout_s)
    try:
        run = json.loads(report.read_text(encoding="utf-8"))["run"]
        requests, tests = run["stats"]["requests"]["total"], run["stats"]["assertions"]["total"]
        failed = tuple(_failure(each) for each in run["failures"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LabError(
            f"{program} left no report that can be read ({error!r}). It said: {ended.last_words}"
        ) from error
    if not requests or not tests:
        raise LabError(f"{program} made {requests} requests and {tests} tests, so nothing was proved.")
    return PostmanRun(program, requests, tests, failed)


def skipped_sockets(folder: Path, work: Path, *, timeout_s: float = 180.0) -> int:
    """Tell how many WebSocket requests the Postman CLI passes over when it runs a collection of format 3.

    Args:
        folder: The collection's folder.
        work: A folder for what it says.
        timeout_s: How long it may take, in seconds.

    Raises:
        MissingExtra: It is not installed.
        WaitTimeout: It did not end in time and was killed.
        LabError: It says nothing of requests that it skips; then it may run them by now, and this page is old.
    """
    ended = run_program([find_runner("postman"), "collection", "run", str(folder)], work, timeout_s)
    found = _SKIPPED.search(f"{ended.output} {ended.last_words}")
    if found is None:
        raise LabError(f"The Postman CLI does not say that it skipped anything. It said: {ended.last_words}")
    return int(found[1])


def _failure(entry: Mapping[str, Any]) -> str:
    error = entry["error"]
    return f"{entry.get('source', {}).get('name', '')}: {error.get('test', error['name'])}: {error['message']}"


def _json_in(ended: Ended) -> dict[str, Any]:
    start, end = ended.output.find("{"), ended.output.rfind("}")
    try:
        found = json.loads(ended.output[start : end + 1])
    except ValueError as error:
        raise LabError(f"The Postman CLI gave no report. It said: {ended.last_words}") from error
    return found if isinstance(found, dict) else {}
