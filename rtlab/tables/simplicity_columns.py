"""The columns of the tables on simplicity: programs, their trials, and herds of clients that come back."""

from __future__ import annotations

from rtlab.tables.columns import Column

FAULTS = ("cut line", "half-open line", "server restart", "slow readers", "wrong token", "server exception")
"""What goes wrong with the reference programs, in the order in which tables and figures show it."""


def outcome_column(fault: str) -> str:
    """Give the name of the column that holds what became of a fault."""
    return fault.replace(" ", "_").replace("-", "_")


_PROTOCOL = Column("protocol", "string", "", "What the programs speak: sse or websocket.")
_LEVEL = Column("level", "string", "", "bare: the least that works; robust: written to survive faults.")
_LINES = Column("lines", "int64", "lines", "Lines of code, without empty ones and comments.")
_STRATEGY = Column("strategy", "string", "", "How long clients wait before each attempt to come back.")
_SOURCE = Column("source", "string", "", "measured or simulated.")
_CLIENTS = Column("clients", "int64", "clients", "How many lost their connection at the same moment.")
_BRANCHES = Column("branches", "int64", "paths", "Independent paths through the code (cyclomatic complexity).")

SIMPLICITY_TABLES: dict[str, tuple[Column, ...]] = {
    "programs": (
        _PROTOCOL,
        _LEVEL,
        _LINES,
        _BRANCHES,
        Column("tried", "int64", "faults", "How many faults the server and the client went through."),
        Column("passed", "int64", "faults", "How many of them did no harm."),
        *(Column(outcome_column(fault), "string", "", f"What became of it: {fault}.") for fault in FAULTS),
    ),
    "program_sizes": (
        _PROTOCOL,
        _LEVEL,
        Column("part", "string", "", "server or client."),
        _LINES,
        _BRANCHES,
    ),
    "program_trials": (
        _PROTOCOL,
        _LEVEL,
        Column("fault", "string", "", "What went wrong."),
        Column("outcome", "string", "", "What became of the client, or of the server's memory."),
        Column("passed", "bool", "", "True if that is what one wants."),
        Column("expected", "int64", "events", "From the first event that arrived to the last that was due."),
        Column("lost", "int64", "events", "How many of them never arrived."),
        Column("doubled", "int64", "events", "Arrivals of an event that was there already."),
        Column("note", "string", "", "What else was seen."),
    ),
    "herd": (
        _STRATEGY,
        _SOURCE,
        _CLIENTS,
        Column("attempts", "int64", "attempts", "Connection attempts of all clients together."),
        Column("peak", "int64", "attempts", "Most attempts within a tenth of a second."),
        Column("back_95_s", "float64", "s", "From the cut until 95 % were back; missing if they never were."),
        Column("back_all_s", "float64", "s", "From the cut until all were back; missing if they never were."),
    ),
    "herd_attempts": (
        _STRATEGY,
        _SOURCE,
        _CLIENTS,
        Column("at_s", "float64", "s", "The end of a tenth of a second, from the cut."),
        Column("attempts", "int64", "attempts", "Connection attempts within it; tenths without any are left out."),
    ),
}
