"""The columns of the tables on broken lines: what was lost, and how soon a dead line was noticed."""

from __future__ import annotations

from rtlab.tables.columns import Column

OUTAGE_TABLES: dict[str, tuple[Column, ...]] = {
    "losses": (
        Column("server", "string", "", "What the server does for clients that come back."),
        Column("client", "string", "", "What the client does when its line breaks."),
        Column("seed", "int64", "number", "What chose the moments of the cuts."),
        Column("cuts", "int64", "cuts", "How often an open line of this client was cut."),
        Column("sent", "int64", "messages", "How many messages the server sent."),
        Column("delivered", "int64", "messages", "How many messages arrived, each counted once."),
        Column("lost", "int64", "messages", "How many never arrived: sent less delivered."),
        Column("doubled", "int64", "messages", "How many arrivals repeated an earlier one."),
        Column("out_of_order", "int64", "messages", "How many first arrivals came after a higher number."),
        Column("recovery_ms", "float64", "ms", "Median from a cut to the next message; missing if none came."),
        Column("longest_ms", "float64", "ms", "The longest of these times; missing if it never came back."),
    ),
    "dead_peers": (
        Column("strategy", "string", "", "What crosses the idle line, so that silence means something."),
        Column("noticed_by", "string", "", "Who notices the dead line: client or server."),
        Column("interval_s", "float64", "s", "The time between two beats."),
        Column("seed", "int64", "number", "What chose the moment of the fault."),
        Column("detected_s", "float64", "s", "From the fault to its being noticed; missing if it was not."),
        Column("bytes_per_beat", "float64", "bytes", "What one beat cost both ways, without TCP and IP."),
        Column("bytes_per_hour", "float64", "bytes", "The same for each idle connection and hour."),
        Column("held_s", "float64", "s", "Until the server let go; missing if it held on for all of watched_s."),
        Column("watched_s", "float64", "s", "How long after the fault the server was watched."),
    ),
}
