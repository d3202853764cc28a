"""Schemathesis holds each event of a stream against an OpenAPI document, once the stream has ended."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rtlab.codecs.sse import EventStreamDecoder
from rtlab.errors import LabError, MissingExtra
from rtlab.findings.documents import Breach, ContractCheck
from rtlab.tools.program import find_program, run_program

INSTALL = "pip install schemathesis"
_REQUEST_TIMEOUT_S = 20
_FINE_CODES = (0, 1)  # 1: it found something
_EXAMPLES = 5
_LONGEST_TEXT = 160
_NAME = re.compile(r'"event": "([^"]*)"')


def find_schemathesis() -> str:
    """Give the way to the program.

    Raises:
        MissingExtra: It is not installed.
    """
    found = find_program("schemathesis")
    if found is None:
        raise MissingExtra(f"Schemathesis is not installed here. Install it: {INSTALL}")
    return found


def check_streams(
    document: Mapping[str, Any], http_url: str, folder: Path, *, ca_pem: str = "", timeout_s: float = 120.0
) -> ContractCheck:
    """Let Schemathesis ask for the streams of a document, a few times each with and without a last event ID.

    The streams must end by themselves. Schemathesis tells the first bad event of each stream, and it finds nothing
    wrong with a stream that has no event; so events are counted here.

    Args:
        document: The OpenAPI document.
        http_url: Where the server is.
        folder: An empty folder; the report stays there.
        ca_pem: The authority to trust, if the server speaks TLS.
        timeout_s: How long it may take, in seconds.

    Returns:
        How many streams it read, and what broke the contract.

    Raises:
        MissingExtra: It is not installed.
        WaitTimeout: It did not end in time and was killed.
        LabError: It failed, left no report, or saw no event.
    """
    (folder / "openapi.json").write_text(json.dumps(document), encoding="utf-8")
    command = [find_schemathesis(), "run", "openapi.json", "--url", http_url]
    if ca_pem:
        (folder / "authority.pem").write_text(ca_pem, encoding="utf-8")
        command += ["--tls-verify", "authority.pem"]
    command += ["--include-path-regex", "^/sse/", "--phases", "fuzzing", "--mode", "positive"]
    command += ["--max-examples", str(_EXAMPLES), "--seed", "1", "--generation-database", "none"]
    command += ["--request-timeout", str(_REQUEST_TIMEOUT_S), "--continue-on-failure"]
    command += ["--report", "ndjson", "--report-dir", "report"]
    ended = run_program(command, folder, timeout_s)
    reports = sorted((folder / "report").glob("*.ndjson"))
    if ended.exit_code not in _FINE_CODES or not reports:
        raise LabError(
            f"Schemathesis ended with {ended.exit_code} and {len(reports)} reports. It said: {ended.last_words}"
        )
    return read_report(reports[0], str(document["openapi"]))


def read_report(path: Path, version: str) -> ContractCheck:
    """Read a report.

    Args:
        path: The NDJSON file.
        version: The version of OpenAPI.

    Returns:
        What it says.

    Raises:
        LabError: It cannot be read, or no event was seen.
    """
    streams = events = 0
    breaches: list[Breach] = []
    program = "Schemathesis"
    try:
        for kind, content in _entries(path):
            if kind == "Initialize":
                program = f"Schemathesis {content['schemathesis_version']}"
            elif kind == "ScenarioFinished":
                recorder = content["recorder"]
                for case, exchange in recorder["interactions"].items():
                    streams += 1
                    events += _events(exchange.get("response"))
                    channel = recorder["label"].rpartition("/sse/")[2]
                    breaches += _breaches(recorder["checks"].get(case, ()), channel)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise LabError(f"The report of Schemathesis cannot be read: {error!r}.") from error
    if not events:
        raise LabError(f"Schemathesis read {streams} streams and not one event, so nothing was checked.")
    return ContractCheck(program, f"OpenAPI {version}", "sse", streams, "streams", tuple(breaches))


def _entries(path: Path) -> Iterator[tuple[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield from json.loads(line).items()


def _events(response: Mapping[str, Any] | None) -> int:
    if not response or response["status_code"] != 200:
        return 0
    body = base64.b64decode((response.get("content") or {}).get("$base64", ""))
    return len(EventStreamDecoder().feed(body))


def _breaches(checks: Any, channel: str) -> Iterator[Breach]:
    for check in checks:
        if check["status"] == "failure":
            failure = check["failure_info"]["failure"]
            named = _NAME.findall(failure["message"])
            problem = f"{failure['title']}: {failure['message'].splitlines()[0]}"
            yield Breach("sse", channel, named[-1] if named else "", "", problem[:_LONGEST_TEXT], "")
