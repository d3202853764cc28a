"""Recordings on disk."""

import gzip
import json

import pytest

from rtlab.errors import RecordingError
from rtlab.replay.tape import Tape, digest

CONDITIONS = {"date_utc": "2026-11-22T10:00:00Z", "platform": "Linux 6.1 x86_64", "cores": 2}


def test_the_same_recording_gives_the_same_bytes_and_comes_back(tmp_path):
    tape = Tape("one", CONDITIONS, {"a": {"ask()": [{"gives": "\ud83d é"}]}})
    first, second = tape.save(tmp_path / "1.json.gz"), tape.save(tmp_path / "2.json.gz")
    assert first.read_bytes() == second.read_bytes()
    assert Tape.load(first) == tape


def test_a_cell_is_known_by_its_text_but_not_by_the_spaces_around_it():
    assert digest("a = 1\nb\n") == digest("\na = 1  \r\nb")
    assert digest("a = 1\nb") != digest("a = 1\n\nb")


def test_cells_that_were_changed_are_named():
    tape = Tape("one", CONDITIONS, {digest("a"): {}})
    assert tape.missing(["a", "a + 1"]) == ["a + 1"]


def test_the_mark_tells_date_system_and_cores():
    assert Tape("one", CONDITIONS).mark == ("Replayed, not measured here: recorded 2026-11-22 on Linux, 2 cores.")
    assert Tape("one", CONDITIONS | {"cores": 1}).mark.endswith("1 core.")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no gzip",
        gzip.compress(b"no json", mtime=0),
        gzip.compress(b"[]", mtime=0),
        gzip.compress(b'{"format": "rtlab-replay-1"}', mtime=0),
    ],
)
def test_a_damaged_file_is_a_recording_error(tmp_path, content):
    path = tmp_path / "damaged.json.gz"
    path.write_bytes(content)
    with pytest.raises(RecordingError, match="cannot be read"):
        Tape.load(path)


def test_a_later_format_is_told(tmp_path):
    path = tmp_path / "later.json.gz"
    path.write_bytes(gzip.compress(json.dumps({"format": "rtlab-replay-2"}).encode()))
    with pytest.raises(RecordingError, match="another format"):
        Tape.load(path)


def test_a_folder_that_is_missing_is_a_recording_error(tmp_path):
    with pytest.raises(RecordingError, match="cannot be written"):
        Tape("one", CONDITIONS).save(tmp_path / "missing" / "1.json.gz")
