from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import pytest

from rtlab.errors import ConnectionFailed, InputError, RecordingError
from rtlab.experiments.processor_time import machine_cores
from rtlab.figures.theme import layout
from rtlab.results.bench import Bench, bench
from rtlab.results.chapter import Chapter
from rtlab.results.comparison import compare
from rtlab.results.direction import Finding
from rtlab.results.suite import SUITE, Measurement
from rtlab.servers.lab import start_lab
from rtlab.surroundings import place
from rtlab.workload import Workload


class Found(Finding):
    """A result like those of the suite."""

    def __init__(self, number: float) -> None:
        self.number = number

    @property
    def table(self) -> pd.DataFrame:
        numbers = [self.number, float("nan")]
        return pd.DataFrame({"way": ["sse", "a < b"], "number": numbers, "fine": [True, False]})

    @property
    def text(self) -> str:
        return f"It is {self.number} & no more."

    def figure(self) -> go.Figure:
        points = go.Scatter(x=self.table["number"], y=["sse", "b"], mode="markers+text", text=["1", "2"], name="a")
        return go.Figure([points], layout("Numbers", "It shows <numbers>.", xaxis={"range": [0, 10]}))


def a_compare(effort: str) -> Any:
    with start_lab("bench-test") as lab:
        return compare(lab, Workload(rate_per_s=400, count=20), ("sse", "websocket"), repeats=3, progress=False)


def measurement(name: str, measure: Any) -> Measurement:
    return Measurement(name, f"What is {name}?", f"By {name}.", f"Nothing of {name}.", measure)


def raises(error: BaseException) -> Any:
    def measure(effort: str) -> Any:
        raise error

    return measure


ONE = measurement("one", lambda effort: Found(1.0))
TWO = measurement("two", lambda effort: Found({"quick": 2.0, "normal": 20.0, "thorough": 200.0}[effort]))
FAILING = measurement("failing", raises(ConnectionFailed("Nobody answers.")))
STOPPED = measurement("stopped", raises(KeyboardInterrupt()))


@pytest.fixture(scope="module")
def real() -> Bench:
    """A short run of a real measurement and of a quick one."""
    return bench(effort="quick", progress=False, suite=[measurement("compare", a_compare), ONE])


def numbers(found: Bench) -> dict[str, float]:
    return {chapter.name: chapter.tables[0][1]["number"].iloc[0] for chapter in found.chapters if not chapter.error}


def test_each_measurement_becomes_a_chapter_in_order() -> None:
    told: list[str] = []
    found = bench(effort="quick", progress=False, suite=[ONE, TWO], tell=lambda chapter: told.append(chapter.name))
    assert told == [chapter.name for chapter in found.chapters] == ["one", "two"]
    assert numbers(found) == {"one": 1.0, "two": 2.0}
    assert found["two"].text == "It is 2.0 & no more."
    assert (found["one"].question, found["one"].method, found["one"].limits) == (
        "What is one?",
        "By one.",
        "Nothing of one.",
    )
    assert found.notice == ""
    assert found.conditions["cpu"]


def test_only_some_can_be_asked_for() -> None:
    assert numbers(bench(["two"], effort="thorough", progress=False, suite=[ONE, TWO])) == {"two": 200.0}
    with pytest.raises(InputError, match="one, two"):
        bench(["three"], progress=False, suite=[ONE, TWO])


def test_the_suite_that_is_shipped_says_what_it_cannot_say() -> None:
    names = [each.name for each in SUITE]
    assert len(set(names)) == len(names)
    for each in SUITE:
        assert re.fullmatch(r"[a-z][a-z-]*", each.name)
        assert each.question.endswith("?")
        assert each.method.endswith(".")
        assert each.limits.endswith(".")


def test_a_failure_is_named_and_the_others_go_on(tmp_path: Path) -> None:
    found = bench(effort="quick", progress=False, suite=[FAILING, ONE])
    assert numbers(found) == {"one": 1.0}
    assert found.failed == ("failing",)
    assert found["failing"].error == "ConnectionFailed: Nobody answers."
    page = found.html(tmp_path / "report.html").read_text(encoding="utf-8")
    assert "This report is not complete: failing failed." in page
    assert "This measurement failed: ConnectionFailed: Nobody answers." in page


