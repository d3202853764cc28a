"""What the keeper of a browser writes and removes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from rtlab.pages import keeper


def test_a_profile_that_comes_back_is_removed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "profile"
    folder.mkdir()
    remove, late = shutil.rmtree, iter([True, False, True])

    def remove_while_the_browser_writes(path: Path, *, ignore_errors: bool) -> None:
        remove(path, ignore_errors=ignore_errors)
        if next(late, False):
            (path / "Default").mkdir(parents=True)

    monkeypatch.setattr(keeper.shutil, "rmtree", remove_while_the_browser_writes)
    keeper._throw_away(folder)
    assert not folder.exists()
    assert next(late, None) is None


@pytest.mark.parametrize(("cookies", "mode"), [("allow", 0), ("block", 1)])
def test_third_party_cookies_are_chosen_before_the_browser_starts(tmp_path: Path, cookies: str, mode: int) -> None:
    keeper._set_third_party_cookies(tmp_path, cookies)
    settings = json.loads((tmp_path / "Default" / "Preferences").read_text("utf-8"))
    assert settings == {"profile": {"cookie_controls_mode": mode}}
