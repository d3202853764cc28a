from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from rtlab.errors import LabError, MissingExtra, WaitTimeout
from rtlab.stacks import building
from rtlab.stacks.building import build, cache_folder, remove_builds

from .conftest import GOOD_SERVER, Make

BUILD = [["{python}", "-c", "open('count.txt', 'a').write('once ')"]]


def test_a_second_build_is_free(make: Make) -> None:
    stack = make(build=BUILD)
    folder = build(stack)
    assert build(stack) == folder
    assert (folder / "count.txt").read_text() == "once "
    assert folder.is_relative_to(cache_folder())
    assert not (stack.folder / "count.txt").exists()


def test_a_changed_file_is_built_anew(make: Make) -> None:
    first = build(make(build=BUILD))
    second = build(make({"server.py": GOOD_SERVER + "# changed\n"}, build=BUILD))
    assert first != second
    assert (second / "count.txt").read_text() == "once "


def test_a_missing_program_is_told_with_how_to_get_it(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(MissingExtra, match=r"Tiny cannot run here without go\. Install Go"):
        build(make(needs=["python", "go"]))


def test_a_build_that_fails_is_told_with_its_words_and_tried_again(make: Make) -> None:
    failing = (
        "import os, sys; print('no such package'); sys.exit(not os.path.exists(os.environ['RTLAB_CACHE'] + '/ok'))"
    )
    stack = make(build=[["{python}", "-c", failing]])
    with pytest.raises(LabError, match="Tiny could not be built") as caught:
        build(stack)
    assert "no such package" in str(caught.value)
    (cache_folder() / "ok").touch()
    assert build(stack).is_dir()


def test_a_build_that_hangs_ends_after_its_time(make: Make) -> None:
    stack = make(build=[["{python}", "-c", "import threading; threading.Event().wait(120)"]])
    with pytest.raises(WaitTimeout, match="could not be built in time"):
        build(stack, timeout_s=0.5)


def test_nothing_more_is_begun_when_the_time_is_over(make: Make) -> None:
    with pytest.raises(WaitTimeout, match="was not built in time"):
        build(make(build=BUILD), timeout_s=0.0)


def test_who_builds_the_same_elsewhere_is_waited_for(make: Make) -> None:
    stack = make(build=BUILD)
    folder = cache_folder() / "stacks" / f"tiny-{building.content_key(stack)}"
    folder.parent.mkdir(parents=True)
    with folder.with_name(folder.name + ".lock").open("a+b") as file:
        assert building._try_lock(file.fileno())
        with pytest.raises(WaitTimeout, match="Another program has been building"):
            build(stack, timeout_s=0.3)
    assert build(stack) == folder


@pytest.mark.skipif(sys.platform == "win32", reason="there everybody may write there")
def test_a_cache_that_cannot_be_written_is_told(
    make: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stack = make()
    blocked = tmp_path / "file"
    blocked.touch()
    monkeypatch.setenv("RTLAB_CACHE", str(blocked))
    with pytest.raises(LabError, match="RTLAB_CACHE"):
        build(stack)


def test_without_a_wish_the_cache_is_the_users(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RTLAB_CACHE", raising=False)
    assert cache_folder().name in ("rtlab", "cache")
    assert cache_folder().is_relative_to(Path(os.environ.get("XDG_CACHE_HOME") or Path.home()))


def test_what_was_built_can_be_removed(make: Make) -> None:
    stack = make(build=BUILD)
    folder = build(stack)
    assert folder.parent == remove_builds() == remove_builds()
    assert not folder.exists()
    assert (build(stack) / "count.txt").read_text() == "once "
