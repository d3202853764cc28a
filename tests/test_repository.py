"""What the repository promises outside the code: pins, commands, files."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import rtlab

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
README = (ROOT / "README.md").read_text(encoding="utf-8")


def pins() -> dict[str, Version]:
    lines = (ROOT / "binder" / "requirements.txt").read_text(encoding="utf-8").splitlines()
    found = (re.fullmatch(r"([A-Za-z0-9._-]+)==([^\s;]+)(?: ;.*)?", line) for line in lines)
    return {canonicalize_name(match[1]): Version(match[2]) for match in found if match}


def test_binder_pins_each_dependency_within_its_bounds() -> None:
    pinned = pins()
    for text in PROJECT["project"]["dependencies"]:
        wanted = Requirement(text)
        assert pinned[canonicalize_name(wanted.name)] in wanted.specifier, text


def test_binder_holds_nothing_but_pins() -> None:
    lines = (ROOT / "binder" / "requirements.txt").read_text(encoding="utf-8").split("\n")
    assert len([line for line in lines if line]) == len(pins())


def test_binder_pins_an_ipykernel_whose_widgets_hear_from_threads() -> None:
    assert pins()["ipykernel"] >= Version("7.1")


def test_binder_uses_the_python_that_the_project_supports() -> None:
    runtime = (ROOT / "binder" / "runtime.txt").read_text(encoding="utf-8").strip().removeprefix("python-")
    assert Version(runtime) >= Version(PROJECT["project"]["requires-python"].removeprefix(">="))


def test_ci_calls_the_test_command_of_the_readme() -> None:
    commands = re.findall(r"^pip install uv && (.+)$", README, re.MULTILINE)
    assert commands == ["uv run rtlab", "uv run pytest"]
    assert "uv run pytest\n" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_the_version_is_the_same_everywhere() -> None:
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert PROJECT["project"]["version"] == rtlab.__version__
    assert f"version: {rtlab.__version__}\n" in citation


def test_every_name_in_the_readme_exists() -> None:
    for name in re.findall(r"rtlab\.([A-Za-z_]+)", README):
        assert hasattr(rtlab, name), name


def test_no_lock_file_is_kept() -> None:
    assert "uv.lock" in (ROOT / ".gitignore").read_text(encoding="utf-8").split()
