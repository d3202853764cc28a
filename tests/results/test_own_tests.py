from __future__ import annotations

from pathlib import Path

import pytest

import rtlab
from rtlab.errors import InputError, LabError
from rtlab.results import own_tests as home

AGAIN = """        line.cut()
    with rtlab.WebSocket(line.url, subprotocols=["rtlab.v1"], last_event_id=socket.last_event_id) as socket:
        rtlab_lab.publish("two")"""


@pytest.mark.measuring
@pytest.mark.timeout(400)
def test_the_shipped_tests_fail_in_one_place_and_not_once_that_is_mended(tmp_path: Path) -> None:
    file = tmp_path / "test_mine.py"
    (told,) = [each for each in rtlab.tooling.own_tests(file).tests if each.outcome == "failed"]
    assert told.test == "a socket misses nothing when its line is cut"
    assert "close code 1006" in told.told
    before, mark, after = file.read_text(encoding="utf-8").rpartition("def test_a_socket_misses")
    parts = after.split('        line.cut()\n        rtlab_lab.publish("two")')
    file.write_text(before + mark + AGAIN.join(parts), encoding="utf-8")
    assert {each.outcome for each in rtlab.tooling.own_tests(file).tests} <= {"passed", "skipped"}


def test_what_each_test_said_is_read_and_the_file_is_shown(tmp_path: Path) -> None:
    file = tmp_path / "test_mine.py"
    file.write_text(
        "import pytest\n\n\ndef test_fine(rtlab_cut): pass\n\n\ndef test_bad(): assert 1 == 2\n\n\n"
        "def test_later(): pytest.skip('no time')\n\n\ndef test_unready(nothing): pass\n",
        encoding="utf-8",
    )
    found = rtlab.tooling.own_tests(file)
    assert found.table["outcome"].tolist() == ["passed", "failed", "skipped", "failed"]
    assert "1 == 2" in found.tests[1].told
    assert found.tests[2].told == "no time"
    assert found.text == "test_mine.py: 1 passed, 2 failed, 1 skipped, and nobody pressed a key."
    assert "def test_bad" in found._repr_mimebundle_()["text/html"]
    assert [each.name for each in tmp_path.iterdir()] == ["test_mine.py"]


def test_a_file_without_a_test_or_with_a_mistake_is_no_success(tmp_path: Path) -> None:
    for source in ("", "def test_mine(:\n"):
        file = tmp_path / "test_mine.py"
        file.write_text(source, encoding="utf-8")
        with pytest.raises(LabError, match="pytest ran no test"):
            rtlab.tooling.own_tests(file)


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written here"):
        rtlab.tooling.own_tests(tmp_path / "nowhere" / "test_mine.py")


def test_without_pytest_it_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home, "find_spec", lambda name: None)
    found = rtlab.tooling.own_tests(tmp_path / "test_mine.py")
    assert found.tests == ()
    assert repr(found) == "test_mine.py was not run. pytest is not installed here. Install it: pip install pytest"
    assert "<table" not in found._repr_mimebundle_()["text/html"]
