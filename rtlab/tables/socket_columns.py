"""The columns of the tables on a page's sockets, on a page that is hidden, and on where a page may connect to."""

from __future__ import annotations

from rtlab.tables.columns import Column

_WAY = Column("way", "string", "", "The browser's interface that was used, such as WebSocket.")
_LANE = Column("lane", "string", "", "What comes again and again: a timer, or messages.")

SOCKET_TABLES: dict[str, tuple[Column, ...]] = {
    "message_forms": (
        _WAY,
        Column("message", "string", "", "What was sent."),
        Column("kind", "string", "", "text or binary."),
        Column("sent_bytes", "int64", "bytes", "How long it was; text as UTF-8."),
        Column("carried_bytes", "int64", "bytes", "How long what the transport carried for it was."),
        Column("form", "string", "", "What the script got: text, Blob or ArrayBuffer; empty for nothing."),
        Column("got_bytes", "Int64", "bytes", "How long that was; missing for nothing."),
        Column("same", "bool", "", "True if it was the same, and in its place."),
    ),
    "pourings": (
        _WAY,
        Column("messages", "int64", "messages", "How many messages the script had to send."),
        Column("size_bytes", "int64", "bytes", "The size of each."),
        Column("early_bytes", "int64", "bytes", "What was handed over before the other side began to read."),
        Column("most_held_bytes", "Int64", "bytes", "The most that bufferedAmount was; missing without it."),
        Column("handed_ms", "float64", "ms", "When the last message was handed over, from the first one on."),
        Column("reading_ms", "float64", "ms", "When the other side began to read; missing if not heard."),
        Column("arrived", "int64", "messages", "How many messages the other side read."),
    ),
    "poured": (
        _WAY,
        Column("what", "string", "", "handed over so far, or bufferedAmount."),
        Column("at_ms", "float64", "ms", "When, from the first message on, by the page's clock."),
        Column("size_bytes", "int64", "bytes", "How much it was then."),
    ),
    "socket_ends": (
        Column("by", "string", "", "Who ended the WebSocket: lab or page."),
        Column("said", "string", "", "The code and reason that it said, or in words."),
        Column("page_saw", "string", "", "Code and reason of the page's close event; empty if it stayed open."),
        Column("clean", "boolean", "", "What wasClean was there; missing if it stayed open."),
        Column("lab_saw", "string", "", "Code and reason of the page's close frame; empty if it stayed open."),
        Column("as_standards", "bool", "", "True if both saw what the standards say, or the call was refused."),
        Column("refused", "string", "", "The exception that the browser threw at the call; empty for none."),
    ),
    "background": (
        _LANE,
        Column("page", "string", "", "visible or hidden."),
        Column("seconds", "float64", "s", "How long the page was so."),
        Column("count", "int64", "number", "How many came in that time."),
        Column("per_s", "float64", "1/s", "How many a second."),
        Column(
            "median_gap_ms", "float64", "ms", "The middle of the times between two; missing for fewer than two."
        ),
        Column("longest_gap_ms", "float64", "ms", "The longest of them; missing for fewer than two."),
    ),
    "beats": (
        _LANE,
        Column("at_ms", "float64", "ms", "When it came, by the page's clock."),
        Column("page", "string", "", "visible or hidden."),
    ),
    "reaches": (
        Column("attempt", "string", "", "What the script tried."),
        Column("outcome", "string", "", "What it saw: opens, or how it failed."),
        Column("arrived", "bool", "", "True if the server was asked."),
        Column("stopped_by", "string", "", "Who stopped it: nobody, the browser or the server."),
        Column("rule", "string", "", "The rule's name."),
        Column("spec", "string", "", "Where the rule stands."),
    ),
    "browser_has": (
        Column("feature", "string", "", "What a page may have, such as WebSocketStream."),
        Column("here", "boolean", "", "True if this browser has it; missing if that was not seen."),
        Column("published", "string", "", "What the sources say of this browser: a first version, or no."),
        Column("agrees", "boolean", "", "True if both say the same; missing if one of them says nothing."),
        Column("others", "string", "", "The first versions of the other browsers."),
    ),
}
