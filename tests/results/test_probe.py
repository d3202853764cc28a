from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest

from rtlab.errors import InputError, LocalProtocolError, RecordingError
from rtlab.probes.buffering import Piece
from rtlab.probes.examination import Examination
from rtlab.probes.finding import SEVERITIES, ProbeFinding, shown
from rtlab.probes.fixes import FIXES
from rtlab.probes.gaps import GAP_LIMITS_MS, gap_counts
from rtlab.probes.rules import RULES
from rtlab.results.probe import Probe, probe
from rtlab.tables.schema import describe


@pytest.fixture
def found() -> Probe:
    examination = Examination("http://127.0.0.1:1/sse?token=s3cret", 1.0, reached=True)
    examination.note("SSE-RETRY", "fine", "retry: 1000")
    examination.note("SSE-ACCEL", "info", "no X-Accel-Buffering")
    examination.note("SSE-BUFFERED", "error", "2 of 2 <bursts>")
    examination.note("SSE-CACHE", "warning", "no Cache-Control")
    examination.facts |= {"status": 200, "connect_ms": 1.23456, "buffering": "collected"}
    examination.gaps_ms = (0.5, 20.0, 20.0)
    examination.pieces = (Piece(0.5, 20, 1, ends_inside=False), Piece(400.0, 4_096, 2, ends_inside=True))
    return Probe(examination)


def test_the_gravest_comes_first(found):
    assert [each.severity for each in found.findings] == list(SEVERITIES)
    assert list(found.table["id"]) == ["SSE-BUFFERED", "SSE-CACHE", "SSE-ACCEL", "SSE-RETRY"]
    assert found.text.endswith(": 1 error, 1 warning, 1 info, 1 fine. Buffering: collected.")


def test_only_what_is_grave_enough_is_given(found):
    assert [each.id for each in found.at_least("warning")] == ["SSE-BUFFERED", "SSE-CACHE"]
    with pytest.raises(InputError, match="one of error, warning"):
        found.at_least("bad")


def test_it_shows_itself_in_a_notebook_without_secrets_and_escaped(found):
    shown_as = found._repr_mimebundle_()
    assert "2 of 2 &lt;bursts&gt;" in shown_as["text/html"]
    assert "Table: times between events" in shown_as["text/html"]
    assert "error    SSE-BUFFERED" in shown_as["text/plain"]
    assert "s3cret" not in str(shown_as)


def test_json_holds_everything(found, tmp_path):
    saved = json.loads(found.save_json(tmp_path / "probe.json").read_text(encoding="utf-8"))
    assert saved["format"] == "rtlab-probe-1"
    assert saved["facts"]["status"] == 200
    assert saved["gaps"]["10 to 30 ms"] == 2
    assert saved["findings"][0]["id"] == "SSE-BUFFERED"
    assert "proxy_buffering off" in saved["findings"][0]["snippets"]["nginx"]
    assert saved["findings"][3]["snippets"] == {}


def test_sarif_has_a_rule_and_a_place_for_each_result(found, tmp_path):
    saved = json.loads(found.save_sarif(tmp_path / "probe.sarif").read_text(encoding="utf-8"))
    (run,) = saved["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert saved["version"] == "2.1.0"
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == found.url
    # SARIF 3.27.10: whatever is no failure has the level "none".
    assert [(each["kind"], each["level"]) for each in run["results"]] == [
        ("fail", "error"),
        ("fail", "warning"),
        ("informational", "none"),
        ("pass", "none"),
    ]


@pytest.mark.parametrize(("fail_on", "failures"), [("error", 1), ("warning", 2)])
def test_junit_fails_what_is_grave_enough(found, tmp_path, fail_on, failures):
    suite = ElementTree.parse(found.save_junit(tmp_path / "probe.xml", fail_on=fail_on)).getroot()
    assert (suite.get("tests"), suite.get("failures")) == ("4", str(failures))
    assert len(suite.findall("testcase/failure")) == failures


def test_the_page_tells_the_fixes_and_asks_no_network(found, tmp_path):
    page = found.save_html(tmp_path / "probe.html").read_text(encoding="utf-8")
    assert "proxy_buffering off" in page
    assert "2 of 2 &lt;bursts&gt;" in page
    assert "src=" not in page
    assert "s3cret" not in page


def test_the_page_and_the_figure_show_what_came_when(found, tmp_path):
    page = found.save_html(tmp_path / "probe.html").read_text(encoding="utf-8")
    assert "<svg" in page
    assert "1 of them, with a cross, ended inside an event. Buffering: collected." in page
    assert "color-scheme: light dark" in page
    figure = found.figure()
    assert figure.layout.title.text == "What came when: buffering collected"
    assert "Buffering: collected." in figure.layout.meta["description"]
    assert list(found.arrivals["ends_inside"]) == [False, True]


def test_every_table_can_be_explained(found):
    tables = {"probe": found.table, "probe_arrivals": found.arrivals, "probe_gaps": found.gaps}
    for name, frame in tables.items():
        assert list(describe(name)["column"]) == list(frame.columns)


def test_a_file_that_cannot_be_written_is_told(found, tmp_path):
    with pytest.raises(RecordingError, match="cannot be written"):
        found.save_json(tmp_path / "no" / "probe.json")


def test_another_machine_needs_consent():
    with pytest.raises(InputError, match="consent=True"):
        probe("https://probe.invalid/stream")


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "127.0.0.1", "http://user:secret@127.0.0.1/"])
def test_a_wrong_url_is_refused(url):
    with pytest.raises(InputError):
        probe(url)


@pytest.mark.parametrize("seconds", [0, -1, 601, float("nan")])
def test_wrong_seconds_are_refused(seconds):
    with pytest.raises(InputError, match="seconds must be"):
        probe("http://127.0.0.1:1/", seconds=seconds)


@pytest.mark.parametrize("header", [("Host", "x"), ("Sec-WebSocket-Key", "x"), ("X", "a\r\nb"), ("X Y", "a")])
def test_headers_that_cannot_be_sent_are_refused(header):
    with pytest.raises(LocalProtocolError):
        probe("http://127.0.0.1:1/", headers=[header])


def test_a_sub_protocol_that_cannot_be_sent_is_refused():
    with pytest.raises(LocalProtocolError):
        probe("ws://127.0.0.1:1/", subprotocols=["a b"])


def test_a_wrong_authority_is_refused():
    with pytest.raises(InputError, match="ca_pem"):
        probe("https://127.0.0.1:1/", ca_pem="no certificate")


def test_every_rule_names_a_fix_that_exists_and_every_fix_is_used():
    named = {rule.fix for rule in RULES.values() if rule.fix}
    assert named == set(FIXES)
    assert all(rule.title.endswith(".") for rule in RULES.values())


def test_a_finding_of_no_known_kind_is_refused():
    with pytest.raises(InputError):
        ProbeFinding("SSE-NOTHING", "error")


def test_gaps_are_counted_in_their_class():
    counts = dict(gap_counts([0.0, 1.0, 9.9, 10.0, 999.0, 1_000.0, 99_999.0]))
    assert len(counts) == len(GAP_LIMITS_MS) + 1
    assert counts["below 1 ms"] == 1
    assert counts["1 to 10 ms"] == 2
    assert counts["1 to 3 s"] == 1
    assert counts["10 s or more"] == 1


def test_bytes_are_shown_with_escapes_and_only_the_first_of_many():
    assert shown(b"a\r\n\xff") == "a\\r\\n\\xff"
    assert shown(b"a" * 500).endswith("… (500 bytes)")
