from __future__ import annotations

import json
from pathlib import Path

import pytest

from rtlab.errors import InputError, RecordingError
from rtlab.results.comparison import Comparison, compare, live
from rtlab.results.report import write_report
from rtlab.servers.lab import Lab
from rtlab.widgets.predict import Predict
from rtlab.workload import Workload

WORK = Workload(rate_per_s=200, count=20, seed=3)


@pytest.fixture
def compared(lab: Lab) -> Comparison:
    return compare(lab, WORK, ("sse", "websocket"), repeats=3, progress=False)


def test_every_message_has_a_row_and_arrives(compared: Comparison) -> None:
    assert len(compared.table) == 2 * 3 * 20
    assert compared.table["received_ns"].notna().all()
    assert set(compared.summary["transport"].astype(str)) == {"sse", "websocket"}


def test_it_says_what_may_be_said(compared: Comparison) -> None:
    sentence = compared.difference().text
    assert "median" in sentence
    assert sentence in compared.verdict
    assert compared.verdict in repr(compared)
    assert "<table" in compared._repr_mimebundle_()["text/html"]


def test_it_repeats_until_the_interval_is_narrow(lab: Lab) -> None:
    found = compare(lab, WORK, ("sse", "websocket"), repeats=3, precision=9.9, progress=False)
    assert len(found.runs) == 6
    assert found.stopping == "After 3 rounds every interval is within 990 % of its median."
    assert found.stopping in found.verdict


def test_it_says_when_it_cannot_tell(lab: Lab) -> None:
    found = compare(
        lab, WORK, ("sse", "websocket"), repeats=2, precision=1e-9, max_repeats=3, progress=False, pin=False
    )
    assert len(found.runs) == 6
    assert found.stopping.startswith("Stopped after 3 rounds because no more were allowed: the widest interval is")
    assert found.stopping.endswith("These runs cannot tell the medians so exactly.")
    assert "the interval is narrow" in found.failed_checks
    late = compare(lab, WORK, ("sse",), repeats=1, precision=1e-9, most_s=0.01, progress=False)
    assert late.stopping.startswith("Stopped after 1 round because the time was up: the widest interval is still w")


def test_without_a_precision_it_does_not_speak_of_stopping(compared: Comparison) -> None:
    assert compared.stopping == ""


@pytest.mark.parametrize("precision", [0, -0.1, float("nan")])
def test_a_precision_that_cannot_be_is_refused(lab: Lab, precision: float) -> None:
    with pytest.raises(InputError, match="precision"):
        compare(lab, WORK, precision=precision, progress=False)


def test_it_carries_its_conditions(compared: Comparison) -> None:
    assert compared.conditions["route"] == "in kernel"
    assert compared.conditions["drawn"] is False
    assert compared.conditions["cores"]


@pytest.mark.parametrize("kind", ["summary", "latency", "bytes"])
def test_each_figure_describes_itself(compared: Comparison, kind: str) -> None:
    assert compared.figure(kind).layout.meta["description"]


def test_an_unknown_figure_is_refused(compared: Comparison) -> None:
    with pytest.raises(InputError, match="summary, latency, bytes"):
        compared.figure("pie")


def test_a_guess_is_drawn_and_an_unanswered_one_is_not(compared: Comparison) -> None:
    guess = Predict("How long?", unit="ms", low=0.01, high=100, key="test guess")
    plain = len(compared.figure("latency").data)
    assert len(compared.figure("latency", guess=guess).data) == plain
    guess.answer(3.0)
    assert len(compared.figure("latency", guess=guess).data) == plain + 1


def test_a_saved_comparison_is_the_same_when_loaded(compared: Comparison, tmp_path: Path) -> None:
    path = compared.save(tmp_path / "run.json")
    assert json.loads(path.read_text(encoding="utf-8"))["format"] == "rtlab-recording-1"
    assert Comparison.load(path).recording == compared.recording


def test_a_report_opens_without_a_network(compared: Comparison, tmp_path: Path) -> None:
    page = write_report(compared, tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Plotly.newPlot" in page
    assert "<script src=" not in page
    assert "May these figures be believed?" in page


def test_a_report_into_a_missing_folder_is_refused(compared: Comparison, tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="cannot be written"):
        write_report(compared, tmp_path / "nowhere" / "report.html")


def test_a_live_run_says_that_it_was_drawn(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    shown = live(lab, WORK)
    assert shown.conditions["drawn"] is True
    assert not shown.valid
    assert "nothing was drawn" in " ".join(shown.failed_checks) or shown.failed_checks
