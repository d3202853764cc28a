from __future__ import annotations

import pandas as pd

from rtlab.findings.messages import Carried, Compressed, MessageCost, StreamEvent, StreamReading, Survival
from rtlab.tables.messages import (
    carried_table,
    compressed_table,
    outcomes_table,
    overheads_table,
    shortened,
    stream_events_table,
    survivals_table,
)


def test_overhead_is_what_crossed_less_the_payload() -> None:
    table = overheads_table([MessageCost("SSE event", "text", 10, 25)])
    assert table[["overhead_bytes", "overhead_percent"]].to_numpy().tolist() == [[15, 150.0]]


def test_survivals_show_line_ends_and_separate_messages() -> None:
    table = survivals_table(
        [Survival("LF", "lab", "changed", "a\nb", ("a", "b")), Survival("x", "lab", "lost", "", ())]
    )
    assert list(table["sent"]) == [r"'a\nb'", "''"]
    assert list(table["got"]) == ["'a' | 'b'", ""]


def test_half_a_surrogate_pair_can_be_shown() -> None:
    table = survivals_table([Survival("half", "lab", "refused", "\ud83d", ())])
    assert list(table["sent"]) == [r"'\ud83d'"]


def test_outcomes_are_a_matrix_in_the_order_of_the_rows() -> None:
    rows = [Survival(text, way, f"{text}{way}", "", ()) for way in "zy" for text in "cab"]
    wide = outcomes_table(survivals_table(rows))
    assert list(wide.columns) == ["text", "z", "y"]
    assert wide.to_numpy().tolist() == [["c", "cz", "cy"], ["a", "az", "ay"], ["b", "bz", "by"]]


def test_stream_events_are_numbered_for_each_reader() -> None:
    events = (StreamEvent("tick", "7", "1"), StreamEvent("message", "7", "2"))
    table = stream_events_table([StreamReading("a", events, "", 10), StreamReading("b", events[:1], "broke", None)])
    assert table[["reader", "number", "data"]].to_numpy().tolist() == [
        ["a", 1, "'1'"],
        ["a", 2, "'2'"],
        ["b", 1, "'1'"],
    ]


def test_speed_is_payload_by_round_trip_and_missing_where_nothing_came_back() -> None:
    kept = {"load": "a", "way": "websocket", "form": "binary", "payload_bytes": 2**20, "form_bytes": 2**20}
    counts = {"up_bytes": 1, "down_bytes": 1, "frames_up": 1, "coding_ms": 0.0, "memory_bytes": 1}
    table = carried_table(
        [
            Carried(**kept, **counts, intact=True, refused="", round_trip_ms=500.0),  # type: ignore[arg-type]
            Carried(**kept, **counts, intact=False, refused="close code 1009", round_trip_ms=None),  # type: ignore[arg-type]
        ]
    )
    assert table["mib_per_s"].iloc[0] == 2.0
    assert pd.isna(table[["mib_per_s", "round_trip_ms"]].iloc[1]).all()


def test_a_long_text_is_shown_shortened() -> None:
    assert shortened("x" * 1_000_000) == f"'{'x' * 57}…'"
    assert shortened(" a\t") == r"' a\t'"


def test_compressed_rows_are_listed_as_they_are() -> None:
    table = compressed_table([Compressed("ticks", "with context", 50, 45, 12)])
    assert table.to_numpy().tolist() == [["ticks", "with context", 50, 45, 12]]
