"""The columns of the tables on what "offers both" hides."""

from __future__ import annotations

from rtlab.tables.columns import Column

_TITLE = Column("title", "string", "", "The stack's or the framework's name for people.")

RELEASE_TABLES: dict[str, tuple[Column, ...]] = {
    "releases": (
        _TITLE,
        Column("version", "string", "", "The version, or that of each framework."),
        Column("licence", "string", "", "The licence that it came out under."),
        Column("released", "string", "", "When it came out: a day, or a month where the day is not known."),
        Column("tried", "bool", "", "True if a stack uses it, false if it explains another one's age."),
        Column("note", "string", "", "What to know of it, and where that is written."),
    ),
    "remarks": (
        _TITLE,
        Column("version", "string", "", "The version, or that of each framework."),
        Column("remark", "string", "", "What was met while the stack was written and tried."),
    ),
    "kept_rules": (
        _TITLE,
        Column("group", "string", "", "What the vectors try, such as masking."),
        Column("failed", "Int64", "vectors", "How many of them its server fails."),
    ),
}
