"""The columns of the tables on faults of the network."""

from __future__ import annotations

from rtlab.tables.columns import Column

FAULT_TABLES: dict[str, tuple[Column, ...]] = {
    "fault_arrivals": (
        Column("run", "string", "", "Whether the fault was there: without or with."),
        Column("transport", "category", "", "How the messages travelled."),
        Column("seq", "int64", "number", "Position of the message in the workload, from 0."),
        Column("sent_ms", "float64", "ms", "When the server sent it, from the start of the run."),
        Column("received_ms", "float64", "ms", "When the client first had it; missing if it was lost."),
        Column("age_ms", "float64", "ms", "Sent to received; missing if it was lost."),
    ),
    "fault_effects": (
        Column("transport", "category", "", "How the messages travelled."),
        Column("run", "string", "", "Whether the fault was there: without or with."),
        Column("sent", "int64", "messages", "How many messages the server sent."),
        Column("lost", "int64", "messages", "How many never arrived."),
        Column("median_ms", "float64", "ms", "Median age of the messages that arrived."),
        Column("oldest_ms", "float64", "ms", "The greatest age of a message that arrived."),
        Column("longest_silence_ms", "float64", "ms", "The longest time between two arrivals."),
    ),
}
