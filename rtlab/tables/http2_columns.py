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
}
