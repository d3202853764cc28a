"""The columns of the tables on load tools."""

from __future__ import annotations

from rtlab.tables.columns import Column

_TOOL = Column("tool", "string", "", "Which tool it is.")

TOOL_TABLES: dict[str, tuple[Column, ...]] = {
    "tool_runs": (
        _TOOL,
        Column("version", "string", "", "Its version; empty if it tells none."),
        Column("transport", "category", "", "How the messages travelled."),
        Column("sent", "int64", "messages", "How many messages the lab sent, each connection counted."),
        Column("messages", "Int64", "messages", "How many the tool says arrived; missing if it cannot tell."),
        Column("agrees", "string", "", "Whether it counted what was sent: yes, no or cannot tell."),
        Column("sees", "string", "", "Single messages when they come, or the whole body when it has ended."),
        Column("p50_ms", "float64", "ms", "Median age on arrival, as the tool gives it; missing if it cannot."),
        Column("p95_ms", "float64", "ms", "95 of 100 messages were younger."),
        Column("answer_ms", "float64", "ms", "Median time of a whole answer; missing if the tool does not tell."),
        Column("seconds", "float64", "s", "How long the run took, the tool's start included."),
        Column("outcome", "string", "", "Ran now, kept from an earlier day, or why there is no result."),
    ),
    "tool_abilities": (
        _TOOL,
        Column("here", "bool", "", "True if it is installed."),
        Column("sse", "string", "", "How it sees an event stream."),
        Column("websocket", "string", "", "How it sees a WebSocket."),
        Column("latency", "string", "", "Where it can tell how old a message is on arrival."),
        Column("install", "string", "", "The command that installs it."),
    ),
    "tool_support": (
        Column("system", "string", "", "What the article names."),
        Column("ran", "string", "", "Whether it ran here: ran, partly or not run."),
        Column("command", "string", "", "What was run; empty if nothing was."),
        Column("printed", "string", "", "What it said, in short."),
        Column("why", "string", "", "Why it was not run, or what is missing."),
        Column("date", "string", "", "The day when this was seen."),
    ),
    "sse_perf": (
        Column("second", "int64", "s", "Counted from the end of the ramp; those before have a minus."),
        Column("streams", "int64", "connections", "How many streams had been opened by then."),
        Column("chunks_per_s", "int64", "1/s", "Events that arrived; each came as one chunk of HTTP."),
        Column("kb_per_s", "float64", "kB/s", "Bytes that arrived, heads included, in thousands."),
    ),
}
