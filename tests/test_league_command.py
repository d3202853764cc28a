from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from rtlab import league_command
from rtlab.cli import main
from rtlab.results.league import League, league

ROOT = Path(__file__).parents[1]


@pytest.mark.measuring
def test_the_command_prints_verdicts_and_deviations_and_saves_them(tmp_path: Path) -> None:
    path = tmp_path / "league.json"
    command = [sys.executable, "-m", "rtlab", "league", "--protocol", "sse", "--no-progress", "--output", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=120, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "")
    assert "SSE parsers" in done.stdout and "WebSocket receivers" not in done.stdout
    assert "sseclient-py (sse)\n  FAILED: " in done.stdout
    assert "No vector FAILED with rtlab (sse)" in done.stdout
    assert set(League.load(path).table["protocol"]) == {"sse"}


def test_it_leaves_with_1_if_rtlab_itself_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ours = league("sse", ["rtlab"], progress=False)
    ours.judgements.loc[0, "verdict"] = "FAILED"
    monkeypatch.setattr(league_command, "league", lambda *args, **options: ours)
    assert main(["league"]) == 1
    assert "Each peer FAILED at least one vector." in capsys.readouterr().out


def test_a_folder_that_does_not_exist_is_noticed_before_anything_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["league", "--output", str(tmp_path / "nowhere" / "league.json")]) == 2
    assert "does not exist" in capsys.readouterr().err
