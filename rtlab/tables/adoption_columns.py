"""The columns of the tables on frameworks."""

from __future__ import annotations

from rtlab.tables.columns import Column

_IDENTITY = (
    Column("stack", "string", "", "The stack's name, as adoption.run() takes it."),
    Column("title", "string", "", "Its name for people."),
    Column("language", "string", "", "What it is written in."),
    Column("version", "string", "", "The version of its framework, or of each of them."),
    Column("licence", "string", "", "The licence of that version."),
    Column("released", "string", "", "When that version came out; empty if that is not known."),
)

ADOPTION_TABLES: dict[str, tuple[Column, ...]] = {
    "stacks": (
        *_IDENTITY,
        Column("offers", "string", "", "What its server has: events, echo or both."),
        Column("can_run", "bool", "", "True if the programs that it needs are on this machine."),
        Column("how", "string", "", "How to get what is missing; empty if nothing is."),
    ),
    "adoption": (
        *_IDENTITY,
        Column("lines", "Int64", "lines", "Lines of the server, without empty ones and comments."),
        Column("resume_lines", "Int64", "lines", "How many of them are there for resume alone."),
        Column("dependencies", "Int64", "packages", "Packages that it needs, those of its packages included."),
        Column("installed_mb", "float64", "MB", "What it puts on the disk beside the language itself."),
        Column("start_ms", "float64", "ms", "From the start of the process to the first answer."),
        Column(
            "ok", "Int64", "vectors", "WebSocket vectors taken as the standard wants it; missing: no WebSocket."
        ),
        Column("non_strict", "Int64", "vectors", "Vectors taken in a way that is allowed and not the best."),
        Column("failed", "Int64", "vectors", "Vectors that it fails."),
        Column(
            "unimplemented", "Int64", "vectors", "Vectors that need what it does not have, such as compression."
        ),
        Column(
            "cuts", "Int64", "cuts", "How often the line of its event stream was cut; missing: no event stream."
        ),
        Column("lost", "Int64", "events", "Events that never came."),
        Column("doubled", "Int64", "events", "Events that came more than once."),
        Column("probe", "string", "", "What a probe found wrong: errors and warnings, by their ids."),
        Column("events_per_s", "float64", "1/s", "Events a second that one reader got; a short bench."),
        Column("echoes_per_s", "float64", "1/s", "Round trips a second over one WebSocket; a short bench."),
        Column("client_lost", "Int64", "events", "Events of a lab that its own client missed after a cut."),
        Column("client_doubled", "Int64", "events", "Events of a lab that its own client got twice after a cut."),
        Column("tools", "string", "", "The programs that built and ran it, with their versions."),
        Column("platform", "string", "", "The machine, and how many programs wanted its processors at that time."),
        Column("measured", "string", "", "When it was measured."),
        Column(
            "here", "bool", "", "True if it was measured just now on this machine, false if it came with rtlab."
        ),
        Column("note", "string", "", "What could not be done, and why."),
    ),
}
