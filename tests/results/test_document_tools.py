"""The real Schemathesis, Newman and Postman CLI against a lab."""

from __future__ import annotations

from pathlib import Path

import pytest

from rtlab.errors import LabError
from rtlab.experiments.observation import publish_prices
from rtlab.results.contract import contract
from rtlab.results.documents import documents
from rtlab.results.postman import postman
from rtlab.servers.lab import Lab
from rtlab.tools import postman as programs
from rtlab.tools.schemathesis import find_schemathesis

from ..absent import needed

pytestmark = [pytest.mark.stacks, pytest.mark.timeout(400)]


def publish_broken(lab: Lab) -> None:
    publish_prices(lab)
    lab.publish('{"symbol": "ABC", "eur": "12.5", "volume": 3}', event="price")


def test_schemathesis_agrees_that_the_contract_is_kept(lab: Lab) -> None:
    needed(find_schemathesis)
    found = contract(lab, documents(lab), schemathesis=True)
    assert found.kept, found.breaches
    assert found.checks[-1].checker.startswith("Schemathesis 4.")
    assert found.checks[-1].checked > 0


def test_schemathesis_finds_the_planted_breach_that_our_check_finds(lab: Lab) -> None:
    needed(find_schemathesis)
    found = contract(lab, documents(lab), publish_broken, schemathesis=True)
    assert all(each.breaches for each in found.checks)
    streams = found.breaches[found.breaches["transport"] == "sse"]
    assert set(streams["event"]) == {"price"}


def test_schemathesis_reads_a_stream_over_tls(make_lab: object) -> None:
    needed(find_schemathesis)
    lab = make_lab(tls=True)  # type: ignore[operator]
    assert contract(lab, documents(lab), schemathesis=True).kept


def test_schemathesis_without_an_event_is_no_success(make_lab: object) -> None:
    needed(find_schemathesis)
    lab = make_lab(history_messages=0)  # type: ignore[operator]
    described = documents(lab)
    rounds = iter((publish_prices,))
    with pytest.raises(LabError, match="not one event"):
        contract(lab, described, lambda lab: next(rounds, lambda lab: None)(lab), schemathesis=True)


def test_postman_checks_both_collections_and_runs_the_half_that_it_can(lab: Lab, tmp_path: Path) -> None:
    needed(programs.find_runner, "postman")
    needed(programs.find_runner, "newman")
    found = postman(lab)
    rows = found.table.set_index(["collection", "program", "step"])
    for name in ("HTTP and event streams", "WebSocket"):
        assert rows.loc[(name, "postman", "checked"), "files"] == 2
    for program in programs.RUNNERS:
        ran = rows.loc[("HTTP and event streams", program, "run")]
        assert (ran["requests"], ran["tests"], ran["failed"]) == (2, 6, 0)
    assert rows.loc[("WebSocket", "postman", "run"), "outcome"] == "2 WebSocket requests were skipped"
    assert {path.name for path in found.save(tmp_path)} >= {"postman.json", "ws news.request.yaml"}


def test_a_broken_stream_fails_postmans_tests(lab: Lab) -> None:
    needed(programs.find_runner, "newman")
    described = documents(lab)

    def publish(lab: Lab) -> None:
        lab.publish('{"symbol": "ABC"}', event="price")

    failed = next(step for step in postman(lab, described, publish).steps if step.program == "newman")
    assert failed.failed == 1
    assert "each event has the members that are described" in failed.outcome


def test_the_check_of_the_postman_cli_knows_a_wrong_kind(tmp_path: Path) -> None:
    needed(programs.find_runner, "postman")
    (tmp_path / "made" / ".resources").mkdir(parents=True)
    (tmp_path / "made" / ".resources" / "definition.yaml").write_text("$kind: collection\n")
    (tmp_path / "made" / "one.request.yaml").write_text("$kind: pigeon-request\nurl: ws://127.0.0.1:9/\n")
    with pytest.raises(LabError, match="finds mistakes in made"):
        programs.lint(tmp_path / "made", tmp_path)
