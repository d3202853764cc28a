import json
import signal
import sys
import textwrap
import threading

import psutil
import pytest

from rtlab.errors import InputError, RecordingError
from rtlab.findings.sweep import SweepCase
from rtlab.results import sweep as home
from rtlab.results.sweep import Sweep, sweep
from rtlab.servers.lab import start_lab
from rtlab.tables.schema import TABLES

pytestmark = pytest.mark.measuring

TIMEOUT_S = 60
SETTINGS = {"seconds": 0.3, "ramp_up_s": 0, "workers": 1, "progress": False}


@pytest.fixture(scope="module")
def isolated():
    """A lab in a process of its own."""
    with start_lab("test-sweep", isolated=True) as lab:
        yield lab


@pytest.fixture(scope="module")
def found(isolated):
    """A small sweep over an echo."""
    return sweep(
        isolated.echo_url(), connections=(2, 4), rate_per_s=(40,), payload_bytes=(64, 256), repeats=2, **SETTINGS
    )


def lines_of(file):
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_every_combination_is_run_once_and_then_again(found):
    cases = [SweepCase(count, 40, size) for count in (2, 4) for size in (64, 256)]
    assert [(run.repeat, run.case) for run in found.runs] == [(k, case) for k in range(2) for case in cases]
    assert found.table["sent"].tolist() == [12] * 8 == found.table["messages"].tolist()
    assert found.table["error"].tolist() == [""] * 8


def test_the_summary_has_one_row_a_combination_with_intervals(found):
    assert found.summary["runs"].tolist() == [2, 2, 2, 2]
    assert found.summary["lost"].tolist() == [0, 0, 0, 0]
    for name in ("messages_{}per_s", "p50_{}ms", "p99_{}ms"):
        low, middle, high = (found.summary[name.format(end)] for end in ("low_", "", "high_"))
        assert (low <= middle).all()
        assert (middle <= high).all()


def test_the_text_tells_the_extremes(found):
    assert found.text.startswith("8 of 8 runs were made; most messages arrived with ")
    assert "99 % arrived within" in found.text
    assert "missing" not in found.text
    assert repr(found).endswith(found.text)


@pytest.mark.parametrize(
    ("by", "curves"), [("connections", 2 * 3), ("payload_bytes", 2 * 3), ("rate_per_s", 4 * 3)]
)
def test_the_figure_has_a_curve_for_each_combination_of_the_rest(found, by, curves):
    figure = found.figure(by)
    assert len(figure.data) == curves
    assert "4 connections, 40 a second, 64 B" in figure.layout.meta["description"]


def test_another_axis_is_refused(found):
    with pytest.raises(InputError, match="payload_bytes"):
        found.figure("colour")


def test_its_tables_are_those_of_the_schema(found):
    assert list(found.table) == [column.name for column in TABLES["sweep_runs"]]
    assert list(found.summary) == [column.name for column in TABLES["sweep"]]


def test_a_sweep_that_only_listens_shows_no_rate(isolated):
    listened = sweep(isolated.sse_url("silent"), connections=(1, 2), repeats=1, **SETTINGS)
    assert listened.table["opened"].tolist() == [1, 2]
    assert listened.table["rate_per_s"].isna().all()
    assert "rate_per_s" not in listened._repr_mimebundle_()["text/html"]
    with pytest.raises(InputError, match="nothing to draw"):
        listened.figure()


PROGRAM = """
    from rtlab.results.sweep import sweep

    settings = {"seconds": 0.3, "ramp_up_s": 0, "workers": 1, "progress": False}
    print(sweep(URL, connections=(1, 2, 3), repeats=2, file=FILE, **settings).text)
"""


def started(python, lab, file):
    program = textwrap.dedent(PROGRAM).replace("URL", repr(lab.echo_url())).replace("FILE", repr(str(file)))
    return python("-c", program)


@pytest.mark.parametrize("end", ["kill", "interrupt"])
def test_a_sweep_that_was_stopped_goes_on_where_it_was(end, isolated, python, until, tmp_path):
    if end == "interrupt" and sys.platform == "win32":
        pytest.skip("Windows cannot send an interrupt to one process of a console")
    file = tmp_path / "sweep.jsonl"
    process = started(python, isolated, file)
    until(lambda: file.exists() and file.read_bytes().count(b"\n") >= 3, "two runs", timeout_s=TIMEOUT_S)
    if end == "kill":
        process.kill()
        process.wait(TIMEOUT_S)
    else:
        process.send_signal(signal.SIGINT)
        told, errors = process.communicate(timeout=TIMEOUT_S)
        assert "missing: call sweep() again with the same settings and file=" in told, errors
    before = lines_of(file)
    assert 3 <= len(before) < 7

    told, errors = started(python, isolated, file).communicate(timeout=TIMEOUT_S)
    assert told.startswith("6 of 6 runs were made"), errors
    after = lines_of(file)
    assert after[: len(before)] == before
    assert [(run["repeat"], run["case"]["connections"]) for run in after[1:]] == [
        (repeat, count) for repeat in range(2) for count in (1, 2, 3)
    ]
    assert Sweep.load(file).table["messages"].tolist() == [0] * 6


