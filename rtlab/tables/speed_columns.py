"""The columns of the tables on speed: rates, ages, joined sends, the effects of single factors, and files."""

from __future__ import annotations

from rtlab.tables.columns import Column

_TRANSPORT = Column("transport", "category", "", "How the messages travelled.")
_SIZE = Column("payload_bytes", "int64", "bytes", "Size of each payload.")
_CONNECTIONS = Column("connections", "int64", "connections", "How many received.")
_REPEATS = Column("repeats", "int64", "number", "How often it was measured, in turns with the others.")
_LOW = "Lower end of its 95 % interval; missing with one repeat."
_HIGH = "Upper end of its 95 % interval; missing with one repeat."
_RATE = (
    Column("deliveries_per_s", "float64", "/s", "Messages that arrived each second, geometric mean."),
    Column("deliveries_low_per_s", "float64", "/s", _LOW),
    Column("deliveries_high_per_s", "float64", "/s", _HIGH),
)
_SHARES = (
    Column("server_percent", "float64", "%", "Processor time of the server, in percent of one core."),
    Column(
        "client_percent", "float64", "%", "The same of the client; where it is higher, the client set the pace."
    ),
)

SPEED_TABLES: dict[str, tuple[Column, ...]] = {
    "speeds": (
        _TRANSPORT,
        _SIZE,
        _CONNECTIONS,
        _REPEATS,
        *_RATE,
        Column("payload_mb_per_s", "float64", "MB/s", "Payload that arrived each second."),
        Column("server_us_each", "float64", "us", "Processor time of the server for each delivery."),
        *_SHARES,
    ),
    "speed_ratios": (
        _SIZE,
        _CONNECTIONS,
        _REPEATS,
        Column("ratio", "float64", "", "Deliveries a second of WebSocket by those of SSE, geometric mean."),
        Column("ratio_low", "float64", "", _LOW),
        Column("ratio_high", "float64", "", _HIGH),
        Column("finding", "string", "", "Alike, who leads, or that these runs cannot tell."),
    ),
    "ages": (
        _TRANSPORT,
        Column("rate_per_s", "float64", "/s", "Messages a second on each connection, sent on schedule."),
        _CONNECTIONS,
        _REPEATS,
        Column("messages", "int64", "messages", "How many arrived, in all repeats and on all connections."),
        Column("delivered_percent", "float64", "%", "Arrivals in the window, in percent of what was due in it."),
        Column("p50_us", "float64", "us", "Age that half of the messages did not exceed, geometric mean."),
        Column("p50_low_us", "float64", "us", _LOW),
        Column("p50_high_us", "float64", "us", _HIGH),
        Column("p99_us", "float64", "us", "The same for 99 %; missing with fewer than 100 messages a repeat."),
        Column("p99_low_us", "float64", "us", _LOW),
        Column("p99_high_us", "float64", "us", _HIGH),
    ),
    "joined": (
        _TRANSPORT,
        Column("join", "int64", "messages", "How many messages left in one send."),
        _REPEATS,
        *_RATE,
        Column("gain", "float64", "", "Deliveries a second by those of the first row of this transport."),
        Column("gain_low", "float64", "", _LOW),
        Column("gain_high", "float64", "", _HIGH),
        Column("server_us_each", "float64", "us", "Processor time of the server for each delivery."),
        Column("together_p50_us", "float64", "us", "Median age in bursts of so many, each burst in one send."),
        Column("alone_p50_us", "float64", "us", "Median age in the same bursts, each message in its own send."),
        Column("age_ratio", "float64", "", "The first by the second; missing if they were not measured."),
        Column("age_ratio_low", "float64", "", _LOW),
        Column("age_ratio_high", "float64", "", _HIGH),
        *_SHARES,
    ),
    "effects": (
        Column("factor", "string", "", "What was changed, nothing else."),
        _TRANSPORT,
        Column("change", "string", "", "From what to what."),
        Column("measure", "string", "", "What was measured."),
        _REPEATS,
        Column("base_us", "float64", "us", "Without the change, geometric mean."),
        Column("ratio", "float64", "", "With the change, by without; above 1 it takes longer."),
        Column("ratio_low", "float64", "", _LOW),
        Column("ratio_high", "float64", "", _HIGH),
    ),
    "files": (
        _TRANSPORT,
        Column("form", "string", "", "How bytes travel so: binary or base64."),
        Column("size_bytes", "int64", "bytes", "Size of each file."),
        Column("wire_bytes", "int64", "bytes", "What crossed the wire for one; 0 if it was refused."),
        Column("overhead_percent", "float64", "%", "What crossed beyond the file; missing if it was refused."),
        Column("mb_per_s", "float64", "MB/s", "Files that arrived each second, decoded, geometric mean."),
        Column("mb_low_per_s", "float64", "MB/s", _LOW),
        Column("mb_high_per_s", "float64", "MB/s", _HIGH),
        Column("memory_bytes", "int64", "bytes", "The most that Python's objects took in the receiver for one."),
        Column("refused", "string", "", "Why it did not arrive; empty if it did."),
    ),
}
