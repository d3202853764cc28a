from __future__ import annotations

import pytest

from rtlab.findings.page_sockets import MessageForm, Pouring, SocketEnd
from rtlab.tables.page_sockets import (
    HANDED,
    HELD,
    message_forms_table,
    poured_table,
    pourings_table,
    socket_ends_table,
)
from rtlab.tables.schema import TABLES

FORM = MessageForm("EventSource", "bytes", "binary", 3, 4, "", None, False)
SOCKET = Pouring("WebSocket", 3, 10, ((0.0, 0), (1.0, 30)), ((0.0, 0), (1.0, 30), (90.0, 0)), 50.0, 3)
STREAM = Pouring("WebSocketStream", 3, 10, ((0.0, 0), (1.0, 10), (60.0, 30)), (), 50.0, 2)
END = SocketEnd("lab", "4123 why", "4123 why", "4123", True, "4123 why", "4123", "")


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("message_forms", message_forms_table([FORM])),
        ("pourings", pourings_table([SOCKET, STREAM])),
        ("poured", poured_table([SOCKET, STREAM])),
        ("socket_ends", socket_ends_table([END])),
    ],
)
def test_each_table_follows_its_schema(name: str, table: object) -> None:
    assert {key: str(kind) for key, kind in table.dtypes.items()} == {  # type: ignore[attr-defined]
        column.name: column.dtype for column in TABLES[name]
    }


def test_what_was_handed_over_before_the_other_side_read_counts() -> None:
    table = pourings_table([SOCKET, STREAM]).set_index("way")
    assert table["early_bytes"].to_dict() == {"WebSocket": 30, "WebSocketStream": 10}
    assert table["handed_ms"].to_dict() == {"WebSocket": 1.0, "WebSocketStream": 60.0}
    assert table.loc["WebSocket", "most_held_bytes"] == 30
    assert table["most_held_bytes"].isna().to_dict() == {"WebSocket": False, "WebSocketStream": True}


def test_if_nobody_heard_of_the_reading_all_was_early() -> None:
    (row,) = pourings_table([Pouring("WebSocketStream", 1, 10, ((0.0, 0), (9.0, 10)), (), None, 1)]).to_dict(
        "records"
    )
    assert row["early_bytes"] == 10


def test_each_moment_is_a_row() -> None:
    table = poured_table([SOCKET, STREAM])
    assert table.groupby(["way", "what"]).size().to_dict() == {
        ("WebSocket", HANDED): 2,
        ("WebSocket", HELD): 3,
        ("WebSocketStream", HANDED): 3,
    }


@pytest.mark.parametrize(
    ("page_saw", "lab_saw", "refused", "agrees"),
    [
        ("4123 why", "4123", "", True),
        ("4123 why", "4123 why", "", True),  # an answer may repeat the reason
        ("4123", "4123", "", False),
        ("1005", "4123", "", False),
        ("4123 why", "41234", "", False),
        ("4123 why", "", "", False),
        ("", "", "SyntaxError", True),
    ],
)
def test_an_end_agrees_if_both_saw_what_was_said(page_saw: str, lab_saw: str, refused: str, agrees: bool) -> None:
    end = SocketEnd("lab", "4123 why", page_saw, lab_saw, True, "4123 why", "4123", refused)
    assert socket_ends_table([end])["as_standards"].tolist() == [agrees]
