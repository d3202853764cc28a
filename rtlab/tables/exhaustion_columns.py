"""The columns of the tables on attacks of exhaustion and on sieges."""

from __future__ import annotations

from rtlab.tables.columns import Column

EXHAUSTION_TABLES: dict[str, tuple[Column, ...]] = {
    "exhaustion": (
        Column("attack", "string", "", "What was tried."),
        Column("transport", "string", "", "Over what."),
        Column("target", "string", "", "Which server: naive, fixed, or the default lab."),
        Column("outcome", "string", "", "succeeded or refused."),
        Column("refused_ms", "float64", "ms", "From the first byte to the refusal; missing if there was none."),
        Column("bytes_up", "int64", "bytes", "What the attacker sent."),
        Column("bytes_down", "int64", "bytes", "What he received."),
        Column("memory_mib", "float64", "MiB", "By how much the server's process had grown at its largest."),
        Column("descriptors", "int64", "number", "How many more descriptors it had at the most."),
        Column("seen", "string", "", "What came of it."),
    ),
    "siege": (
        Column("at_s", "float64", "s", "The time, from 0 when the siege begins; before it the lab is at rest."),
        Column("memory_mib", "float64", "MiB", "What the lab's process holds."),
        Column("descriptors", "int64", "number", "How many descriptors it has open."),
        Column("echo_ms", "float64", "ms", "How long a healthy client waited for an echo; missing if none came."),
        Column("opening_ms", "float64", "ms", "How long a new client waited for its answer; missing if none came."),
    ),
}
