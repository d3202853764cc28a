"""The columns of the tables on event streams in a page; its times are those of the page's own clock."""

from __future__ import annotations

from rtlab.tables.columns import Column

PAGE_TABLES: dict[str, tuple[Column, ...]] = {
    "stream_lanes": (
        Column("connection", "int64", "number", "Which EventSource, from 1, in the order in which they were made."),
        Column("made_ms", "float64", "ms", "When the script made it, from the first one on."),
        Column("opened_ms", "float64", "ms", "When it was open; missing if it never was."),
        Column("waited_ms", "float64", "ms", "From made to open; missing if it never was."),
        Column("ended_ms", "float64", "ms", "When the script closed it."),
        Column("state", "string", "", "Its readyState while all were held: connecting, open or closed."),
        Column("errors", "int64", "events", "How many error events it got."),
    ),
    "slot_waits": (
        Column("streams", "int64", "streams", "How many event streams the page holds to the same server."),
        Column("request", "string", "", "What else it asks that server for."),
        Column("wanted_ms", "float64", "ms", "When it wants that."),
        Column("sent_ms", "float64", "ms", "When a connection is free for it; missing if none ever is."),
        Column("waited_ms", "float64", "ms", "From wanted to sent; missing if it is never sent."),
    ),
    "stream_requests": (
        Column("request", "int64", "number", "Which of the browser's requests for the stream, from 1."),
        Column("last_event_id", "string", "", "Its field Last-Event-ID; missing without one."),
        Column("messages", "int64", "messages", "How many messages its answer brought."),
        Column("caught_up", "int64", "messages", "How many of them had been sent while the page was away."),
    ),
    "page_moments": (
        Column("at_ms", "float64", "ms", "When, from the moment at which the script made the EventSource."),
        Column("event", "string", "", "What the script saw: open, message, error, or closed by itself."),
        Column("state", "string", "", "The readyState then: connecting, open or closed."),
        Column("request", "int64", "number", "Which request brought it, from 1."),
        Column("id", "string", "", "The message's id; missing for other events."),
        Column("sent", "string", "", "Whether the message was sent while the stream was open or the page away."),
    ),
    "abilities": (
        Column("feature", "string", "", "What was tried."),
        Column("client", "string", "", "Who tried it: EventSource or fetch."),
        Column("can", "bool", "", "Whether it does it."),
        Column("seen", "string", "", "What was seen."),
    ),
    "page_replies": (
        Column("situation", "string", "", "What the server did."),
        Column("events", "string", "", "The events that the script got, in order."),
        Column(
            "states", "string", "", "The readyState at first and after each change: 0 connecting, 1 open, 2 closed."
        ),
        Column("page", "string", "", "What the page's EventSource did, in one or two words."),
        Column("rtlab", "string", "", "What rtlab's EventSource did in the same situation."),
        Column("standard", "string", "", "What the standard wants, in a few words."),
        Column("agrees", "bool", "", "Whether the page's EventSource does what the standard wants."),
    ),
    "scheme_tries": (
        Column("page", "string", "", "How the page was loaded: http or https."),
        Column("target", "string", "", "What it opened, by which scheme and to which host."),
        Column("opened", "bool", "", "Whether it opened."),
        Column("seen", "string", "", "What the script saw."),
    ),
}
