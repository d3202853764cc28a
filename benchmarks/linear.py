"""Whether each decoder takes the same time for each byte, from 1 KiB to 16 MiB; fails if one does not.

A decoder that looks at its buffer again with every piece, or copies it, is quick on small inputs and stands still
on large ones. So each case is one that would show it: an endless line, an endless frame, very many small things.
Processor time is counted, so that other work on the machine changes little.

Run: ``uv run python benchmarks/linear.py``
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from rtlab.clock import cpu_ns
from rtlab.codecs.dissect import Hint, dissect
from rtlab.codecs.http1 import LAST_CHUNK, RequestDecoder, ResponseDecoder, encode_chunk
from rtlab.codecs.permessage_deflate import DeflateOptions
from rtlab.codecs.sse import EventStreamDecoder
from rtlab.codecs.websocket_frames import BINARY, CONTINUATION, PING, TEXT, FrameDecoder, encode_frame
from rtlab.codecs.websocket_session import Role, WebSocketSession

KIB, MIB = 1024, 1024 * 1024
SIZES = (KIB, 64 * KIB, MIB, 16 * MIB)
PIECES = (64 * KIB, KIB)
BASE = 64 * KIB
MOST_TIMES_SLOWER = 8.0
"""Fresh memory makes a large input up to five times slower a byte; copying it with every piece, a hundred times."""
TRY_NS = 50_000_000
"""A try takes at least this long: it feeds a short input many times."""
ENOUGH_NS = 500_000_000
"""After this long there are no more tries, but for the second."""
LIMIT = 1 << 40
"""Larger than any input: no case here may be refused."""
KEY = bytes.fromhex("37fa213d")
FIELD = b"A: " + b"x" * 100 + b"\r\n"
RESPONSE = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

Feed = Callable[[bytes], object]


@dataclass(frozen=True)
class Case:
    """One kind of input for one decoder.

    Attributes:
        name: What is shown.
        start: Makes a fresh decoder and gives what feeds it.
        make: Makes an input of about this many bytes.
        sizes: The sizes to try, in bytes.
        pieces: The sizes of the pieces to feed, in bytes.
    """

    name: str
    start: Callable[[], Feed]
    make: Callable[[int], bytes]
    sizes: Sequence[int] = SIZES
    pieces: Sequence[int] = PIECES


def event_stream() -> Feed:
    """Start an event stream."""
    return EventStreamDecoder(max_event_bytes=LIMIT).feed


def request() -> Feed:
    """Start an HTTP request."""
    return RequestDecoder(max_head_bytes=LIMIT).feed


def response() -> Feed:
    """Start an HTTP response."""
    return ResponseDecoder(max_head_bytes=LIMIT).feed


def websocket(role: Role, *, compressed: bool = False) -> Callable[[], Feed]:
    """Give what starts a WebSocket session."""

    def start() -> Feed:
        compression = DeflateOptions() if compressed else None
        session = WebSocketSession(role, max_message_bytes=LIMIT, max_fragments=LIMIT, compression=compression)

        def feed(data: bytes) -> None:
            session.feed(data)
            session.take_output()
            assert not session.should_drop, "this input must not be refused"

        return feed

    return start


def filled(unit: bytes, head: bytes = b"", tail: bytes = b"") -> Callable[[int], bytes]:
    """Give what repeats a unit until the size is reached."""
    return lambda size: head + unit * (size // len(unit)) + tail


def deflated(size: int) -> bytes:
    """Make one compressed message that does not become smaller."""
    return WebSocketSession("server", compression=DeflateOptions()).send_binary(Random(1).randbytes(size))


def deflated_messages(size: int) -> bytes:
    """Make many small compressed messages."""
    session = WebSocketSession("server", compression=DeflateOptions(server_no_context_takeover=True))
    return filled(session.send_binary(Random(1).randbytes(100)))(size)


def masked(opcode: int, size: int, *, fin: bool = True) -> bytes:
    """Make one frame of a client."""
    return encode_frame(opcode, b"x" * size, fin=fin, masking_key=KEY)


FRAGMENTS = filled(masked(CONTINUATION, 100, fin=False), masked(TEXT, 100, fin=False), masked(CONTINUATION, 0))
CASES = [
    Case("event stream: one line", event_stream, filled(b"x", b"data: ", b"\n\n")),
    Case("event stream: one event of many lines", event_stream, filled(b"data: x\n", tail=b"\n")),
    Case("event stream: many events", event_stream, filled(b"data: x\n\n")),
    Case("event stream: many comments", event_stream, filled(b":\r\n\r\n")),
    Case("request: one field", request, filled(b"x", b"GET / HTTP/1.1\r\nHost: h\r\nA: ", b"\r\n\r\n")),
    Case("request: many fields", request, filled(FIELD, b"GET / HTTP/1.1\r\nHost: h\r\n", b"\r\n")),
    Case("request: empty lines before it", request, filled(b"\r\n", tail=b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")),
    Case("response: many interim heads", response, filled(b"HTTP/1.1 103 \r\n" + FIELD + b"\r\n")),
    Case("response: one chunk", response, lambda size: RESPONSE + encode_chunk(b"x" * size) + LAST_CHUNK),
    Case("response: many chunks", response, filled(encode_chunk(b"x"), RESPONSE, LAST_CHUNK)),
    Case("response: body until the end", response, filled(b"x", b"HTTP/1.1 200 OK\r\n\r\n")),
    Case("response: bytes after a 101", response, filled(b"x", b"HTTP/1.1 101 \r\n\r\n")),
    Case("session: one frame", websocket("server"), lambda size: masked(TEXT, size)),
    Case("session: one message of many fragments", websocket("server"), FRAGMENTS),
    Case("session: many messages", websocket("server"), filled(masked(TEXT, 100))),
    Case("session: many pings", websocket("client"), filled(encode_frame(PING, b"x" * 100))),
    Case("session: one compressed message", websocket("client", compressed=True), deflated),
    Case("session: many compressed messages", websocket("client", compressed=True), deflated_messages),
    Case("frames: one frame", lambda: FrameDecoder().feed, lambda size: masked(BINARY, size)),
    Case("frames: many frames", lambda: FrameDecoder().feed, filled(masked(BINARY, 100))),
]


def whole(name: str, hint: Hint, make: Callable[[int], bytes]) -> Case:
    """Give a case for a dissection; it makes an object for every few bytes, so 16 MiB would take gigabytes."""
    return Case(f"dissect: {name}", lambda: lambda data: dissect(data, hint=hint), make, SIZES[:-1], (LIMIT,))


CASES += [
    whole("one line", "event stream", filled(b"x", b"data: ", b"\n\n")),
    whole("one event of many lines", "event stream", filled(b"data: x\n", tail=b"\n")),
    whole("many events", "event stream", filled(b"data: x\n\n")),
    whole("one field", "request", filled(b"x", b"GET / HTTP/1.1\r\nHost: h\r\nA: ", b"\r\n\r\n")),
    whole("many fields", "request", filled(b"a: b\r\n", b"GET / HTTP/1.1\r\nHost: h\r\n", b"\r\n")),
    whole("many requests", "request", filled(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")),
    whole("many chunks", "response", filled(encode_chunk(b"x"), RESPONSE, LAST_CHUNK)),
    whole("lines that are not HTTP", "response", filled(b"what is this?\n")),
    whole("one frame", "client frames", lambda size: masked(TEXT, size)),
    whole("many frames", "client frames", filled(masked(TEXT, 100))),
    whole("one message of many fragments", "client frames", FRAGMENTS),
]


def ns_per_byte(case: Case, data: bytes, piece_bytes: int) -> float:
    """Feed an input again and again, and give the time that the quickest try took for each byte."""
    pieces = [data[at : at + piece_bytes] for at in range(0, len(data), piece_bytes)]

    def try_ns(times: int) -> int:
        begun_ns = cpu_ns()
        for _ in range(times):
            feed = case.start()
            for piece in pieces:
                feed(piece)
        return cpu_ns() - begun_ns

    times = 1
    while (first_ns := try_ns(times)) < TRY_NS:  # warms up, too
        times *= 2
    tries_ns = [first_ns]
    while len(tries_ns) < 2 or sum(tries_ns) < ENOUGH_NS:
        tries_ns.append(try_ns(times))
    return min(tries_ns) / times / len(data)


def measure(case: Case, piece_bytes: int) -> bool:
    """Print the line of one case and tell whether it is linear."""
    times_ns = [ns_per_byte(case, case.make(size), piece_bytes) for size in case.sizes]
    slower = times_ns[-1] / times_ns[case.sizes.index(BASE)]
    shown = "".join(f"{time_ns:10.2f}" for time_ns in times_ns) + " " * 10 * (len(SIZES) - len(times_ns))
    fed = "whole" if piece_bytes == LIMIT else f"{piece_bytes // KIB} KiB"
    verdict = "ok" if slower <= MOST_TIMES_SLOWER else "NOT LINEAR"
    print(f"{case.name:42}{fed:>8}{shown}{slower:8.2f}  {verdict}", flush=True)
    return slower <= MOST_TIMES_SLOWER


def main() -> int:
    """Measure every case and give the exit code."""
    sizes = "".join(f"{size // KIB:>6} KiB" for size in SIZES)
    print(f"{'nanoseconds a byte for inputs of':42}{'fed by':>8}{sizes}{'slower':>8}")
    return 0 if all([measure(case, piece) for case in CASES for piece in case.pieces]) else 1


if __name__ == "__main__":
    raise SystemExit(main())
