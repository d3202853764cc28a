from __future__ import annotations

import pandas as pd
import pytest

from rtlab.conformance.verdicts import VERDICTS as ALL_VERDICTS
from rtlab.errors import InputError
from rtlab.tables.league import deviations_table, judgements_table, league_table
from rtlab.tables.schema import TABLES, VERDICTS

ENTRANTS = [
    {"peer": "one", "protocol": "sse", "version": "1", "date_utc": "2026-11-22T10:00:00+00:00", "note": ""},
    {"peer": "one", "protocol": "websocket", "version": "1", "date_utc": "2026-11-22T10:00:00+00:00", "note": ""},
    {"peer": "two", "protocol": "sse", "version": "", "date_utc": "", "note": "not installed"},
]


def judgement(peer: str, protocol: str, vector: str, verdict: str) -> dict[str, object]:
    known = {column.name: "" for column in TABLES["judgements"]}
    return {**known, "peer": peer, "protocol": protocol, "vector": vector, "verdict": verdict}


def judgements(*rows: tuple[str, str, str, str]) -> pd.DataFrame:
    return judgements_table(judgement(*row) for row in rows)


SOME = judgements(
    ("one", "websocket", "w1", "NON-STRICT"),
    ("one", "sse", "s1", "OK"),
    ("one", "sse", "s2", "NON-STRICT"),
    ("one", "sse", "s3", "FAILED"),
    ("three", "sse", "s1", "UNIMPLEMENTED"),
    ("three", "sse", "s2", "INFORMATIONAL"),
    ("three", "sse", "s3", "FAILED"),
)


def test_the_verdicts_of_the_tables_are_those_of_the_league() -> None:
    assert tuple(VERDICTS) == ALL_VERDICTS


def test_the_table_of_judgements_has_the_dtypes_of_the_schema_and_no_other_columns() -> None:
    table = judgements_table([{**judgement("one", "sse", "s1", "OK"), "facet": "events"}])
    assert {name: str(dtype) for name, dtype in table.dtypes.items()} == {
        column.name: column.dtype for column in TABLES["judgements"]
    }


def test_an_unknown_verdict_is_refused() -> None:
    with pytest.raises(InputError, match="knows OK, INFORMATIONAL"):
        judgements(("one", "sse", "s1", "PASSED"))


def test_verdicts_are_counted_for_each_peer_and_protocol_in_the_order_of_the_entrants() -> None:
    table = league_table(ENTRANTS, SOME)
    counts = table[["peer", "protocol", "vectors", *VERDICTS.values()]].to_numpy().tolist()
    assert counts == [
        ["one", "sse", 3, 1, 0, 0, 1, 1],
        ["one", "websocket", 1, 0, 0, 0, 1, 0],
        ["two", "sse", 0, 0, 0, 0, 0, 0],
    ]
    assert list(table["note"]) == ["", "", "not installed"]


def test_a_league_without_judgements_is_a_table_of_noughts() -> None:
    table = league_table(ENTRANTS[2:], judgements_table([]))
    assert (table["vectors"].tolist(), table["failed"].tolist()) == ([0], [0])


def test_deviations_are_what_failed_and_then_what_is_not_strict_peer_by_peer() -> None:
    table = deviations_table(SOME)
    assert table[["protocol", "peer", "vector", "verdict"]].to_numpy().tolist() == [
        ["sse", "one", "s3", "FAILED"],
        ["sse", "one", "s2", "NON-STRICT"],
        ["sse", "three", "s3", "FAILED"],
        ["websocket", "one", "w1", "NON-STRICT"],
    ]
    assert list(table.columns[:6]) == ["peer", "vector", "clause", "expected", "got", "consequence"]
    assert list(table.index) == [0, 1, 2, 3]


def test_no_deviation_is_an_empty_table_with_its_columns() -> None:
    table = deviations_table(judgements(("one", "sse", "s1", "OK")))
    assert len(table) == 0 and "consequence" in table


def test_a_frame_of_another_table_is_refused() -> None:
    with pytest.raises(InputError, match="judgements table needs the columns"):
        deviations_table(pd.DataFrame({"peer": ["one"]}))
