"""The columns of the tables on HTTP/2: its frames, and what its streams share."""

from __future__ import annotations

from rtlab.tables.columns import Column

HTTP2_TABLES: dict[str, tuple[Column, ...]] = {
    "http2_frames": (
        Column("direction", "category", "", "up is client to server, down is server to client."),
        Column("stream_id", "int64", "number", "The frame's stream; 0 is the connection itself."),
        Column("frame", "string", "", "The frame's type; the preface is no frame."),
        Column("flags", "string", "", "The flags that are set."),
        Column("header", "string", "", "Its nine bytes in hexadecimal: length, type, flags, stream."),
        Column("payload_bytes", "int64", "bytes", "How many bytes follow the nine."),
        Column("meaning", "string", "", "What it says."),
        Column("clause", "string", "", "Where the standard explains it."),
    ),
    "standstills": (
        Column("what", "string", "", "What stood still."),
        Column("connections", "int64", "connections", "How many the streams shared; one was concerned."),
        Column("streams", "int64", "streams", "How many were sent a message meanwhile."),
        Column("meanwhile", "int64", "streams", "How many got it before it went on."),
        Column("afterwards", "int64", "streams", "How many had it after that."),
    ),
    "carried_streams": (
        Column("version", "string", "", "The version of HTTP."),
        Column("streams", "int64", "streams", "How many were open at the same time."),
        Column("connections", "int64", "connections", "TCP connections that the server accepted."),
        Column("opening_bytes", "int64", "bytes", "Both ways, TLS included, until all were open."),
        Column("messages", "int64", "messages", "How many were published while they were."),
        Column("message_bytes", "int64", "bytes", "Both ways, TLS included, for these to all streams."),
        Column("delivered", "int64", "messages", "How many the streams got, all together."),
    ),
    "stream_fates": (
        Column("client", "string", "", "How the client takes the server's limit."),
        Column("limit", "int64", "streams", "How many the server allows at a time."),
        Column("fate", "string", "", "What became of these streams."),
        Column("streams", "int64", "streams", "How many."),
        Column("frame", "string", "", "The server's frame that decided it."),
        Column("says", "string", "", "What that frame says."),
    ),
    "reader_steps": (
        Column("window", "string", "", "Which window the reader that stopped has used up."),
        Column("stream", "string", "", "Which stream."),
        Column("published", "int64", "messages", "How many were published so far."),
        Column("delivered", "int64", "messages", "How many of them the stream had."),
        Column("buffered_bytes", "int64", "bytes", "What the server kept for it."),
    ),
}
