from __future__ import annotations

import sys
from pathlib import Path

import pytest

from rtlab.surroundings import machine


@pytest.fixture
def control_group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(machine, "_CONTROL_GROUP", tmp_path)
    return tmp_path


def test_a_container_with_half_a_core_says_so(control_group: Path) -> None:
    (control_group / "cpu.max").write_text("50000 100000\n")
    assert machine.core_limit() == 0.5


def test_no_limit_is_told_from_a_limit(control_group: Path) -> None:
    assert machine.core_limit() is None
    (control_group / "cpu.max").write_text("max 100000\n")
    assert machine.core_limit() is None


@pytest.mark.skipif(sys.platform == "win32", reason="the standard library does not tell the memory on Windows")
def test_the_memory_of_a_container_is_its_limit(control_group: Path) -> None:
    total = machine.memory_bytes()
    assert total is not None and total > 2**20
    (control_group / "memory.max").write_text(f"{2**20}\n")
    assert machine.memory_bytes() == 2**20
    (control_group / "memory.max").write_text("max\n")
    assert machine.memory_bytes() == total


def test_there_is_a_core_and_it_has_a_name() -> None:
    assert machine.cores() >= 1
    assert machine.cpu_model()
