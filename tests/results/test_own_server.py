from __future__ import annotations

from pathlib import Path

import psutil
import pytest

import rtlab
from rtlab.errors import InputError, LabError

from ..processes import is_gone

PLANTED = {"SSE-CORS-REFLECTED", "SSE-RESUME-DOUBLED", "SSE-BURSTS"}


@pytest.mark.measuring
def test_the_probe_finds_the_three_mistakes_and_none_when_they_are_mended(tmp_path: Path) -> None:
    program = tmp_path / "my_server.py"
    found = _ids(program)
    assert found >= PLANTED
    text = program.read_text(encoding="utf-8")
    mended = (
        text.replace('self.set_header("Access-Control-Allow-Origin", origin)', "pass")
        .replace('self.set_header("Access-Control-Allow-Credentials", "true")', "pass")
        .replace("if number % 10 == 0:", "if True:")
        .replace("number = 0", 'number = int(self.request.headers.get("Last-Event-ID", 0))')
    )
    program.write_text(mended, encoding="utf-8")
    assert _ids(program) & PLANTED == set()


def _ids(program: Path) -> set[str]:
    with rtlab.security.own_server(program) as server:
        return {finding.id for finding in rtlab.probe(server.url, seconds=3).findings if finding.severity != "ok"}


def test_a_second_call_ends_the_first_server(tmp_path: Path) -> None:
    before = set(psutil.Process().children())
    first = rtlab.security.own_server(tmp_path / "mine.py")
    (process,) = set(psutil.Process().children()) - before
    with rtlab.security.own_server(tmp_path / "mine.py") as second:
        assert first.url != second.url
        assert "class Prices" in repr(second)
        assert is_gone(process.pid)


def test_a_program_that_fails_tells_its_last_words(tmp_path: Path) -> None:
    program = tmp_path / "broken.py"
    program.write_text("raise RuntimeError('no such thing')", encoding="utf-8")
    with pytest.raises(LabError, match="no such thing"):
        rtlab.security.own_server(program)


def test_a_place_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"server\.py cannot be written here"):
        rtlab.security.own_server(tmp_path / "nowhere" / "server.py")
