"""The columns of the table on what browsers have."""

from __future__ import annotations

from rtlab.tables.columns import Column

SUPPORT_TABLES: dict[str, tuple[Column, ...]] = {
    "browser_support": (
        Column("feature", "string", "", "What a page may have, such as WebSocketStream."),
        Column("browser", "string", "", "The browser."),
        Column("supported", "boolean", "", "True or false as the source says; missing where no source was found."),
        Column("since", "string", "", "The first version that has it; missing where it is not there or not known."),
        Column("note", "string", "", "What has to be known about the feature."),
        Column("source", "string", "", "Who says so; empty where nobody was found who does."),
        Column("source_date", "string", "", "The date of the source, where it has one."),
        Column("url", "string", "", "Where the source can be found."),
        Column("read_on", "string", "", "The day on which the source was read."),
    ),
}
