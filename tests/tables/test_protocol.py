from __future__ import annotations

from rtlab.findings.protocol import (
    ConnectionCount,
    FrameSeen,
    HandshakeTry,
    Passage,
    RequestSpan,
    SetUpPart,
    Standstill,
)
from rtlab.tables.protocol import (
    connection_counts_table,
    handshake_tries_table,
    http2_frames_table,
    passages_table,
    request_spans_table,
    set_up_table,
    standstills_table,
)
from rtlab.tables.schema import TABLES


def test_each_table_has_the_columns_that_are_explained() -> None:
    tables = {
        "handshake_tries": handshake_tries_table([HandshakeTry("nothing", 101, True, "")]),
        "set_up": set_up_table([SetUpPart("sse", False, "up", "HTTP/1.1", 115, 71)]),
        "connection_counts": connection_counts_table([ConnectionCount("sse", 1, 2, 3, 3)]),
        "passages": passages_table([Passage("passes Upgrade on", "sse", 200, 3, 82, 0)]),
        "request_spans": request_spans_table([RequestSpan("pool", "page", 0.0, 1.0, 2.0, 2.0)]),
        "http2_frames": http2_frames_table(
            [FrameSeen("down", 1, "DATA", "", "00000d 00 00 00000001", 13, "'data: Hello'", "RFC 9113 6.1")]
        ),
        "standstills": standstills_table([Standstill("the line", 1, 10, 0, 10)]),
    }
    for name, table in tables.items():
        assert list(table.columns) == [column.name for column in TABLES[name]]
        assert {column.name: column.dtype for column in TABLES[name]} == {
            column: str(dtype) for column, dtype in table.dtypes.items()
        }
        assert len(table) == 1


def test_an_empty_table_keeps_its_columns() -> None:
    assert list(set_up_table([]).columns) == [column.name for column in TABLES["set_up"]]
