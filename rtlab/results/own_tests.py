"""``tooling.own_tests()``: a file of automated tests that the learner owns, run by pytest."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Sequence
from html import escape
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pandas as pd

from rtlab.errors import LabError
from rtlab.findings.documents import OwnTest
from rtlab.results.direction import Finding
from rtlab.results.own_copy import own_copy
from rtlab.tables.documents import own_tests_table
from rtlab.tools.program import Ended, run_program

_FINE_CODES = (0, 1)  # 1: a test failed
_RUN_S = 180.0
_ALONE = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": "", "PYTHONDONTWRITEBYTECODE": "1"}
"""Plugins and options of another project have no say here."""


class OwnTests(Finding):
    """What the tests of one file said.

    Args:
        path: The file.
        tests: One for each test.
        left_out: Why nothing was run; empty if the tests ran.
    """

    def __init__(self, path: Path, tests: Sequence[OwnTest], left_out: str = "") -> None:
        self.name = path.name
        self.tests = tuple(tests)
        self.left_out = left_out
        self.source = path.read_text(encoding="utf-8")

    @property
    def table(self) -> pd.DataFrame:
        """One row a test (``describe("own_tests")``)."""
        return own_tests_table(self.tests)

    @property
    def text(self) -> str:
        """How many passed, as one sentence."""
        if self.left_out:
            return f"{self.name} was not run. {self.left_out}"
        counts = {
            word: sum(each.outcome == word for each in self.tests) for word in ("passed", "failed", "skipped")
        }
        told = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
        return f"{self.name}: {told}, and nobody pressed a key."

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        shown = super()._repr_mimebundle_(**kwargs)
        said = f"<p>{escape(self.text)}</p>" if self.left_out else shown["text/html"]
        source = f"<pre><code>{escape(self.source)}</code></pre>"
        folded = f"<details><summary>{escape(self.name)}</summary>{source}</details>"
        return {**shown, "text/html": said + folded}

    def __repr__(self) -> str:
        return self.text if self.left_out else super().__repr__()


def own_tests(path: str | os.PathLike[str] = "test_my_endpoints.py") -> OwnTests:
    """Run a file of automated tests for both protocols: a file that you can read, change, and run again.

    The first call writes the file beside the notebook. Its tests use the fixtures of ``rtlab.pytest_plugin``, and
    Playwright where it is installed. pytest runs them in a process of its own.

    Args:
        path: The file; it is written if it is not there.

    Returns:
        One row a test. Without pytest there are none, and the text says how to install it.

    Raises:
        InputError: The file cannot be written.
        LabError: pytest found no test, or failed itself; its last words are in the text.
        WaitTimeout: The tests did not end in time, and were killed.
    """
    file = own_copy(Path(path).resolve(), "own_tests", "test_my_endpoints.py")
    if find_spec("pytest") is None:
        return OwnTests(file, (), "pytest is not installed here. Install it: pip install pytest")
    with tempfile.TemporaryDirectory(prefix="rtlab-tests-") as folder:
        result, settings = Path(folder) / "result.xml", Path(folder) / "pytest.ini"
        settings.write_text("[pytest]\n", encoding="utf-8")
        options = ["-q", "-p", "rtlab.pytest_plugin", "-p", "no:cacheprovider", "-c", str(settings)]
        options += ["--rootdir", str(file.parent), f"--junitxml={result}"]
        command = [sys.executable, "-m", "pytest", *options, str(file)]
        ended = run_program(command, Path(folder), _RUN_S, environment=_ALONE)
        return OwnTests(file, _read(result, ended))


def _read(result: Path, ended: Ended) -> list[OwnTest]:
    """Read pytest's report in the format of JUnit."""
    try:
        cases = list(ElementTree.parse(result).iter("testcase"))
    except (OSError, ElementTree.ParseError):
        cases = []
    if not cases or ended.exit_code not in _FINE_CODES:
        raise LabError(f"pytest ran no test (exit code {ended.exit_code}). It said: {ended.last_words}")
    return [_test(case) for case in cases]


def _test(case: ElementTree.Element) -> OwnTest:
    name, seconds = case.get("name", "").removeprefix("test_").replace("_", " "), float(case.get("time", "0"))
    for mark, outcome in (("error", "failed"), ("failure", "failed"), ("skipped", "skipped")):
        found = case.find(mark)
        if found is not None:
            told = " ".join(found.get("message", "").split())
            return OwnTest(name, outcome, round(seconds, 2), told)
    return OwnTest(name, "passed", round(seconds, 2), "")
