"""SECURITY.md says what is so."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import rtlab

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "SECURITY.md").read_text(encoding="utf-8")


def test_each_test_that_it_names_is_there() -> None:
    named = set(re.findall(r"`((?:tests|benchmarks)/[A-Za-z0-9_/.]+)`", TEXT))
    assert len(named) > 10
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


def test_each_guard_that_it_names_is_there() -> None:
    known = {field.name for field in fields(rtlab.Guards)}
    named = set(re.findall(r"`((?:check|max|spare)_[a-z_]+)`", TEXT))
    assert named and named <= known


def test_the_figures_that_it_gives_are_those_of_the_default_lab() -> None:
    guards = rtlab.Guards()
    assert f"{guards.spare_descriptors} descriptors of the process" in TEXT
    assert f"{guards.max_history_bytes >> 20} MiB for all together" in TEXT
    assert f"{guards.max_buffered_bytes >> 20} MiB waits for one reader" in TEXT
