"""The columns of each table, as data: their names, dtypes and units, and one plain sentence on each."""

from __future__ import annotations

from dataclasses import dataclass

_WORDS = ("OK", "INFORMATIONAL", "UNIMPLEMENTED", "NON-STRICT", "FAILED")
VERDICTS = {word: word.lower().replace("-", "_") for word in _WORDS}
"""What the league can say of one vector, the best first, and the column that counts it."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Attributes:
        name: Its name; a unit, where there is one, is the last part.
        dtype: The pandas dtype; ``Int64`` and ``float64`` may hold missing values, ``int64`` may not.
        unit: What one step of the number is, empty for text.
        meaning: One plain sentence.
    """

    name: str
    dtype: str
    unit: str
    meaning: str


_WAY = Column("way", "string", "", "How client and server talked, such as sse+post.")
_PEER = Column("peer", "string", "", "The library under test.")
_PROTOCOL = Column("protocol", "string", "", "The protocol that it receives: sse or websocket.")
_RUN_ID = Column("run_id", "string", "", "The run that the row belongs to, such as sse-2.")
_TRANSPORT = Column("transport", "category", "", "How the messages travelled.")
_CLIENT = Column("client", "string", "", "The client library that received the messages.")
_REPEAT = Column("repeat", "int64", "number", "Which pass over the transport this was, from 0.")
_CONNECTION_ID = Column("connection_id", "int64", "number", "Which connection of the run, from 0.")
_REQUESTS = Column("requests", "int64", "requests", "HTTP requests made, the opening handshake included.")
_EXPECTED = Column("expected", "int64", "messages", "How many messages should have arrived.")
_DELIVERED = Column("delivered", "int64", "messages", "How many messages arrived, each counted once.")
_LOST = Column("lost", "int64", "messages", "How many messages never arrived: expected less delivered.")
_DUPLICATED = Column("duplicated", "int64", "messages", "How many arrivals repeated an earlier one.")