def test_a_line_that_was_torn_is_made_again(isolated, tmp_path):
    file = tmp_path / "sweep.jsonl"
    sweep(isolated.echo_url(), connections=(1,), repeats=2, file=file, **SETTINGS)
    whole = file.read_bytes()
    file.write_bytes(whole[:-20])
    assert len(Sweep.load(file).runs) == 1
    again = sweep(isolated.echo_url(), connections=(1,), repeats=2, file=file, **SETTINGS)
    assert len(again.runs) == 2
    assert [line.get("repeat") for line in lines_of(file)] == [None, 0, 1]
    assert file.read_bytes().startswith(whole[: whole.rindex(b'{"case"')])


def test_a_file_whose_first_line_was_torn_is_begun_again(isolated, tmp_path):
    file = tmp_path / "sweep.jsonl"
    file.write_bytes(b'{"format": "rtlab-sw')
    assert len(sweep(isolated.echo_url(), connections=(1,), repeats=1, file=file, **SETTINGS).runs) == 1
    assert len(lines_of(file)) == 2


def test_other_settings_are_refused_and_named(isolated, tmp_path):
    file = tmp_path / "sweep.jsonl"
    sweep(isolated.echo_url(), connections=(1,), repeats=1, file=file, **SETTINGS)
    before = file.read_bytes()
    with pytest.raises(InputError, match=r"other settings \(connections was \[1\] and is now \[2\]\)"):
        sweep(isolated.echo_url(), connections=(2,), repeats=1, file=file, **SETTINGS)
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    "content", [b"hello", b"hello\n", b"{}\n", b'{"format": "rtlab-sweep-1", "settings": {}}\nx\n']
)
def test_a_file_that_is_no_sweep_is_left_alone(content, tmp_path):
    file = tmp_path / "other"
    file.write_bytes(content)
    with pytest.raises(RecordingError, match="damaged or no sweep"):
        sweep("ws://127.0.0.1:1/", file=file, **SETTINGS)
    assert file.read_bytes() == content


def test_secrets_are_not_written(isolated, tmp_path):
    file = tmp_path / "sweep.jsonl"
    headers = (("Authorization", "Bearer open sesame"),)
    sweep(isolated.echo_url(), connections=(1,), repeats=1, headers=headers, file=file, **SETTINGS)
    assert b"sesame" not in file.read_bytes()


def test_a_run_that_fails_is_named_the_others_go_on_and_it_is_tried_again(isolated, tmp_path, monkeypatch):
    file, true_swarm = tmp_path / "sweep.jsonl", home.swarm

    def fails_with_two(url, *, connections, **settings):
        if connections == 2:
            raise OSError("no more descriptors")
        return true_swarm(url, connections=connections, **settings)

    monkeypatch.setattr(home, "swarm", fails_with_two)
    found = sweep(isolated.echo_url(), connections=(1, 2, 3), repeats=1, file=file, **SETTINGS)
    assert found.table["error"].tolist() == ["", "OSError: no more descriptors", ""]
    assert "2 connections, run 1: OSError: no more descriptors" in found.text
    assert "1 run is missing: call sweep() again" in found.text
    assert found.summary["lost"].tolist() == [0, 1, 0]

    monkeypatch.undo()
    found = sweep(isolated.echo_url(), connections=(1, 2, 3), repeats=1, file=file, **SETTINGS)
    assert found.table["error"].tolist() == ["", "", ""]
    assert [line["case"]["connections"] for line in lines_of(file)[1:]] == [1, 2, 3, 2]
    assert len(Sweep.load(file).runs) == 3


def test_a_run_that_loses_a_worker_is_named_and_kept_out_of_the_figures(isolated, until, monkeypatch):
    true_swarm = home.swarm

    def workers():
        return [child for child in psutil.Process().children() if "rtlab.load.worker" in child.cmdline()]

    def loses_one(url, *, connections, **settings):
        if connections == 2:
            return true_swarm(url, connections=connections, **settings)
        killer = threading.Thread(target=lambda: until(lambda: len(found := workers()) == 2 and found)[1].kill())
        killer.start()
        try:
            return true_swarm(url, connections=connections, **settings)
        finally:
            killer.join(TIMEOUT_S)

    monkeypatch.setattr(home, "swarm", loses_one)
    found = sweep(
        isolated.echo_url(), connections=(2, 4), rate_per_s=(40,), repeats=2, **(SETTINGS | {"workers": 2})
    )
    assert found.table["lost_workers"].tolist() == [0, 1, 0, 1]
    assert found.summary["runs"].tolist() == [2, 0]
    assert found.summary["lost"].tolist() == [0, 2]
    assert "Handle with care: 4 connections, 40 a second, 64 B, run 1: Worker 1 ended with exit code" in found.text
    assert found.figure().layout.meta["description"].startswith("Not valid")


def test_a_setting_that_cannot_work_is_refused_before_anything_runs(isolated, tmp_path):
    file = tmp_path / "sweep.jsonl"
    with pytest.raises(InputError, match="connections is 0"):
        sweep(isolated.echo_url(), connections=(1, 0), file=file, **SETTINGS)
    with pytest.raises(InputError, match=r"connections is 10; .* \(10,\)"):
        sweep(isolated.echo_url(), connections=10, file=file, **SETTINGS)
    with pytest.raises(InputError, match="repeats"):
        sweep(isolated.echo_url(), repeats=0, file=file, **SETTINGS)
    with pytest.raises(InputError, match="consent=True"):
        sweep("ws://example.com/", file=file, **SETTINGS)
    assert not file.exists()
