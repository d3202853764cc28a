"""The columns of the tables on load swarms."""

from __future__ import annotations

from rtlab.tables.columns import Column

_WORKER = Column("worker", "int64", "number", "Which worker of the swarm, from 0.")
_SENT = Column("sent", "int64", "messages", "Messages that the swarm sent.")
_MESSAGES = Column("messages", "int64", "messages", "Messages that arrived.")
_BYTES_DOWN = Column("bytes_down", "int64", "bytes", "Server to client, HTTP heads included.")
_BYTES_UP = Column("bytes_up", "int64", "bytes", "Client to server, HTTP heads included.")
_P50 = Column("p50_ms", "float64", "ms", "Median age of the messages on arrival; missing without stamps.")
_P99 = Column("p99_ms", "float64", "ms", "99 of 100 messages were not older on arrival.")
_MAX = Column("max_ms", "float64", "ms", "The age of the oldest on arrival.")

LOAD_TABLES: dict[str, tuple[Column, ...]] = {
    "load": (
        Column("transport", "category", "", "How the messages travelled."),
        Column("workers", "int64", "processes", "How many processes the clients were in."),
        Column("connections", "int64", "connections", "How many connections were planned."),
        Column("opened", "int64", "connections", "How many of them opened."),
        _SENT,
        _MESSAGES,
        Column("missing", "Int64", "messages", "Arrivals that should have been and were not; missing if unknown."),
        Column("messages_per_s", "float64", "1/s", "Arrivals within the measured time, a second."),
        Column("bytes_down_per_s", "float64", "bytes/s", "Bytes from the server within it, a second."),
        Column("bytes_up_per_s", "float64", "bytes/s", "Bytes to the server within it, a second."),
        _P50,
        _P99,
        _MAX,
    ),
    "load_seconds": (
        Column("second", "int64", "s", "Counted from the begin of measuring; those before are the ramp-up."),
        Column("opened", "int64", "connections", "Connections opened."),
        _SENT,
        _MESSAGES,
        _BYTES_DOWN,
        _BYTES_UP,
        _P50,
        _P99,
        _MAX,
    ),
    "load_latency": (
        Column("percentile", "float64", "percent", "So many of 100 messages were not older on arrival."),
        Column("latency_ms", "float64", "ms", "Than this; kept to three digits."),
    ),
    "load_connections": (
        Column("connection_id", "int64", "number", "Which connection of the swarm, from 0."),
        _WORKER,
        Column("opened_ms", "float64", "ms", "When it could receive, from the swarm's start; missing if never."),
        _SENT,
        _MESSAGES,
        Column("own", "int64", "messages", "How many of these the connection had sent itself."),
        Column("ours", "int64", "messages", "How many of these any connection of the swarm had sent."),
        _BYTES_DOWN,
        _BYTES_UP,
        Column("error", "string", "", "Why it failed or ended too early; empty if it did not."),
    ),
    "load_workers": (
        _WORKER,
        Column("connections", "int64", "connections", "How many connections it should have had."),
        Column("opened", "int64", "connections", "How many of them opened."),
        Column("planned", "int64", "messages", "How many messages it should have sent."),
        Column("sent", "int64", "messages", "How many it sent."),
        Column("lag_p50_ms", "float64", "ms", "How late its messages left, in the middle; part of each latency."),
        Column("lag_p99_ms", "float64", "ms", "99 of 100 left not later than this."),
        Column("cpu_share", "float64", "of a core", "The processor time that it used while measuring."),
        Column("stall_ms", "float64", "ms", "The longest time for which its loop was held up."),
        Column("error", "string", "", "Why there is no report of it; empty if there is."),
    ),
}
