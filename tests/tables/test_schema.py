from __future__ import annotations

import io

import pandas as pd
import pytest

from rtlab.errors import InputError
from rtlab.tables.schema import TABLES, TRANSPORT_NAMES, TRANSPORTS, check, describe

MARKS = pd.DataFrame(
    {"at_ms": [0.0, 5.0], "lane": ["push", "push"], "direction": ["up", "down"], "label": ["GET", "200"]}
)


@pytest.mark.parametrize("table_name", TABLES)
def test_every_column_is_explained_in_one_sentence(table_name: str) -> None:
    described = describe(table_name)
    assert list(described["column"]) == [column.name for column in TABLES[table_name]]
    assert described["column"].is_unique
    for meaning in described["meaning"]:
        assert meaning.endswith(".") and ". " not in meaning


@pytest.mark.parametrize("table_name", TABLES)
def test_a_column_name_ends_in_its_unit(table_name: str) -> None:
    for column in TABLES[table_name]:
        for suffix, unit in {"_ns": "ns", "_ms": "ms", "_per_s": "/s", "_s": "s", "_bytes": "bytes"}.items():
            if column.name.endswith(suffix):
                assert column.unit.endswith(unit), column.name
                break


def test_every_transport_has_a_name_for_people() -> None:
    assert tuple(TRANSPORT_NAMES) == TRANSPORTS == ("sse", "websocket", "long-polling", "polling")


def test_an_unknown_table_is_refused_and_the_known_ones_are_named() -> None:
    with pytest.raises(InputError, match=r"'wires'; the tables are deliveries, connections"):
        describe("wires")


def test_check_gives_the_dtypes_of_the_schema() -> None:
    checked = check(MARKS.assign(at_ms=[0, 5]), "marks")
    assert {name: str(dtype) for name, dtype in checked.dtypes.items()} == {
        column.name: column.dtype for column in TABLES["marks"]
    }
    assert list(checked["direction"].cat.categories) == ["up", "down"]


def test_check_keeps_columns_that_the_table_does_not_know() -> None:
    checked = check(MARKS.assign(note="mine").set_index(pd.Index([7, 9])), "marks")
    assert list(checked.columns) == ["at_ms", "lane", "direction", "label", "note"]
    assert list(checked.index) == [7, 9]
    assert list(checked["note"]) == ["mine", "mine"]


def test_a_table_survives_a_csv_file() -> None:
    checked = check(MARKS, "marks")
    again = check(pd.read_csv(io.StringIO(checked.to_csv(index=False))), "marks")
    pd.testing.assert_frame_equal(again, checked)


def test_check_names_the_missing_columns() -> None:
    with pytest.raises(InputError, match="needs the columns lane, label"):
        check(MARKS.drop(columns=["lane", "label"]), "marks")


def test_check_names_the_column_with_the_wrong_content() -> None:
    with pytest.raises(InputError, match="Column at_ms of a marks table must be float64"):
        check(MARKS.assign(at_ms="soon"), "marks")


def test_check_refuses_a_category_that_does_not_exist() -> None:
    with pytest.raises(InputError, match="knows up, down, not sideways"):
        check(MARKS.assign(direction=["up", "sideways"]), "marks")


@pytest.mark.parametrize(("column", "value"), [("limit", "high"), ("passed", "maybe")])
def test_check_does_not_bend_values_to_fit(column: str, value: str) -> None:
    row = {"check": "a", "passed": True, "measured": 1.0, "limit": 2.0, "unit": "ms", "meaning": "b"}
    with pytest.raises(InputError, match=f"Column {column}"):
        check(pd.DataFrame([{**row, column: value}]), "validity")


@pytest.mark.parametrize("runs", [1.5, None])
def test_a_count_must_be_whole_and_present(runs: float | None) -> None:
    row: dict[str, object] = {column.name: 1 for column in TABLES["summary"]}
    row |= {"transport": "sse", "client": "rtlab", "runs": runs}
    with pytest.raises(InputError, match="Column runs of a summary table must be int64"):
        check(pd.DataFrame([row]), "summary")