def test_a_machine_that_is_not_quiet_is_named(monkeypatch: pytest.MonkeyPatch, python: Any) -> None:
    found = bench(effort="quick", progress=False, suite=[ONE])
    validity = found["one"].validity
    assert validity is not None
    assert list(validity["check"]) == ["the machine was quiet before"]
    burner = "import time\nend = time.process_time() + 1.0\nwhile time.process_time() < end: pass"
    others = [python("-c", f"print(1, flush=True)\n{burner}") for _ in range(machine_cores())]
    for other in others:
        other.stdout.readline()
    busy = bench(effort="quick", progress=False, suite=[ONE])
    assert busy["one"].failed_checks == ["the machine was quiet before"]
    assert busy["one"].state == "measured, handle with care"


def test_an_interrupt_keeps_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    found = bench(effort="quick", progress=False, path=path, suite=[ONE, STOPPED, TWO])
    assert numbers(found) == numbers(Bench.load(path)) == {"one": 1.0}
    assert found.missing == Bench.load(path).missing == ("stopped", "two")
    assert found.notice == "This report is not complete: stopped, two not measured."


def test_it_goes_on_where_it_was_interrupted(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    bench(effort="quick", progress=False, path=path, suite=[ONE, FAILING, STOPPED, TWO])
    again: list[str] = []
    suite = [
        measurement("one", raises(AssertionError("it was measured before"))),
        measurement("failing", lambda effort: Found(7.0)),
        measurement("stopped", lambda effort: Found(8.0)),
        TWO,
    ]
    found = bench(
        effort="quick", progress=False, path=path, resume=True, suite=suite, tell=lambda c: again.append(c.name)
    )
    assert again == ["failing", "stopped", "two"]
    assert numbers(found) == numbers(Bench.load(path)) == {"one": 1.0, "failing": 7.0, "stopped": 8.0, "two": 2.0}
    assert found.notice == ""


def test_what_is_not_asked_for_again_stays_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    bench(["one"], effort="quick", progress=False, path=path, suite=[ONE, TWO])
    found = bench(["two"], effort="quick", progress=False, path=path, resume=True, suite=[ONE, TWO])
    assert list(numbers(found)) == ["one", "two"]


def test_runs_that_differ_are_not_mixed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "run.json"
    bench(effort="quick", progress=False, path=path, suite=[ONE])
    with pytest.raises(InputError, match="another effort"):
        bench(effort="normal", progress=False, path=path, resume=True, suite=[ONE])
    here = place.conditions()
    monkeypatch.setattr(place, "conditions", lambda: {**here, "cpu": "abacus"})
    with pytest.raises(InputError, match="another cpu"):
        bench(effort="quick", progress=False, path=path, resume=True, suite=[ONE])


def test_going_on_needs_the_name_of_a_file(tmp_path: Path) -> None:
    for path in (None, tmp_path):
        with pytest.raises(InputError, match="file"):
            bench(progress=False, path=path, resume=True, suite=[ONE])


def test_going_on_without_a_beginning_begins(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    assert numbers(bench(progress=False, path=path, resume=True, suite=[ONE])) == {"one": 1.0}
    assert numbers(Bench.load(path)) == {"one": 1.0}


def test_an_effort_that_does_not_exist_is_refused() -> None:
    with pytest.raises(InputError, match="thorough"):
        bench(effort="heroic", progress=False, suite=[ONE])  # type: ignore[arg-type]


def test_a_real_run_is_the_same_when_loaded(real: Bench, tmp_path: Path) -> None:
    path = real.save(tmp_path / "run.json")
    loaded = Bench.load(path)
    assert loaded.label == real.label
    for before, after in zip(real.chapters, loaded.chapters, strict=True):
        assert (before.name, before.text, before.state) == (after.name, after.text, after.state)
        assert before.failed_checks == after.failed_checks
        for (caption, table), (again, read) in zip(before.tables, after.tables, strict=True):
            assert caption == again
            assert list(table) == list(read)
            assert len(table) == len(read)
    assert loaded.save(tmp_path / "again.json").read_text("utf-8") == path.read_text("utf-8")
    assert not list(tmp_path.glob("*.part"))


def test_a_run_is_named_by_its_machine_and_date(real: Bench, tmp_path: Path) -> None:
    path = real.save(tmp_path)
    assert path.parent == tmp_path
    assert re.fullmatch(r"[a-z0-9.-]+-\d+-cores-[a-z0-9.-]+-python-3\.[0-9.]+-\d{4}-\d\d-\d\d\.json", path.name)


def test_the_report_opens_without_a_network_and_tells_everything(real: Bench, tmp_path: Path) -> None:
    page = real.html(tmp_path / "report.html", author="A. <Student>").read_text(encoding="utf-8")
    start = page.partition("<script")[0]
    assert "<h1>Real-time transports, measured</h1>" in start
    assert "A. &lt;Student&gt;" in start
    assert not re.search(r"<(script|link|img|iframe)[^>]+(src|href)=", page)
    assert page.count("Plotly.newPlot(") - page.partition("</script>")[0].count("Plotly.newPlot(") >= 4
    for words in (
        "What is compare?",
        "By compare.",
        "Nothing of compare.",
        "May these figures be believed?",
        "How it was measured",
        "What cannot be said",
        "Machine, versions and settings",
        str(real.conditions["cpu"]),
        "a &lt; b",
        "It is 1.0 &amp; no more.",
        "It shows &lt;numbers&gt;.",
        "the machine was left to us",
    ):
        assert words in page, words
    assert page.count("<caption>") == page.count("<table>") == page.count('role="region" tabindex="0" aria-label=')
    assert page.count("<figure>") == page.count("<figcaption>") == 4


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (70_825.34, "70,825"),
        (0.000_123_456, "0.0001235"),
        (999.94, "999.9"),
        (1_234_567, "1,234,567"),
        (float("inf"), "inf"),
        (None, "–"),
        (pd.NA, "–"),
        (True, "yes"),
        ("<b>", "&lt;b&gt;"),
    ],
)
def test_numbers_in_tables_are_written_for_people(tmp_path: Path, value: Any, written: str) -> None:
    frame = pd.DataFrame({"value": pd.Series([value], dtype="object")})
    found = Bench("quick", {}, (Chapter("one", "What?", tables=(("Numbers", frame),)),))
    page = found.html(tmp_path / "report.html").read_text(encoding="utf-8")
    assert re.search(rf"<td[^>]*>{re.escape(written)}</td>", page)


