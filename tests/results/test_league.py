from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import rtlab
from rtlab.conformance import peers
from rtlab.conformance.archive import shipped_league
from rtlab.errors import InputError
from rtlab.results.league import League, league

ALWAYS = ["rtlab", "sseclient-py"]


@pytest.fixture(scope="module")
def found() -> League:
    return league("sse", ALWAYS, progress=False)


def test_the_public_verb_is_the_league() -> None:
    assert rtlab.league is league


def test_each_peer_has_a_row_with_version_and_date(found: League) -> None:
    assert list(found.table["peer"]) == ALWAYS
    assert (found.table["version"] != "").all() and (found.table["note"] == "").all()
    assert found.table["date_utc"].str.match(r"\d{4}-\d\d-\d\dT").all()
    assert list(found.table["vectors"]) == [88, 88]


def test_rtlab_is_ok_with_every_stream_and_says_so(found: League) -> None:
    assert found.table["ok"].iloc[0] == 88
    assert "No vector FAILED with rtlab (sse)" in found.text
    assert not (found.deviations["peer"] == "rtlab").any()


def test_each_deviation_names_clause_and_consequence(found: League) -> None:
    wrong = found.judgements["verdict"].isin(["FAILED", "NON-STRICT"]).sum()
    assert len(found.deviations) == wrong
    for name in ("vector", "clause", "expected", "got", "consequence", "feeding"):
        assert (found.deviations[name] != "").all()


def test_it_shows_itself_as_text_and_as_html(found: League) -> None:
    bundle = found._repr_mimebundle_()
    assert "sseclient-py" in repr(found) == bundle["text/plain"]
    assert "<table" in bundle["text/html"] and "No vector FAILED" in bundle["text/html"]


def test_it_is_drawn(found: League) -> None:
    assert "sseclient-py (sse)" in found.figure().layout.meta["description"]


def test_it_comes_back_from_a_file(found: League, tmp_path: Path) -> None:
    again = League.load(found.save(tmp_path / "league.json"))
    pd.testing.assert_frame_equal(again.table, found.table)
    pd.testing.assert_frame_equal(again.deviations, found.deviations)


def test_a_peer_that_is_not_installed_is_shown_with_the_shipped_run_and_its_date(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gone = tuple(
        replace(peer, modules=("no_such_module",)) if peer.name == "httpx-sse" else peer for peer in peers.PEERS
    )
    monkeypatch.setattr(peers, "PEERS", gone)
    found = league("sse", ["rtlab", "httpx-sse"], progress=False)
    (before,) = (entrant for entrant in shipped_league().entrants if entrant.peer == "httpx-sse")
    row = found.table.iloc[1]
    assert (row["peer"], row["vectors"]) == ("httpx-sse", 88)
    assert (row["version"], row["date_utc"]) == (before.version, before.date_utc)
    assert f"shown is {before.version} on {before.date_utc[:10]}" in row["note"]
    assert row["note"] in found.text and row["note"] in repr(found)
    assert (found.deviations["peer"] == "httpx-sse").any()
    assert before.date_utc[:10] in found.figure().layout.yaxis.ticktext[1]


def test_a_peer_that_was_never_run_keeps_a_row_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    stranger = replace(peers.PEERS[1], name="stranger", modules=("no_such_module",))
    monkeypatch.setattr(peers, "PEERS", (*peers.PEERS, stranger))
    found = league(peers=["stranger"], progress=False)
    assert list(found.table["vectors"]) == [0]
    assert "stranger (sse): not installed: pip install 'rtlab[league]'." in found.text
    assert list(found.figure().data) == []


def test_the_shipped_league_shows_the_deviations_that_matter() -> None:
    shipped = League(shipped_league()).deviations
    told = {(row["peer"], row["vector"]): row["consequence"] for row in shipped.to_dict("records")}
    assert "truncated text" in told["sseclient-py", "eof-no-newline"]
    assert "masks" in told["tornado", "mask-missing-s"]


def test_an_unknown_peer_is_refused() -> None:
    with pytest.raises(InputError, match="no peer 'curl'"):
        league(peers=["curl"])