TABLES: dict[str, tuple[Column, ...]] = {
    "deliveries": (
        _RUN_ID,
        _TRANSPORT,
        _CLIENT,
        _REPEAT,
        _CONNECTION_ID,
        Column("seq", "int64", "number", "Position of the message in the workload, from 0."),
        Column("payload_bytes", "int64", "bytes", "Size of the message itself, without any framing."),
        Column("scheduled_ns", "int64", "ns", "The instant at which the workload wanted the message sent."),
        Column("sent_ns", "Int64", "ns", "The instant at which the server handed it over; missing if never."),
        Column("received_ns", "Int64", "ns", "The instant at which the client had it; missing if it was lost."),
        Column("duplicate", "bool", "", "True if the same connection had this message before."),
        Column("latency_ms", "float64", "ms", "Scheduled to received; missing if lost."),
        Column("service_ms", "float64", "ms", "Sent to received; never use it to compare: it hides waiting."),
    ),
    "connections": (
        _RUN_ID,
        _TRANSPORT,
        _CLIENT,
        _CONNECTION_ID,
        Column("opened_ns", "Int64", "ns", "The instant at which it could receive; missing if never."),
        _REQUESTS,
        Column("bytes_up", "Int64", "bytes", "Client to server, HTTP heads included; missing if hidden."),
        Column("bytes_down", "Int64", "bytes", "Server to client, HTTP heads included; missing if hidden."),
        Column("error", "string", "", "Why it failed; empty if it did not."),
    ),
    "runs": (
        _RUN_ID,
        _TRANSPORT,
        _CLIENT,
        _REPEAT,
        Column("started_ns", "int64", "ns", "The instant from which the schedule counts."),
        Column("duration_s", "float64", "s", "From the start to the last delivery, or to the end of the wait."),
        Column("cpu_s", "float64", "s", "Processor time that the measuring process used."),
        Column("server_cpu_s", "float64", "s", "The same of the server's process; missing if it is the same one."),
        Column("others_cpu_s", "float64", "s", "Processor time that everybody else had; missing if unknown."),
        Column("busy_wait_s", "float64", "s", "The most of the server's time that was waiting and not work."),
        Column("stall_ms", "float64", "ms", "The longest time for which the measuring loop was held up."),
        Column("connections", "int64", "connections", "How many connections the run had."),
        _EXPECTED,
        _DELIVERED,
        _LOST,
        _DUPLICATED,
        Column("out_of_order", "int64", "messages", "How many messages came after one with a higher number."),
        _REQUESTS,
        Column("bytes_up", "Int64", "bytes", "Client to server over all connections; missing if hidden."),
        Column("bytes_down", "Int64", "bytes", "Server to client over all connections; missing if hidden."),
        Column("bytes_up_per_message", "float64", "bytes", "bytes_up for each delivered message."),
        Column("bytes_down_per_message", "float64", "bytes", "bytes_down for each delivered message."),
    ),
    "summary": (
        _TRANSPORT,
        _CLIENT,
        Column("runs", "int64", "runs", "How many runs the row is made of."),
        _EXPECTED,
        _DELIVERED,
        _LOST,
        _DUPLICATED,
        Column("median_ms", "float64", "ms", "Half of the messages were at least this fast."),
        Column("median_low_ms", "float64", "ms", "Lower end of the median's 95 % interval; needs 2 runs."),
        Column("median_high_ms", "float64", "ms", "Upper end of the median's 95 % interval; needs 2 runs."),
        Column("p95_ms", "float64", "ms", "95 of 100 messages were at least this fast; needs 20 messages."),
        Column("p99_ms", "float64", "ms", "99 of 100 messages were at least this fast; needs 100 messages."),
        Column("max_ms", "float64", "ms", "The slowest message; infinite if one was lost."),
    ),
    "validity": (
        Column("check", "string", "", "What must be true, or the figures mean little."),
        Column("passed", "bool", "", "True if it was true."),
        Column("measured", "float64", "see unit", "What was found; missing if it could not be told."),
        Column("limit", "float64", "see unit", "Where the check begins to fail."),
        Column("unit", "string", "", "The unit of measured and limit."),
        Column("meaning", "string", "", "Why it matters."),
    ),
    "published": (
        _TRANSPORT,
        Column("messages_per_s", "float64", "1/s", "Messages that count, by the time until the clock stopped."),
        Column("median_ms", "float64", "ms", "Half of the messages that count were at least this fast."),
        Column("p95_ms", "float64", "ms", "95 of 100 of them were; needs 20 messages."),
        Column("max_ms", "float64", "ms", "The slowest of them; infinite if one was lost."),
    ),
    "marks": (
        Column("at_ms", "float64", "ms", "When the message crossed, from the start of the lane."),
        Column("lane", "string", "", "The conversation that it belongs to."),
        Column("direction", "category", "", "up is client to server, down is server to client."),
        Column("label", "string", "", "What the message was, in a few words."),
    ),
    "conversations": (
        _WAY,
        Column("connections", "int64", "connections", "TCP connections that were opened."),
        _REQUESTS,
        Column("bytes_up", "int64", "bytes", "Client to server, HTTP heads included."),
        Column("bytes_down", "int64", "bytes", "Server to client, HTTP heads included."),
        Column("down_sent", "int64", "messages", "How many messages the server sent."),
        Column("down_arrived", "int64", "messages", "How many of them arrived."),
        Column("down_median_ms", "float64", "ms", "Median age of the server's messages on arrival."),
        Column("up_sent", "int64", "messages", "How many messages the client sent."),
        Column("up_returned", "int64", "messages", "How many of them came back from the server."),
        Column("up_median_ms", "float64", "ms", "Median time until a message of the client was back."),
    ),
    "replies": (
        _WAY,
        Column("rate_per_s", "float64", "1/s", "How many messages the client sent a second."),
        Column("replies", "int64", "messages", "How many it sent in all."),
        Column("returned", "int64", "messages", "How many came back from the server."),
        Column("bytes_per_reply", "float64", "bytes", "Bytes both ways for each, set-up not counted."),
        Column("bytes_per_s", "float64", "bytes/s", "The same for each second."),
        Column("round_trip_ms", "float64", "ms", "Median time until a message was back; missing if none was."),
        Column("cpu_ms_per_s", "float64", "ms/s", "Processor time for each second, of both sides in one kernel."),
    ),
    "outages": (
        _WAY,
        Column("cuts", "int64", "cuts", "How often an open line was cut."),
        Column("sent", "int64", "messages", "How many messages the server sent."),
        _DELIVERED,
        Column("lost", "int64", "messages", "How many never arrived: sent less delivered."),
        Column("doubled", "int64", "messages", "How many arrivals repeated an earlier one."),
    ),
    "overheads": (
        Column("carrier", "string", "", "What carried the message, such as SSE event."),
        Column("kind", "string", "", "What the message was: text or binary."),
        Column("payload_bytes", "int64", "bytes", "Size of the message itself."),
        Column("wire_bytes", "int64", "bytes", "Bytes that crossed for it; for a POST with its answer."),
        Column("overhead_bytes", "int64", "bytes", "What the message cost beside itself: wire less payload."),
        Column("overhead_percent", "float64", "percent", "The same as a part of the payload."),
    ),
    "survivals": (
        Column("text", "string", "", "The text's name, or the rule that a stream tries."),
        _WAY,
        Column("outcome", "string", "", "OK, changed, lost, or refused by the sender."),
        Column("sent", "string", "", "What was sent, shortened."),
        Column("got", "string", "", "What arrived, shortened; several messages are separated by bars."),
    ),
    "stream_events": (
        Column("reader", "string", "", "The client library that read the stream."),
        Column("number", "int64", "number", "Which event it was for that reader, from 1."),
        Column("event", "string", "", "The event's name."),
        Column("id", "string", "", "The last event ID after it; empty if there is none."),
        Column("data", "string", "", "The event's text, as Python writes it."),
    ),
    "carried": (
        Column("load", "string", "", "What was carried to the server and back."),
        _WAY,
        Column("form", "string", "", "How it travelled: as text, as base64 or in binary."),
        Column("payload_bytes", "int64", "bytes", "Size of the load itself."),
        Column("form_bytes", "int64", "bytes", "Size of what the message carried; base64 makes a third more."),
        Column("up_bytes", "int64", "bytes", "What the way up cost on the wire; a POST with its answer."),
        Column("down_bytes", "int64", "bytes", "What the way down cost on the wire; pongs count."),
        Column("frames_up", "int64", "frames", "WebSocket frames that the client sent; 0 for other ways."),
        Column("intact", "bool", "", "True if what came back has the same SHA-256."),
        Column("refused", "string", "", "How the server refused it; empty if it did not."),
        Column("coding_ms", "float64", "ms", "Median time to write it as base64 and to read it back."),
        Column("round_trip_ms", "float64", "ms", "Median time until it was back; missing if it never was."),
        Column("mib_per_s", "float64", "MiB/s", "Payload by round trip, both sides in one kernel."),
        Column("memory_bytes", "int64", "bytes", "The most memory that one trip took in this process."),
    ),
    "compressed": (
        Column("load", "string", "", "What the row of ten messages is made of."),
        Column("setting", "string", "", "How the WebSocket compresses them."),
        Column("payload_bytes", "int64", "bytes", "Size of the first message."),
        Column("first_bytes", "int64", "bytes", "What the first message took on the wire, one way."),
        Column("last_bytes", "int64", "bytes", "What the last message took."),
    ),
    "handshake_tries": (
        Column("change", "string", "", "What was changed in a handshake that is right otherwise."),
        Column("status", "int64", "", "The HTTP status of the answer."),
        Column("opened", "bool", "", "True if both sides speak WebSocket afterwards."),
        Column("why", "string", "", "The refusal in words; empty if there was none."),
    ),
    "set_up": (
        _WAY,
        Column("secure", "bool", "", "True if TLS was below."),
        Column("direction", "category", "", "up is client to server, down is server to client."),
        Column("layer", "string", "", "Whose bytes they are; with TLS nothing more can be told."),
        Column("wire_bytes", "int64", "bytes", "How many crossed until the first message was there."),
        Column("first_byte", "int64", "", "The first byte of this direction; 22 begins a TLS record."),
    ),
    "connection_counts": (
        _WAY,
        Column("clients", "int64", "clients", "How many were open at the same time."),
        Column("cuts", "int64", "cuts", "How often each line was cut and came back."),
        Column("connections", "int64", "connections", "TCP connections that were accepted."),
        _REQUESTS,
    ),
    "passages": (
        Column("intermediary", "string", "", "What the proxy does with the headers of one hop."),
        _WAY,
        Column("status", "int64", "", "The HTTP status that the client got."),
        Column("arrived", "int64", "messages", "Messages that arrived at the client."),
        Column("body_bytes", "int64", "bytes", "What the proxy could read as the body of an answer."),
        Column("other_bytes", "int64", "bytes", "What the server sent that was no HTTP any more."),
    ),
    "request_spans": (
        Column("situation", "string", "", "What the requests had to share."),
        Column("request", "string", "", "Which request."),
        Column("wanted_ms", "float64", "ms", "When it was wanted, from the start of its situation."),
        Column("sent_ms", "float64", "ms", "When it was sent on a connection."),
        Column("answered_ms", "float64", "ms", "When its answer began."),
        Column("ended_ms", "float64", "ms", "When its answer ended, or was broken off."),
    ),
    "status_matrix": (
        Column("situation", "string", "", "What the client met."),
        _PROTOCOL,
        _CLIENT,
        Column("outcome", "string", "", "What it did, in one or two words."),
        Column("agrees", "bool", "", "True if the standard wants or allows that."),
        Column("standard", "string", "", "What the standard wants."),
        Column("clause", "string", "", "Where it says so."),
        Column("attempts", "int64", "number", "Requests that came; else connections, or look-ups of the name."),
        Column("delays_ms", "string", "ms", "From the end of each answer to the next attempt."),
        Column("followed", "bool", "", "True if it went where a redirect led."),
        Column("state", "string", "", "How it was left: open, reconnecting, closed, or ended without a word."),
        Column("error", "string", "", "The class of the error that it raised; empty if none."),
        Column("last_event_id", "boolean", "", "True if a later request named the last event; missing if none."),
        Column("delivered", "int64", "messages", "Messages that the program got."),
        Column("source", "string", "", "here, or when and with what it was recorded."),
    ),
    "proxy_behaviours": (
        Column("conversation", "string", "", "What client and server did."),
        Column("setting", "string", "", "What the proxies were told beside their defaults."),
        Column("fault", "string", "", "The relay's faults that stand for it; empty if none are needed."),
        Column("model", "string", "", "What became of the conversation through the relay."),
        Column("nginx", "string", "", "What became of it through nginx; missing if it was not tried."),
        Column("haproxy", "string", "", "What became of it through HAProxy; likewise."),
        Column("agree", "boolean", "", "True if each proxy did as the relay; missing if none was tried."),
        Column("note", "string", "", "What a reader must know."),
    ),
    "league": (
        _PEER,
        _PROTOCOL,
        Column("version", "string", "", "Its version; empty if that is not known."),
        Column("vectors", "int64", "vectors", "How many vectors it was tried with."),
        *(Column(name, "int64", "vectors", f"How many were {word}.") for word, name in VERDICTS.items()),
        Column("date_utc", "string", "", "When it was tried; empty if it never was."),
        Column("note", "string", "", "Why it could not be tried now; empty if it was."),
    ),
    "judgements": (
        _PEER,
        _PROTOCOL,
        Column("vector", "string", "", "The bytes it was fed, by their name."),
        Column("clause", "string", "", "The clause of the standard that the vector tries."),
        Column("group", "string", "", "The clauses that belong together."),
        Column("verdict", "category", "", "The worst verdict of three ways to cut the bytes."),
        Column("feeding", "string", "", "The ways to cut the bytes that gave this verdict; empty for OK."),
        Column("expected", "string", "", "What a correct receiver does."),
        Column("got", "string", "", "What the peer did."),
        Column("consequence", "string", "", "What this does to a user; empty if nothing is wrong."),
    ),
}
