"""The quick selection of the Autobahn suite against rtlab in both roles; any change of a verdict is a failure."""

import json
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("run_autobahn.py")
INSTALL_AND_RUN_S = 800
EXPECTED_FAILURES = {"server": [], "client": []}


@pytest.mark.conformance
@pytest.mark.timeout(INSTALL_AND_RUN_S + 30)
@pytest.mark.parametrize("role", ["server", "client"])
def test_every_case_has_the_verdict_that_is_expected(role, python, tmp_path):
    saved = tmp_path / "runs.json"
    process = python(str(SCRIPT), "--role", role, "--save", str(saved))
    _, errors = process.communicate(timeout=INSTALL_AND_RUN_S)
    if process.returncode == 3:
        pytest.skip(errors.strip())
    assert saved.exists(), errors
    (run,) = json.loads(saved.read_text(encoding="utf-8"))["runs"]
    assert run["cases"] == 247 + 14
    assert run["failed"] == EXPECTED_FAILURES[role]
    assert run["non_strict"] == []
    assert set(run["verdicts"]) == {"OK", "INFORMATIONAL"}  # so none is UNIMPLEMENTED
