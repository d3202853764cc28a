from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from rtlab.surroundings.checks import Check
from rtlab.surroundings.diagnosis import Report, doctor

ROOT = Path(__file__).parents[2]
FINE = Check("tornado", "ok", "6.6")
INFO = Check("Chromium", "info", "not found")
WORSE = Check("open files", "warning", "at most 256", "Run `ulimit -n 4096`.")
BROKEN = Check("import <websocket>", "problem", "loads 'websocket'", "Run `pip uninstall -y websocket`.")


def test_a_report_is_ok_as_long_as_there_is_no_problem() -> None:
    assert Report((FINE, INFO, WORSE)).ok
    assert not Report((FINE, BROKEN)).ok
    assert list(Report((FINE, BROKEN))) == [FINE, BROKEN]


def test_the_text_puts_each_fix_under_its_finding_and_ends_with_a_count() -> None:
    lines = repr(Report((FINE, WORSE, BROKEN))).splitlines()
    assert lines[0].split() == ["ok", "tornado", "6.6"]
    assert lines[2].split() == ["->", *WORSE.fix.split()]
    assert lines[-1].startswith("1 problem and 1 warning.")
    assert repr(Report((FINE, INFO))).endswith("Everything is fine.")


def test_the_text_can_be_shown_by_every_terminal() -> None:
    assert repr(Report((FINE, INFO, WORSE, BROKEN))).isascii()


def test_the_table_tells_the_status_by_word_and_sign_and_not_by_colour_alone() -> None:
    html = Report((FINE, INFO, WORSE, BROKEN))._repr_html_()
    cells = re.findall(r"<td[^>]*>([^<]*)</td>", html)
    assert cells[::3] == ["✓ ok", "ℹ info", "⚠ warning", "✗ problem"]
    assert "import &lt;websocket&gt;" in html
    assert len(re.findall(r"border-left:4px solid var\(--jp-\w+-color1", html)) == 4


def test_the_doctor_looks_at_everything_that_bites() -> None:
    seen = {check.name: check for check in doctor()}
    assert {"import websocket", "import sseclient", "ipykernel", "127.0.0.1", "web proxy", "kernel python3"} <= set(
        seen
    )
    assert seen["127.0.0.1"].status == "ok"
    assert seen["import websocket"].status == seen["import sseclient"].status == "ok"
    assert seen["plotly.min.js"].status == "ok"


def _examine(folder: Path, *names: str) -> list[Check]:
    """Run the doctor in a Python that finds the modules of ``folder`` first."""
    code = (
        "import dataclasses, json; from rtlab.surroundings.diagnosis import doctor;"
        "print(json.dumps([dataclasses.asdict(check) for check in doctor()]))"
    )
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join((str(folder), str(ROOT)))}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environ, capture_output=True, text=True, timeout=60, check=True
    )
    checks = {check["name"]: Check(**check) for check in json.loads(done.stdout)}
    return [checks[name] for name in names]


def _distribution(folder: Path, name: str, module: str, record: str = "") -> None:
    info = folder / f"{name}-0.2.1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 0.2.1\n")
    (info / "top_level.txt").write_text(f"{module}\n")
    (info / "RECORD").write_text(record)


def test_another_websocket_package_is_named_and_not_imported(tmp_path: Path) -> None:
    trace = tmp_path / "imported"
    package = tmp_path / "websocket"
    package.mkdir()
    (package / "__init__.py").write_text(f"open({str(trace)!r}, 'w')\nclass WebSocket:\n    pass\n")
    _distribution(tmp_path, "websocket", "websocket")
    (seen,) = _examine(tmp_path, "import websocket")
    assert seen.status == "problem" and "the package 'websocket'" in seen.found
    assert "pip uninstall -y websocket websocket-client" in seen.fix
    assert not trace.exists()


def test_another_sseclient_package_is_named(tmp_path: Path) -> None:
    (tmp_path / "sseclient.py").write_text("class SSEClient:\n    def __next__(self):\n        pass\n")
    _distribution(tmp_path, "sseclient", "sseclient")
    (seen,) = _examine(tmp_path, "import sseclient")
    assert seen.status == "problem" and "the package 'sseclient'" in seen.found


def test_a_file_of_the_learner_that_hides_a_package_is_named(tmp_path: Path) -> None:
    mine = tmp_path / "websocket.py"
    mine.write_text("this is not even Python\n")
    seen, other = _examine(tmp_path, "import websocket", "import sseclient")
    assert seen.status == "problem" and str(mine) in seen.found and "Rename" in seen.fix
    assert other.status == "ok"


def test_two_owners_of_one_name_are_a_warning_while_the_right_one_is_loaded(tmp_path: Path) -> None:
    _distribution(tmp_path, "websocket", "websocket")
    (seen,) = _examine(tmp_path, "import websocket")
    assert seen.status == "warning" and "'websocket'" in seen.found


def test_a_package_removed_by_halves_does_not_stop_the_doctor(tmp_path: Path) -> None:
    info = tmp_path / "half-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\n")
    (info / "top_level.txt").write_text("websocket\n")
    (seen,) = _examine(tmp_path, "import websocket")
    assert seen.status == "ok"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sets no such limit")
def test_the_limit_of_open_files_is_read_from_the_system() -> None:
    import resource

    code = "import resource; hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1];"
    code += (
        "resource.setrlimit(resource.RLIMIT_NOFILE, (200, hard)); from rtlab.surroundings.diagnosis import doctor;"
    )
    code += "print([c.found for c in doctor() if c.name == 'open files'])"
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[1] > 200
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environ, capture_output=True, text=True, timeout=60, check=True
    )
    assert "at most 200" in done.stdout