def test_a_loaded_run_makes_the_same_report(real: Bench, tmp_path: Path) -> None:
    loaded = Bench.load(real.save(tmp_path / "run.json"))
    both = [each.html(tmp_path / "report.html").read_text(encoding="utf-8") for each in (real, loaded)]
    heads = [page.partition("<h2")[0].partition("</style>")[2] for page in both]
    assert heads[0] == heads[1]
    tables = [re.findall(r"<caption>.*?</caption>|<td[^>]*>[^<]*</td>", page) for page in both]
    assert tables[0] == tables[1]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "cannot be read"),
        ("[]", "format"),
        ('{"format": "rtlab-bench-9"}', "rtlab-bench-9"),
        ('{"format": "rtlab-bench-1", "effort": "quick"}', "damaged"),
        ('{"format": "rtlab-bench-1", "effort": "q", "conditions": {}, "missing": [], "chapters": [1]}', "damaged"),
    ],
)
def test_a_file_that_is_no_run_is_refused(tmp_path: Path, content: str, why: str) -> None:
    path = tmp_path / "run.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(RecordingError, match=why):
        Bench.load(path)


def test_a_run_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    found = Bench("quick", {}, (Chapter("one", "What?"),))
    with pytest.raises(RecordingError, match="cannot be saved"):
        found.save(tmp_path / "nowhere" / "run.json")
    with pytest.raises(RecordingError, match="cannot be written"):
        found.html(tmp_path / "nowhere" / "run.html")


def test_numbers_that_json_does_not_know_become_missing(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": [float("inf"), 1.5], "b": pd.array([None, 2], dtype="Int64")})
    path = Bench("quick", {}, (Chapter("one", "What?", tables=(("Numbers", frame),)),)).save(tmp_path / "x.json")
    saved = json.loads(path.read_text(encoding="utf-8"))
    assert saved["chapters"][0]["tables"][0]["rows"] == [[None, None], [1.5, 2]]


def test_a_measurement_that_is_not_there_is_refused(real: Bench) -> None:
    with pytest.raises(InputError, match="compare, one"):
        real["three"]


def test_it_shows_itself(real: Bench) -> None:
    shown = real._repr_mimebundle_()
    assert real.label in shown["text/plain"]
    assert "What is one?" in shown["text/html"]
    assert "It is 1.0 &amp; no more." in shown["text/html"]


def test_a_reference_is_drawn_behind_the_figure_of_the_same_kind(real: Bench, tmp_path: Path) -> None:
    loaded = Bench.load(real.save(tmp_path / "run.json"))
    own = a_compare("quick").figure("summary")
    before = len(own.data)
    drawn = loaded.behind(own)
    assert drawn is own
    assert len(drawn.data) > before
    assert drawn.data[0].name == f"reference: {real.label}"
    assert real.label in drawn.layout.meta["description"]
    with pytest.raises(InputError, match="no figure 'Pies'"):
        loaded.behind(go.Figure(layout=layout("Pies", "Pies.")))
