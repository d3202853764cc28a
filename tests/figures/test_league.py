from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
import pytest

from rtlab.errors import InputError
from rtlab.figures.league import COLORS, figure_league
from rtlab.tables.league import judgements_table, league_table
from rtlab.tables.schema import TABLES, VERDICTS

Row = tuple[str, str, str, str, str]

SOME: list[Row] = [
    ("one", "sse", "line ends", "eol-lf", "OK"),
    ("one", "sse", "line ends", "eol-cr", "FAILED"),
    ("one", "sse", "id", "id-basic", "OK"),
    ("two", "sse", "line ends", "eol-lf", "OK"),
    ("two", "sse", "line ends", "eol-cr", "OK"),
    ("two", "sse", "id", "id-basic", "FAILED"),
    ("one", "websocket", "masking", "mask-a", "NON-STRICT"),
]


def drawn(rows: list[Row], note: str = "") -> go.Figure:
    known = {column.name: "" for column in TABLES["judgements"]}
    names = ("peer", "protocol", "group", "vector", "verdict")
    judgements = judgements_table({**known, **dict(zip(names, row, strict=True))} for row in rows)
    entrants = dict.fromkeys((peer, protocol) for peer, protocol, *_ in rows)
    date = "2026-11-22T10:00:00+00:00"
    league = league_table(
        [
            {"peer": peer, "protocol": protocol, "version": "1.2", "date_utc": date, "note": note}
            for peer, protocol in entrants
        ],
        judgements,
    )
    return figure_league(judgements, league)


def trace(figure: go.Figure, name: str, row: int = 0) -> go.Bar:
    return [bar for bar in figure.data if bar.name == name][row]


def test_every_verdict_has_a_colour() -> None:
    assert set(COLORS) == set(VERDICTS)


def test_the_parts_of_a_bar_are_the_shares_of_the_verdicts_and_fill_it() -> None:
    figure = drawn(SOME)
    failed, ok = trace(figure, "FAILED"), trace(figure, "OK")
    half_failed = list(failed.y).index(0)
    assert (failed.x[half_failed], failed.base[half_failed]) == pytest.approx((0.45, -0.45))
    assert (ok.x[0], ok.base[0]) == pytest.approx((0.45, 0.0))
    whole = list(zip(ok.base, ok.y, strict=True)).index((-0.45, 1))
    assert ok.x[whole] == pytest.approx(0.9)


def test_one_failure_among_many_is_still_as_wide_as_its_number() -> None:
    many: list[Row] = [("one", "sse", "id", f"id-{number}", "OK") for number in range(99)]
    figure = drawn([*many, ("one", "sse", "id", "id-bad", "FAILED")])
    failed, ok = trace(figure, "FAILED"), trace(figure, "OK")
    assert failed.x[0] > 0.1 and failed.x[0] + ok.x[0] == pytest.approx(0.9)
    assert failed.text[0] == "1"


def test_hovering_names_the_vectors() -> None:
    failed = trace(drawn(SOME), "FAILED")
    assert failed.customdata[0] == "one, line ends: 1 of 2 FAILED<br>eol-cr"
    many: list[Row] = [("one", "sse", "id", f"id-{number}", "FAILED") for number in range(10)]
    assert trace(drawn(many), "FAILED").customdata[0].endswith("id-6, id-7 and 2 more")


def test_each_protocol_has_a_panel_with_its_own_groups_and_peers() -> None:
    figure = drawn(SOME)
    assert list(figure.layout.xaxis.ticktext) == ["line<br>ends", "id"]
    assert list(figure.layout.xaxis2.ticktext) == ["masking"]
    assert [label.strip() for label in figure.layout.yaxis.ticktext] == ["one 1.2", "two 1.2"]
    assert [label.strip() for label in figure.layout.yaxis2.ticktext] == ["one 1.2"]
    texts = [annotation.text for annotation in figure.layout.annotations]
    assert texts == ["OK", "<b>SSE</b>", "2 / 3", "2 / 3", "OK", "<b>WebSocket</b>", "0 / 1"]


def test_a_verdict_stands_once_in_the_legend() -> None:
    figure = drawn([*SOME, ("one", "websocket", "masking", "mask-b", "OK")])
    shown = [bar.name for bar in figure.data if bar.showlegend]
    assert sorted(shown) == ["FAILED", "NON-STRICT", "OK"]


def test_an_older_run_is_marked_with_its_date() -> None:
    label = drawn(SOME, note="not installed").layout.yaxis.ticktext[0]
    assert "one 1.2" in label and "2026-11-22" in label
    assert "2026-11-22" not in drawn(SOME).layout.yaxis.ticktext[0]


def test_the_description_tells_the_counts_of_every_peer() -> None:
    description = drawn(SOME).layout.meta["description"]
    assert description.endswith(
        "one (sse): 2 of 3 OK, 1 FAILED; two (sse): 2 of 3 OK, 1 FAILED; one (websocket): 0 of 1 OK, 0 FAILED."
    )


def test_without_a_peer_there_is_a_figure_without_bars() -> None:
    assert list(drawn([]).data) == []


def test_a_frame_of_another_table_is_refused() -> None:
    with pytest.raises(InputError, match="judgements table needs the columns"):
        figure_league(pd.DataFrame({"peer": []}), pd.DataFrame({"peer": []}))
