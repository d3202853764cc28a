"""The columns of the tables on what it costs to serve."""

from __future__ import annotations

from rtlab.tables.columns import Column

_LIBRARY = Column("library", "string", "", "The library that served.")
_TRANSPORT = Column("transport", "category", "", "How the messages travelled.")
_REPEATS = Column("repeats", "int64", "number", "How often it was measured, in turns with the others.")


def _interval(low: str, high: str, unit: str) -> tuple[Column, Column]:
    return (
        Column(low, "float64", unit, "Lower end of the 95 % interval; missing with one repeat."),
        Column(high, "float64", unit, "Upper end of the 95 % interval; missing with one repeat."),
    )


_CPU = (
    Column("server_us_each", "float64", "us", "Processor time of the server for each of them, geometric mean."),
    *_interval("server_low_us", "server_high_us", "us"),
)

SERVING_TABLES: dict[str, tuple[Column, ...]] = {
    "peers": (
        _LIBRARY,
        _TRANSPORT,
        _REPEATS,
        Column("deliveries_per_s", "float64", "/s", "Messages that arrived each second, geometric mean."),
        Column("deliveries_low_per_s", "float64", "/s", "Lower end of its 95 % interval; missing with one repeat."),
        Column(
            "deliveries_high_per_s", "float64", "/s", "Upper end of its 95 % interval; missing with one repeat."
        ),
        *_CPU,
    ),
    "echoes": (
        _LIBRARY,
        Column("way", "string", "", "How client and server talked: websocket or sse+post."),
        Column("clients", "int64", "clients", "How many clients asked at the same time."),
        _REPEATS,
        Column("round_trips_per_s", "float64", "/s", "Answers of all clients each second, geometric mean."),
        Column(
            "round_trips_low_per_s", "float64", "/s", "Lower end of its 95 % interval; missing with one repeat."
        ),
        Column(
            "round_trips_high_per_s", "float64", "/s", "Upper end of its 95 % interval; missing with one repeat."
        ),
        *_CPU,
        Column("bytes_up_each", "float64", "bytes", "Bytes from client to server for each round trip."),
        Column("bytes_down_each", "float64", "bytes", "Bytes from server to client for each round trip."),
    ),
    "idle": (
        _LIBRARY,
        Column("way", "string", "", "What was open: sse, websocket, or websocket, compressed."),
        Column("connections", "int64", "connections", "How many were open at the end."),
        Column("bytes_each", "float64", "bytes", "Memory of the server's process for one, from the slope."),
        Column("low_bytes", "float64", "bytes", "Lower end of its 95 % interval."),
        Column("high_bytes", "float64", "bytes", "Upper end of its 95 % interval."),
        Column("descriptors_each", "float64", "files", "Open files for one; on Windows handles."),
    ),
    "slow_readers": (
        _TRANSPORT,
        Column("policy", "string", "", "What the server did for those who read too slowly."),
        _REPEATS,
        Column("sent", "int64", "messages", "How many messages were sent."),
        Column("readers", "int64", "readers", "How many read all the time."),
        Column("whole", "int64", "readers", "How many of these got every message, in every repeat."),
        Column("due_per_s", "float64", "/s", "How many messages were due each second."),
        Column("got_per_s", "float64", "/s", "Of those, what the slowest of the readers got during the pause."),
        *_interval("got_low_per_s", "got_high_per_s", "/s"),
        Column("p99_ms", "float64", "ms", "Age that 99 % of the readers' messages did not exceed, from when due."),
        *_interval("p99_low_ms", "p99_high_ms", "ms"),
        Column("paused", "int64", "readers", "How many others paused."),
        Column("cut", "float64", "readers", "How many of these the server disconnected, on average."),
        Column("paused_got", "float64", "messages", "How many messages one of these got in all, on average."),
        Column("paused_gaps", "float64", "gaps", "In how many places messages were left out, on average."),
        Column("paused_missed", "float64", "messages", "How many were left out there, on average."),
        Column("after_newest", "float64", "messages", "How many were sent after its newest one, on average."),
        Column("server_bytes", "int64", "bytes", "How much the server's memory grew in the pause, at most."),
    ),
    "upstream": (
        _TRANSPORT,
        Column("sent", "int64", "messages", "How many messages the server pushed."),
        Column("received", "int64", "messages", "How many of them arrived."),
        Column("opening_up_bytes", "int64", "bytes", "Bytes from client to server until the line was open."),
        Column("bytes_up", "int64", "bytes", "Bytes from client to server from then on."),
        Column("bytes_down", "int64", "bytes", "Bytes from server to client from then on."),
    ),
}
