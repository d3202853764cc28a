"""Which program is found as the browser."""

from __future__ import annotations

import sys

import pytest

from rtlab.errors import MissingExtra
from rtlab.pages.browsers import find_browser


@pytest.fixture
def only(monkeypatch):
    """Let only some programs be on the path, and none in the usual places."""
    for kind in ("CHROMIUM", "FIREFOX"):
        monkeypatch.delenv(f"RTLAB_{kind}", raising=False)
    monkeypatch.setattr("rtlab.pages.browsers._in_usual_place", lambda kind: None)

    def only(*names):
        monkeypatch.setattr("shutil.which", lambda name: f"/bin/{name}" if name in names else None)

    return only


def test_the_first_of_the_known_names_is_taken(only):
    only("msedge", "google-chrome", "firefox")
    assert find_browser("chromium") == "/bin/google-chrome"
    assert find_browser("firefox") == "/bin/firefox"


@pytest.mark.parametrize(("kind", "name"), [("chromium", "Chromium, Chrome or Edge"), ("firefox", "Firefox")])
def test_none_is_a_missing_extra_and_nothing_is_downloaded(only, kind, name):
    only()
    with pytest.raises(MissingExtra, match=f"No {name} was found; install one, or name its program in RTLAB_"):
        find_browser(kind)


def test_a_variable_names_the_program(only, monkeypatch):
    monkeypatch.setenv("RTLAB_CHROMIUM", sys.executable)
    assert find_browser("chromium") == sys.executable


def test_a_variable_that_names_no_program_is_told(only, monkeypatch):
    only("chromium")
    monkeypatch.setenv("RTLAB_CHROMIUM", "/nowhere/chromium")
    with pytest.raises(MissingExtra, match="RTLAB_CHROMIUM names /nowhere/chromium, which is no program"):
        find_browser("chromium")
