"""An audit that could not ask is never taken for a clean one."""

import importlib.util
import json
import sys
from pathlib import Path

import pytest

specification = importlib.util.spec_from_file_location("audit", Path(__file__).parent / "audit.py")
audit = importlib.util.module_from_spec(specification)
sys.modules["audit"] = audit  # its dataclass looks its own module up
specification.loader.exec_module(audit)


def judged(*dependencies, words=""):
    return audit.judged(json.dumps({"dependencies": dependencies, "fixes": []}), words)


CLEAN = {"name": "tornado", "version": "6.6", "vulns": []}
WEAK = {"name": "h2", "version": "4.2", "vulns": [{"id": "CVE-2025-57804", "fix_versions": ["4.3.0"]}]}
UNKNOWN = {"name": "rich", "skip_reason": "Dependency not found on PyPI and could not be audited: rich (14.0)"}


def test_a_clean_audit_tells_how_many_packages_were_asked_for():
    found = judged(CLEAN, {**CLEAN, "name": "numpy"})
    assert (found.status, found.text) == (0, "2 of 2 packages audited, no known weakness")


def test_a_known_weakness_fails_and_is_named_with_what_mends_it():
    found = judged(CLEAN, WEAK, UNKNOWN)
    assert found.status == 1
    assert "h2 4.2: CVE-2025-57804, mended in: 4.3.0" in found.text


@pytest.mark.parametrize("output", ["", "No known vulnerabilities found", "[]", "{}"])
def test_without_data_the_audit_is_skipped_with_the_reason(output):
    found = audit.judged(output, "Traceback\n  ConnectionError: the service cannot be reached\n")
    assert found.status == 0
    assert found.text == "SKIPPED: pip-audit has no data: ConnectionError: the service cannot be reached"


def test_packages_that_the_service_does_not_know_are_no_clean_audit():
    assert judged(UNKNOWN, UNKNOWN).text.startswith("SKIPPED: no package could be audited: Dependency not found")
    assert judged(CLEAN, UNKNOWN).text == "1 of 2 packages audited, no known weakness; SKIPPED: rich"
    assert judged().text == "SKIPPED: no package could be audited: no pins"


def test_where_pip_audit_is_missing_the_run_says_so(monkeypatch, capsys):
    done = audit.subprocess.CompletedProcess([], 1, "", "No module named pip_audit")
    monkeypatch.setattr(audit.subprocess, "run", lambda *_, **__: done)
    assert audit.main() == 0
    assert "SKIPPED: pip-audit has no data: No module named pip_audit" in capsys.readouterr().out


def test_the_pins_are_there():
    assert audit.PINS.is_file()
