from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtlab.claims.claim import CATEGORIES as LEDGER_CATEGORIES
from rtlab.errors import InputError, RecordingError
from rtlab.findings.scorecard import CATEGORIES, Measure
from rtlab.findings.tools import ToolRun
from rtlab.resources import data_path
from rtlab.results.decision_record import decision_record
from rtlab.results.direction import exchange, outage
from rtlab.results.documents import documents
from rtlab.results.export import export
from rtlab.results.league import League
from rtlab.results.load_tools import ToolRuns
from rtlab.results.messages import overhead
from rtlab.results.postman import Postman
from rtlab.results.protocol import ByHand
from rtlab.results.scorecard import load_reference, scorecard
from rtlab.results.scorecard_measures import measures_of
from rtlab.results.scripts import scenario
from rtlab.servers.lab import Lab

SSE_HALF = Measure("Security", "attacks", 2, 8, "lower", "attacks", "2026-11-23")
WS_QUARTER = Measure("Performance", "latency", 4, 1, "lower", "ms", "2026-11-23")


def test_the_categories_are_those_of_the_ledger() -> None:
    assert CATEGORIES == LEDGER_CATEGORIES


@pytest.mark.parametrize(
    ("sse", "websocket", "better", "lean"),
    [
        (1, 1, "lower", 0),
        (1, 2, "lower", -1 / 3),
        (2, 1, "lower", 1 / 3),
        (2, 1, "higher", -1 / 3),
        (1, 1_000, "lower", -1),
        (0, 7, "lower", -1),
        (0, 1, "lower", -1 / 3),
        (0, 0, "higher", 0),
    ],
)
def test_a_lean_is_the_logarithm_of_the_ratio(sse: float, websocket: float, better: str, lean: float) -> None:
    measure = replace(SSE_HALF, sse=sse, websocket=websocket, better=better)
    assert measure.lean == pytest.approx(lean)


POSITIVE = st.floats(0, 1e9)


@given(POSITIVE, POSITIVE, st.sampled_from(["lower", "higher"]))
def test_a_lean_has_no_favourite(sse: float, websocket: float, better: str) -> None:
    one = replace(SSE_HALF, sse=sse, websocket=websocket, better=better)
    other = replace(one, sse=websocket, websocket=sse)
    assert -1 <= one.lean <= 1
    assert one.lean == pytest.approx(-other.lean)


def test_runs_that_cannot_tell_pull_to_no_side() -> None:
    assert replace(WS_QUARTER, alike=True).lean == 0


def test_weights_move_the_balance_and_the_tipping_point_is_told() -> None:
    card = scorecard([SSE_HALF, WS_QUARTER], reference=False)
    assert card.pulls == {"sse": pytest.approx(2 / 3), "websocket": pytest.approx(2 / 3)}
    heavy = card.weigh({"Security": 4})
    assert heavy.pulls["sse"] == pytest.approx(8 / 3)
    assert heavy.tipping == {"Security": pytest.approx(1), "Performance": pytest.approx(4)}
    balanced = heavy.weigh({"Performance": 4})
    assert balanced.pulls["sse"] == pytest.approx(balanced.pulls["websocket"])
    assert "Security at 1.0, Performance at 4.0" in heavy.text


def test_a_number_of_ones_own_replaces_reference_results_and_is_marked() -> None:
    card = scorecard().add("Tooling", "days to learn", 1, 4, "days").add("Tooling", "days to learn", 4, 1, "days")
    (own,) = card.measures[card.measures["category"] == "Tooling"].to_dict("records")
    assert (own["sse"], own["lean"], own["source"]) == (4, pytest.approx(2 / 3), "yours")
    assert "not measured here" in own["care"]
    assert "days to learn" in card.text
    beside = scorecard([SSE_HALF]).add("Security", "days to repair", 1, 1, "days", "higher")
    assert set(beside.measures.query("category == 'Security'")["name"]) == {"attacks", "days to repair"}


