from __future__ import annotations

from dataclasses import replace

import pandas as pd

from rtlab.findings.reconnection import StatusCell
from rtlab.tables.status_matrix import status_table, status_wide

REFUSED = StatusCell(
    "404", "a", "sse", "raises", 1, (), False, "closed", "Error", None, 0, "fail for good", "HTML 9.2.3", True
)
BACK = replace(REFUSED, situation="reset", outcome="reconnects", attempts=3, delays_ms=(50.2, 51.8), error="")
READ = replace(REFUSED, client="b", outcome="reads it", state="ended", agrees=False)
SOCKET = replace(REFUSED, client="c", protocol="websocket", standard="no 101")


def test_delays_are_whole_milliseconds_and_the_id_may_be_missing() -> None:
    table = status_table([REFUSED, replace(BACK, last_event_id=True)])
    assert list(table["delays_ms"]) == ["", "50, 52"]
    assert pd.isna(table["last_event_id"].iloc[0])
    assert table["last_event_id"].iloc[1]


def test_the_matrix_has_a_row_a_situation_and_marks_what_differs() -> None:
    wide = status_wide(status_table([REFUSED, BACK, READ, SOCKET]))
    assert list(wide.columns) == ["situation", "SSE: the standard", "a", "b", "WebSocket: the standard", "c"]
    assert wide.to_numpy().tolist() == [
        ["404", "fail for good", "raises", "reads it ✗", "no 101", "raises"],
        ["reset", "fail for good", "reconnects", "", "", ""],
    ]
