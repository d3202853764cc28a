from __future__ import annotations

import json
from pathlib import Path

import pytest

from rtlab.conformance import archive
from rtlab.conformance.archive import load_league, save_league, shipped_league
from rtlab.conformance.peers import PEERS, chosen_peers
from rtlab.conformance.run import LeagueRun, run_league
from rtlab.conformance.vectors import sse_vectors, websocket_vectors
from rtlab.errors import RecordingError, RtlabError


@pytest.fixture(scope="module")
def run() -> LeagueRun:
    return run_league(chosen_peers("sse", ["rtlab", "sseclient-py"]))


def test_a_run_comes_back_as_it_was(run: LeagueRun, tmp_path: Path) -> None:
    path = save_league(run, tmp_path / "league.json")
    assert load_league(path) == run


def test_the_file_has_one_judgement_a_line(run: LeagueRun, tmp_path: Path) -> None:
    lines = save_league(run, tmp_path / "league.json").read_text(encoding="utf-8").splitlines()
    assert sum(line.startswith('["sse", ') for line in lines) == len(run.judgements) + len(run.entrants)


def test_the_shipped_run_was_made_with_every_peer_and_every_vector() -> None:
    shipped = shipped_league()
    assert {(entrant.protocol, entrant.peer) for entrant in shipped.entrants} == {
        (p.protocol, p.name) for p in PEERS
    }
    assert all(entrant.version and entrant.date_utc and not entrant.note for entrant in shipped.entrants)
    known = {vector.id for vector in (*sse_vectors(), *websocket_vectors())}
    for peer in PEERS:
        judged = [j.vector for j in shipped.judgements if (j.protocol, j.peer) == (peer.protocol, peer.name)]
        assert judged == [vector.id for vector in peer.vectors()]
        assert set(judged) <= known


def test_a_folder_without_runs_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(archive, "data_path", lambda name: tmp_path)
    with pytest.raises(RtlabError, match="install rtlab again"):
        shipped_league()


def test_a_file_that_cannot_be_written_is_an_error(run: LeagueRun, tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="cannot be saved"):
        save_league(run, tmp_path / "no-such-folder" / "league.json")


@pytest.mark.parametrize("content", ["", "[1]", '{"format": "rtlab-league-99"}', '{"format": "rtlab-league-1"}'])
def test_a_file_of_another_kind_is_an_error(content: str, tmp_path: Path) -> None:
    path = tmp_path / "league.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(RecordingError):
        load_league(path)


def test_a_file_with_a_short_row_is_damaged(run: LeagueRun, tmp_path: Path) -> None:
    path = save_league(run, tmp_path / "league.json")
    content = json.loads(path.read_text(encoding="utf-8"))
    content["judgements"]["rows"][0].pop()
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(RecordingError, match="damaged"):
        load_league(path)


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="cannot be read"):
        load_league(tmp_path / "nothing.json")