@pytest.mark.parametrize(
    ("category", "sse", "better", "told"),
    [
        ("Speed", 1, "lower", "no category 'Speed'"),
        ("Tooling", -1, "lower", "number from 0 on, not -1"),
        ("Tooling", float("nan"), "lower", "number from 0 on, not nan"),
        ("Tooling", "1", "lower", "number from 0 on, not '1'"),
        ("Tooling", 1, "more", "not 'more'"),
    ],
)
def test_a_number_that_cannot_be_is_refused(category: str, sse: float, better: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        scorecard().add(category, "days", sse, 1, "days", better)  # type: ignore[arg-type]  # the mistake tested


def test_no_winner_is_proclaimed_and_gaps_are_named() -> None:
    text = scorecard([SSE_HALF], {"Security": 10}, reference=False).text
    assert not re.search(r"winner|better|best|should|choose|recommend", text)
    assert "Nothing was measured for Communication Direction" in text
    assert "would balance the two" in text


def test_measures_of_one_category_that_disagree_are_called_mixed() -> None:
    against = replace(WS_QUARTER, category="Security", name="other")
    card = scorecard([SSE_HALF, against], reference=False)
    row = card.table.set_index("category").loc["Security"]
    assert (row["measures"], row["mixed"], row["lean"]) == (2, True, 0)
    assert "Within Security" in card.text


def test_the_later_of_two_results_counts() -> None:
    card = scorecard([SSE_HALF, replace(SSE_HALF, sse=16)], reference=False)
    assert list(card.measures["sse"]) == [16]


@pytest.mark.parametrize(
    ("results", "weights", "told"),
    [
        ([], {"Speed": 1}, "no category 'Speed'"),
        ([], {"Security": -1}, "from 0 to 10"),
        ([], {"Security": True}, "from 0 to 10"),
        ([], {"Security": float("nan")}, "from 0 to 10"),
        ([replace(SSE_HALF, category="Taste")], {}, "no category 'Taste'"),
        ([replace(SSE_HALF, sse=-1)], {}, "number from 0 on, not -1"),
        ([replace(SSE_HALF, better="more")], {}, "not 'more'"),
        (["fast"], {}, "nothing to take from a str"),
        ([ByHand], {}, "It knows Exchange"),
    ],
)
def test_what_cannot_be_weighed_is_refused(results: list[object], weights: dict[str, float], told: str) -> None:
    with pytest.raises(InputError, match=told):
        scorecard(results, weights, reference=False)


def test_the_learners_own_results_take_the_place_of_the_reference(lab: Lab) -> None:
    both = ("sse+post", "websocket")
    talk = exchange(lab, both, down=3, up=3, seconds=0.1, progress=False)
    costs = overhead(lab, (16,), progress=False)
    card = scorecard([talk, costs, documents(lab)])
    sources = card.table.set_index("category")["source"]
    assert set(sources[["Communication Direction", "Message Structure", "Tooling"]]) == {"yours"}
    assert sources["Security"] == sources["Performance"] == "reference"
    assert "Not your own but reference results: " in card.text
    values = card.measures.set_index("name")
    assert (values.loc["connections", "sse"], values.loc["connections", "websocket"]) == (2, 1)
    assert values.loc["bytes on the wire for a small text message", "lean"] > 0
    assert values.loc["document formats that describe each message", "lean"] < 0


def test_a_result_without_both_sides_says_nothing(lab: Lab) -> None:
    talk = exchange(lab, ("websocket",), down=1, up=1, seconds=0.1, progress=False)
    assert measures_of(talk) == []
    assert measures_of(Postman(documents(lab).catalogue, "x", ())) == []
    run = ToolRun("k6", "", "sse", "2026-11-23", "", 1, 5, 5, single=True)
    assert measures_of(ToolRuns([run])) == []
    (both,) = measures_of(ToolRuns([run, replace(run, transport="websocket", single=False)]))
    assert (both.sse, both.websocket) == (1, 0)


def test_libraries_are_counted_where_some_were_tried() -> None:
    whole = League.load(max(data_path("league").glob("*.json")))
    (measure,) = measures_of(whole)
    tried = whole.table[whole.table["vectors"] > 0]
    for protocol, value in (("sse", measure.sse), ("websocket", measure.websocket)):
        failed = tried.loc[tried["protocol"] == protocol, "failed"].tolist()
        assert value == pytest.approx(100 * failed.count(0) / len(failed))
    streams = [each for each in whole.run.entrants if each.protocol == "sse"]
    assert measures_of(League(replace(whole.run, entrants=tuple(streams)))) == []


def test_the_reference_covers_every_category_and_says_when_it_was_measured() -> None:
    measures = load_reference()
    assert {each.category for each in measures} == set(CATEGORIES)
    assert all(each.reference for each in measures)
    assert all(re.fullmatch(r"20\d\d-\d\d-\d\d", each.date_utc) for each in measures)


def test_the_figure_tells_each_category_in_words() -> None:
    figure = scorecard([SSE_HALF, WS_QUARTER], reference=False).figure()
    told = figure.layout.meta["description"]
    assert "Security: SSE 0.67 at weight 1" in told
    assert "Performance: WebSocket 0.67" in told
    assert "Tooling: nothing measured" in told
    assert set(figure.data[0].marker.pattern.shape) == {""}
    assert set(scorecard().figure().data[0].marker.pattern.shape) == {"/"}


def test_a_decision_record_shows_evidence_and_leaves_the_decision(lab: Lab, tmp_path: Path) -> None:
    found = outage(lab, ("sse", "websocket"), count=10, seconds=0.5, cuts=1, progress=False)
    card = scorecard([found, SSE_HALF], {"Security": 3})
    record = decision_record("Prices | <b>live</b>", found, card, context="A page for *traders*.")
    text = record.markdown
    assert text.startswith("# Prices \\| \\<b\\>live\\</b\\>\n")
    assert "Status: proposed" in text
    assert "Yours to write: which of the two" in text
    assert "A page for \\*traders\\*." in text
    for heading in (
        "Context",
        "Options",
        "Measured evidence",
        "Weights",
        "Decision",
        "Limits",
        "Machine and versions",
    ):
        assert f"\n## {heading}\n" in text
    assert "| Security | 3 |" in text
    assert "Measures behind the scorecard" in text
    assert "| Security | attacks | 2 | 8 | attacks | -0.667 |" in text
    assert "Reference results, not measured for this decision, stand behind" in text
    assert "| tornado |" in text
    assert str(found.found[1].lost) in text
    tables = [line for line in text.splitlines() if line.startswith("|")]
    assert all(line.endswith("|") for line in tables)
    assert record.save(tmp_path / "0001.md").read_text(encoding="utf-8") == text
    with pytest.raises(RecordingError, match="cannot be saved"):
        record.save(tmp_path / "nowhere" / "x.md")


def test_a_decision_that_was_made_is_accepted(lab: Lab) -> None:
    text = decision_record("t", scorecard([SSE_HALF], reference=False), decision="SSE, for it resumes.").markdown
    assert "Status: accepted" in text
    assert "\nSSE, for it resumes.\n" in text
    assert "Reference results" not in text


def test_a_decision_without_evidence_is_refused() -> None:
    with pytest.raises(InputError, match="needs evidence"):
        decision_record("t")
    with pytest.raises(InputError, match="A str is no result"):
        decision_record("t", "I like it")  # type: ignore[arg-type]


SCRIPTS = ("k6", "gatling", "locust", "jmeter", "artillery")


@pytest.mark.parametrize("what", SCRIPTS)
def test_a_lab_and_a_scenario_become_the_same_script(lab: Lab, what: str) -> None:
    files = export(what, lab, connections=3)
    assert files == export(what, scenario(lab, connections=3))
    assert 1 <= len(files) <= 2


def test_each_export_is_a_set_of_files_of_its_own(lab: Lab, tmp_path: Path) -> None:
    known = documents(lab)
    made = {what: export(what, known, folder=tmp_path / what) for what in ("asyncapi", "openapi", "postman")}
    made |= {what: export(what, lab) for what in SCRIPTS}
    made["decision record"] = export("decision record", scorecard(), title="t")
    names = [name for files in made.values() for name in files]
    assert len(names) == len(set(names))
    assert all(made.values())
    assert (tmp_path / "postman" / "postman-sockets" / ".resources" / "definition.yaml").is_file()
    assert export("asyncapi", lab).keys() == made["asyncapi"].keys()


@pytest.mark.parametrize(
    ("what", "of", "told"),
    [
        ("wsdl", None, "no export 'wsdl'; there are k6"),
        ("k6", 5, "made of a lab, or what scenario"),
        ("openapi", {}, "what documents\\(\\) gave, not of a dict"),
        ("decision record", "x", "a result, or a list of results, not of a str"),
    ],
)
def test_an_export_that_cannot_be_made_is_refused(what: str, of: object, told: str) -> None:
    with pytest.raises(InputError, match=told):
        export(what, of)


def test_a_file_in_the_way_is_told(lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RecordingError, match="cannot be written"):
        export("openapi", lab, folder=tmp_path / "file" / "x")
