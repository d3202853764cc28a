"""Schemathesis, the Postman CLI and Newman: what they really say, and what becomes of one that misbehaves."""

from __future__ import annotations

import json
import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rtlab.errors import LabError, MissingExtra, WaitTimeout
from rtlab.exports.catalogue import make_catalogue
from rtlab.exports.openapi import openapi_document
from rtlab.findings.documents import Sighting
from rtlab.tools import postman, schemathesis

PRICE = Sighting("sse", "news", "price", "k3f9-1", '{"eur": 12.5}')
DOCUMENT = openapi_document(make_catalogue([PRICE], "http://127.0.0.1:9", ids=True, retry_ms=1))

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a script is no program on Windows")


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Put a program of our own in the place of the real one."""

    def make(source: str) -> Path:
        path = tmp_path / "program"
        path.write_text(f"#!{sys.executable}\nimport json, os, pathlib, sys, time\n{source}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        for module in (postman, schemathesis):
            monkeypatch.setattr(module, "find_program", lambda *names: str(path))
        return path

    return make


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


REPORT = "pathlib.Path('report').mkdir(); pathlib.Path('report/ndjson-1.ndjson').write_text({text!r})"
ENTRIES = [
    {"Initialize": {"schemathesis_version": "4.0"}},
    {
        "ScenarioFinished": {
            "recorder": {
                "label": "GET /sse/news",
                "interactions": {"a": {"response": {"status_code": 200, "content": {"$base64": "ZGF0YTogeAoK"}}}},
                "checks": {
                    "a": [
                        {"name": "x", "status": "success"},
                        {
                            "name": "y",
                            "status": "failure",
                            "failure_info": {
                                "failure": {"title": "bad event", "message": 'Event #0\n  "event": "price"'}
                            },
                        },
                    ]
                },
            }
        }
    },
]


def lines(*entries: dict[str, Any]) -> str:
    return "".join(json.dumps(entry) + "\n" for entry in entries)


def test_a_report_of_schemathesis_is_read(program: Callable[[str], Path], work: Path) -> None:
    program(REPORT.format(text=lines(*ENTRIES)) + "; sys.exit(1)")
    found = schemathesis.check_streams(DOCUMENT, "http://127.0.0.1:9", work, timeout_s=30)
    assert (found.checker, found.document, found.checked) == ("Schemathesis 4.0", "OpenAPI 3.2.0", 1)
    (breach,) = found.breaches
    assert (breach.channel, breach.event, breach.problem) == ("news", "price", "bad event: Event #0")


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("pass", "0 reports"),
        ("sys.exit('no such option')", "no such option"),
        (REPORT.format(text="{"), "cannot be read"),
        (REPORT.format(text='{"ScenarioFinished": 1}\n'), "cannot be read"),
        (REPORT.format(text=""), "0 streams and not one event"),
        (REPORT.format(text=lines(ENTRIES[1]).replace("ZGF0YTogeAoK", "")), "1 streams and not one event"),
    ],
)
def test_a_schemathesis_that_proves_nothing_is_no_success(
    program: Callable[[str], Path], work: Path, source: str, told: str
) -> None:
    program(source)
    with pytest.raises(LabError, match=told):
        schemathesis.check_streams(DOCUMENT, "http://127.0.0.1:9", work, timeout_s=30)


NEWMAN = "pathlib.Path(sys.argv[-1]).write_text({text!r})"
EMPTY = json.dumps({"run": {"stats": {"requests": {"total": 0}, "assertions": {"total": 0}}, "failures": []}})
FAILED = json.dumps(
    {
        "run": {
            "stats": {"requests": {"total": 2}, "assertions": {"total": 6}},
            "failures": [
                {"source": {"name": "stream"}, "error": {"name": "E", "test": "events came", "message": "none"}}
            ],
        }
    }
)


def test_a_failed_test_of_newman_is_told(program: Callable[[str], Path], work: Path) -> None:
    program(NEWMAN.format(text=FAILED))
    found = postman.run_collection(work / "c.json", work, timeout_s=30)
    assert (found.requests, found.tests, found.failed) == (2, 6, ("stream: events came: none",))


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("pass", "left no report"),
        ("sys.exit('crashed')", "crashed"),
        (NEWMAN.format(text="{}"), "left no report that can be read"),
        (NEWMAN.format(text=EMPTY), "0 requests and 0 tests"),
    ],
)
def test_a_newman_that_ran_nothing_is_no_success(
    program: Callable[[str], Path], work: Path, source: str, told: str
) -> None:
    program(source)
    with pytest.raises(LabError, match=told):
        postman.run_collection(work / "c.json", work, timeout_s=30)


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("pass", "gave no report"),
        ("print('{}')", "finds mistakes in"),
        (
            "print(json.dumps({'errorCount': 1, 'diagnostics': [{'code': 'F1', 'message': 'no kind'}]}))",
            "F1 no kind",
        ),
        ("print(json.dumps({'errorCount': 0, 'filesScanned': 0, 'diagnostics': []}))", "looked at no file"),
    ],
)
def test_a_lint_that_looked_at_nothing_is_no_success(
    program: Callable[[str], Path], work: Path, source: str, told: str
) -> None:
    program(source)
    with pytest.raises(LabError, match=told):
        postman.lint(work, work, timeout_s=30)


def test_a_program_that_hangs_is_ended(program: Callable[[str], Path], work: Path, tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    program(f"pathlib.Path({str(mark)!r}).write_text(str(os.getpid())); time.sleep(300)")
    with pytest.raises(WaitTimeout, match="killed"):
        postman.run_collection(work / "c.json", work, timeout_s=3)
    with pytest.raises(ProcessLookupError):
        os.kill(int(mark.read_text()), 0)


@pytest.mark.parametrize(
    ("call", "command"),
    [
        (lambda work: schemathesis.check_streams(DOCUMENT, "http://a", work), "pip install schemathesis"),
        (lambda work: postman.run_collection(work, work), "npm install --global newman"),
        (lambda work: postman.lint(work, work), "npm install --global postman-cli"),
        (lambda work: postman.migrate(work, work), "npm install --global postman-cli"),
    ],
)
def test_a_program_that_is_missing_is_named_with_its_command(
    monkeypatch: pytest.MonkeyPatch, work: Path, call: Callable[[Path], object], command: str
) -> None:
    for module in (postman, schemathesis):
        monkeypatch.setattr(module, "find_program", lambda *names: None)
    with pytest.raises(MissingExtra, match=command):
        call(work)
