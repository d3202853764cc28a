"""The columns of the tables of a probe."""

from __future__ import annotations

from rtlab.tables.columns import Column

PROBE_TABLES: dict[str, tuple[Column, ...]] = {
    "probe": (
        Column("severity", "string", "", "How grave: error, warning, info, or fine for what was tried and held."),
        Column("id", "string", "", "The kind of finding, the same in every report, such as SSE-UTF8."),
        Column("title", "string", "", "What is the matter, as one sentence."),
        Column("evidence", "string", "", "What was seen: bytes with their escapes, header fields, times."),
        Column("clause", "string", "", "The clause of a standard that it rests on; empty where it is practice."),
        Column("fix", "string", "", "How to mend it; empty where nothing is wrong."),
    ),
    "probe_arrivals": (
        Column("at_ms", "float64", "ms", "When it came, from the request on; of a WebSocket from its opening on."),
        Column("size_bytes", "int64", "bytes", "How much of the body came, or how long the message was."),
        Column("events", "int64", "events", "How many events it completed; of a WebSocket messages."),
        Column("ends_inside", "bool", "", "Whether it ended in the middle of an event."),
    ),
    "probe_gaps": (
        Column("gap", "string", "", "How long it was from one event to the next, as a range."),
        Column("count", "int64", "gaps", "How many gaps were so long."),
    ),
}
