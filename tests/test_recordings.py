from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rtlab.errors import RecordingError
from rtlab.recordings import FORMAT, load_recording, save_recording
from rtlab.records import Connection, Delivery, Recording, Run, Transport
from rtlab.workload import Workload

TEXT = st.text(max_size=20)
NUMBER = st.integers(min_value=-(2**70), max_value=2**70)
TRANSPORT = st.sampled_from(get_args(Transport))
PLAIN = TEXT | NUMBER | st.booleans() | st.floats(allow_nan=False, allow_infinity=False)

RUNS = st.builds(Run, TEXT, TRANSPORT, TEXT, *[NUMBER] * 5, *[st.none() | NUMBER] * 2, NUMBER)
DELIVERIES = st.builds(Delivery, TEXT, TRANSPORT, TEXT, *[NUMBER] * 4, st.none() | NUMBER, st.none() | NUMBER)
CONNECTIONS = st.builds(
    Connection, TEXT, TRANSPORT, TEXT, NUMBER, st.none() | NUMBER, NUMBER, *[st.none() | NUMBER] * 2, TEXT
)
RECORDINGS = st.builds(
    Recording,
    st.dictionaries(TEXT, PLAIN, max_size=4),
    st.dictionaries(TEXT, PLAIN, max_size=4),
    st.lists(RUNS, max_size=3).map(tuple),
    st.lists(DELIVERIES, max_size=5).map(tuple),
    st.lists(CONNECTIONS, max_size=3).map(tuple),
)

RUN = Run("sse-0", "sse", "rtlab", 0, 10, 20, 5, 1)
DELIVERY = Delivery("sse-0", "sse", "rtlab", 0, 0, 64, 10, 11, None)
CONNECTION = Connection("sse-0", "sse", "rtlab", 0, 9, 1, 200, 300, "")
RECORDING = Recording(Workload().settings(), {"machine": "ä"}, (RUN,), (DELIVERY,), (CONNECTION,))


@given(RECORDINGS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_saved_is_loaded_again(tmp_path: Path, recording: Recording) -> None:
    path = tmp_path / "recording.json"
    assert save_recording(recording, path) == path
    loaded = load_recording(path)
    assert loaded == recording
    for name in ("runs", "deliveries", "connections"):
        assert type(getattr(loaded, name)) is tuple


def test_a_recording_from_before_the_server_was_metered_is_still_loaded(tmp_path: Path) -> None:
    path = save_recording(RECORDING, tmp_path / "recording.json")
    content = json.loads(path.read_text(encoding="utf-8"))
    runs = content["runs"]
    runs["columns"], runs["rows"] = runs["columns"][:8], [row[:8] for row in runs["rows"]]
    path.write_text(json.dumps(content), encoding="utf-8")
    assert load_recording(path) == RECORDING
    assert (RUN.server_cpu_ns, RUN.others_cpu_ns, RUN.busy_wait_ns) == (None, None, 0)


def test_a_path_may_be_text(tmp_path: Path) -> None:
    path = str(tmp_path / "recording.json")
    save_recording(RECORDING, path)
    assert load_recording(path) == RECORDING


def test_the_file_is_json_that_anybody_can_read(tmp_path: Path) -> None:
    content = json.loads(save_recording(RECORDING, tmp_path / "r.json").read_bytes())
    assert content["format"] == FORMAT
    assert content["workload"] == Workload().settings()
    assert dict(zip(content["deliveries"]["columns"], content["deliveries"]["rows"][0], strict=True)) == {
        "run_id": "sse-0",
        "transport": "sse",
        "client": "rtlab",
        "connection_id": 0,
        "seq": 0,
        "payload_bytes": 64,
        "scheduled_ns": 10,
        "sent_ns": 11,
        "received_ns": None,
    }


def test_an_older_file_is_replaced_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "recording.json"
    path.write_text("old")
    save_recording(RECORDING, path)
    assert load_recording(path) == RECORDING
    assert os.listdir(tmp_path) == ["recording.json"]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {1}, object()])
