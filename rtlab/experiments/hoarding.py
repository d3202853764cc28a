"""Attacks that make a server keep things: unread bytes, histories, connections.

Like those of :mod:`rtlab.experiments.strikes`, each is a function of a running lab and of the attacker's patience.
"""

from __future__ import annotations

from contextlib import ExitStack

from rtlab import clock
from rtlab.codecs.http1 import BodyData, EndOfMessage, ResponseDecoder
from rtlab.experiments.loopback import Line
from rtlab.experiments.strikes import MIB, SMALL_BYTES, pause, post_head, strike_of
from rtlab.findings.exhaustion import Strike
from rtlab.servers.lab import Lab

FLOOD = 60
_ANSWER_S = 10.0


def slow_reader(lab: Lab, patience_s: float) -> Strike:
    """Open an event stream, never read it, and publish 24 MiB to it."""
    with Line(lab.port, receive_bytes=SMALL_BYTES) as reader, Line(lab.port) as publisher:
        reader.get("/sse/flooded")
        began_ns = clock.now_ns()
        _await_stream(lab)
        _publish(publisher, "flooded", 48, MIB // 2)
        kept = _unread(lab)
        succeeded = kept > 8 * MIB
        seen = f"The server keeps {kept / MIB:.0f} MiB for it." if kept else "The server has cut it."
        return strike_of(reader, succeeded, seen, began_ns, publisher)


def deaf_resumer(lab: Lab, patience_s: float) -> Strike:
    """Ask for all that a channel keeps, 4 MiB, and read nothing of it; nothing is published any more."""
    with Line(lab.port, receive_bytes=SMALL_BYTES) as reader, Line(lab.port) as publisher:
        began_ns = clock.now_ns()
        _publish(publisher, "resumed", 8, MIB // 2 - 1)
        reader.get("/sse/resumed?last_event_id=x-1")
        _await_stream(lab)
        until_ns = clock.now_ns() + round(patience_s * 1e9)
        while (kept := _unread(lab)) and clock.now_ns() < until_ns:
            pause(0.05)
        seen = f"The server keeps {kept / MIB:.1f} MiB for it." if kept else "The server has cut it."
        return strike_of(reader, kept > 0, seen, began_ns, publisher)


def many_histories(lab: Lab, patience_s: float) -> Strike:
    """Publish 2 MiB to each of eight channels, and look what is kept for those who come back."""
    with Line(lab.port) as line:
        began_ns, kept = clock.now_ns(), 0
        for number in range(8):
            _publish(line, f"filled-{number}", 4, MIB // 2)
        for number in range(8):
            line.get(f"/poll/filled-{number}?after=x-1")
            kept += _body_bytes(line)
        seen = f"The server keeps {kept / MIB:.0f} MiB of 16 MiB."
        return strike_of(line, kept > 15 * MIB, seen, began_ns)


def stream_flood(lab: Lab, patience_s: float) -> Strike:
    """Open many event streams, and keep them."""
    with ExitStack() as stack:
        began_ns, lines = clock.now_ns(), [stack.enter_context(Line(lab.port)) for _ in range(FLOOD)]
        for line in lines:
            line.get("/sse/flooded")
        kept = sum(b"200 OK" in line.reads(b"\r\n\r\n") for line in lines)
        return strike_of(lines[-1], kept == FLOOD, f"{kept} of {FLOOD} streams were opened.", began_ns, *lines[:-1])


def silent_flood(lab: Lab, patience_s: float) -> Strike:
    """Open many connections, and say nothing on them."""
    with ExitStack() as stack:
        began_ns, lines = clock.now_ns(), [stack.enter_context(Line(lab.port)) for _ in range(FLOOD)]
        with Line(lab.port) as client:  # once it is served, the lab has seen all that came before
            client.get("/")
            client.reads(b"</html>")
        kept = sum(not line.ends(0.02) for line in lines)
        seen = f"{kept} of {FLOOD} silent connections were kept."
        return strike_of(lines[0], kept == FLOOD, seen, began_ns, *lines[1:])


def out_of_descriptors(lab: Lab, patience_s: float) -> Strike:
    """Open more connections than the server's process may have descriptors; then a healthy client comes."""
    with ExitStack() as stack:
        began_ns, lines = clock.now_ns(), []
        for _ in range(4 * FLOOD):
            try:
                lines.append(stack.enter_context(Line(lab.port)))
            except OSError:
                break
        with Line(lab.port) as client:
            client.get("/")
            served = b"200 OK" in client.reads(b"\r\n\r\n", 3.0)
        seen = "A healthy client is served." if served else "No client is served any more."
        return strike_of(lines[0], not served, seen, began_ns, *lines[1:])


def _publish(line: Line, channel: str, count: int, size_bytes: int) -> None:
    for _ in range(count):
        if not line.send(post_head(f"/publish/{channel}", size_bytes) + b"x" * size_bytes):
            return
        line.reads(b"}")


def _body_bytes(line: Line) -> int:
    """Read one answer, and tell how long its body was."""
    decoder, count = ResponseDecoder(), 0
    while data := line.read(_ANSWER_S):
        for item in decoder.feed(data):
            if isinstance(item, BodyData):
                count += len(item.data)
            elif isinstance(item, EndOfMessage):
                return count
    return count


def _unread(lab: Lab) -> int:
    return sum(each.buffered_bytes for each in lab.connections if each.transport == "sse")


def _await_stream(lab: Lab) -> None:
    for _ in range(200):
        if any(each.transport == "sse" for each in lab.connections):
            return
        pause(0.02)