def test_a_value_without_a_form_in_json_leaves_the_old_file_as_it_was(tmp_path: Path, value: Any) -> None:
    path = save_recording(RECORDING, tmp_path / "recording.json")
    odd = Recording({}, {"odd": value}, (), (), ())
    with pytest.raises(RecordingError, match="cannot be saved"):
        save_recording(odd, path)
    assert load_recording(path) == RECORDING
    assert os.listdir(tmp_path) == ["recording.json"]


def test_a_write_that_fails_half_way_leaves_the_old_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = save_recording(RECORDING, tmp_path / "recording.json")
    whole = Path.write_text

    def full_disk(self: Path, text: str, **options: Any) -> int:
        whole(self, text[: len(text) // 2], **options)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full_disk)
    with pytest.raises(RecordingError, match="No space left"):
        save_recording(Recording({}, {}, (), (), ()), path)
    assert load_recording(path) == RECORDING
    assert os.listdir(tmp_path) == ["recording.json"]


def test_an_interrupt_while_it_writes_leaves_the_old_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = save_recording(RECORDING, tmp_path / "recording.json")

    def interrupted(self: Path, target: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        save_recording(Recording({}, {}, (), (), ()), path)
    assert load_recording(path) == RECORDING
    assert os.listdir(tmp_path) == ["recording.json"]


@pytest.mark.parametrize(
    "name", ["no folder/recording.json", "file/recording.json", "folder", "", "a\0b", "x" * 300]
)
def test_a_place_that_cannot_be_written_is_told(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    with pytest.raises(RecordingError, match="cannot be saved"):
        save_recording(RECORDING, name)
    assert sorted(os.listdir(tmp_path)) == ["file", "folder"]


@pytest.mark.skipif(
    os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere, and Windows has no modes"
)
def test_a_folder_without_the_right_to_write_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(RecordingError, match="cannot be saved"):
            save_recording(RECORDING, tmp_path / "recording.json")
    finally:
        tmp_path.chmod(0o700)


@pytest.mark.parametrize("name", ["missing.json", ".", "", "a\0b"])
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RecordingError, match="cannot be read"):
        load_recording(name)


def test_a_truncated_file_is_told_wherever_it_is_cut(tmp_path: Path) -> None:
    path = save_recording(RECORDING, tmp_path / "recording.json")
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(RecordingError):
            load_recording(path)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"[" * 100_000, b"{} {}", b"hello"])
def test_what_is_no_json_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "recording.json"
    path.write_bytes(content)
    with pytest.raises(RecordingError, match="cannot be read"):
        load_recording(path)


@pytest.mark.parametrize("content", ["[]", "7", "null", "{}", '{"format": "rtlab-recording-2"}', '{"format": 1}'])
def test_another_format_is_told_with_its_name(tmp_path: Path, content: str) -> None:
    path = tmp_path / "recording.json"
    path.write_text(content)
    with pytest.raises(RecordingError, match=rf"has the format .* reads '{FORMAT}'"):
        load_recording(path)


def without(key: str) -> Any:
    return lambda content: content.pop(key)


@pytest.mark.parametrize(
    "damage",
    [
        *[without(key) for key in ("workload", "conditions", "runs", "deliveries", "connections")],
        lambda content: content.update(workload=7),
        lambda content: content.update(conditions=None),
        lambda content: content.update(runs=[]),
        lambda content: content.update(runs={"columns": 1, "rows": [[1]]}),
        lambda content: content["runs"].update(rows=7),
        lambda content: content["runs"].update(rows=[7]),
        lambda content: content["runs"]["rows"][0].pop(),
        lambda content: content["runs"]["rows"][0].append(1),
        lambda content: content["runs"]["columns"].__setitem__(0, "unknown"),
        lambda content: content["runs"]["columns"].__setitem__(0, 7),
        lambda content: content["deliveries"].pop("columns"),
    ],
)
def test_a_file_with_missing_or_odd_parts_is_damaged(tmp_path: Path, damage: Any) -> None:
    path = save_recording(RECORDING, tmp_path / "recording.json")
    content = json.loads(path.read_text())
    damage(content)
    path.write_text(json.dumps(content))
    with pytest.raises(RecordingError, match="damaged"):
        load_recording(path)
