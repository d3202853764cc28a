"""``python -m rtlab.experiments.besieger PORT SECONDS``: every attack at once, in a process of its own.

It attacks a port of 127.0.0.1 and ends after its time, or when its standard input closes; then it prints how many
strikes of each kind there were. Its size is bounded: so many connections of each kind, and a pause between strikes.
"""

from __future__ import annotations

import json
import sys
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rtlab import clock
from rtlab.codecs.websocket_frames import CONTINUATION, TEXT, encode_frame
from rtlab.errors import LabError
from rtlab.experiments.loopback import Line
from rtlab.experiments.strikes import ANNOUNCED, MIB, SLOW_HEAD, SMALL_BYTES, bomb_frame, post_head
from rtlab.servers.serve import watch_stdin

KINDS = ("slowloris", "flood", "slow readers", "bombs", "fragments", "large messages")
_SLOW, _FLOOD, _READERS = 50, 200, 10
_PAUSE_S = 0.05
_BOMB_BYTES = 16 * MIB
_MASK = b"\x01\x02\x03\x04"
_BODY = b"x" * 65_536


def slowloris(port: int, over: threading.Event, done: Counter[str]) -> None:
    """Hold many connections whose heads come byte by byte; open each anew that the lab has closed."""
    head = SLOW_HEAD + b"x" * 1_000
    lines: list[tuple[Line, int]] = []
    try:
        while not over.wait(_PAUSE_S):
            if len(lines) < _SLOW:
                lines.append((Line(port), 0))
            kept = []
            for line, number in lines:
                if line.send(head[number : number + 1]) and not line.ends(0.001):
                    kept.append((line, number + 1))
                else:
                    line.close()
                    done["slowloris"] += 1
            lines = kept
    finally:
        for line, _ in lines:
            line.close()


def flood(port: int, over: threading.Event, done: Counter[str]) -> None:
    """Open connection after connection, and say nothing on them."""
    with _kept() as lines:
        while not over.wait(0.01):
            lines.append(Line(port))
            done["flood"] += 1
            if len(lines) > _FLOOD:
                lines.popleft().close()


def slow_readers(port: int, over: threading.Event, done: Counter[str]) -> None:
    """Open event streams that are never read, and publish to them without end."""
    with Line(port) as publisher, _kept() as readers:
        post = post_head("/publish/siege", len(_BODY)) + _BODY
        while not over.wait(_PAUSE_S):
            if len(readers) == _READERS:
                readers.popleft().close()
            reader = Line(port, receive_bytes=SMALL_BYTES)
            readers.append(reader)
            reader.get("/sse/siege?last_event_id=x-1")  # all that is kept, and then what comes
            if not publisher.send(post):
                return  # the lab has cut the line; it begins anew
            publisher.reads(b"}", 5.0)
            done["slow readers"] += 1


def bombs(port: int, over: threading.Event, done: Counter[str]) -> None:
    """Send compressed messages that are far too large."""
    frame = bomb_frame(_BOMB_BYTES)
    _strike(port, over, lambda line: line.send(frame), done, "bombs", "permessage-deflate")


def fragments(port: int, over: threading.Event, done: Counter[str]) -> None:
    """Send messages in thousands of fragments."""
    many = encode_frame(CONTINUATION, b"", fin=False, masking_key=_MASK) * 5_000
    first = encode_frame(TEXT, b"x", fin=False, masking_key=_MASK)
    _strike(port, over, lambda line: line.send(first + many), done, "fragments")


def large_messages(port: int, over: threading.Event, done: Counter[str]) -> None:
    """Announce messages of 2^40 bytes."""
    _strike(port, over, lambda line: line.send(ANNOUNCED), done, "large messages")


@contextmanager
def _kept() -> Iterator[deque[Line]]:
    """Lines that are closed in the end."""
    lines: deque[Line] = deque()
    try:
        yield lines
    finally:
        for line in lines:
            line.close()


def _strike(
    port: int,
    over: threading.Event,
    send: Callable[[Line], object],
    done: Counter[str],
    kind: str,
    offer: str = "",
) -> None:
    while not over.wait(_PAUSE_S):
        with Line(port) as line:
            line.open_websocket(offer=offer)
            send(line)
            line.frame(within_s=5.0)
            done[kind] += 1


def besiege(port: int, seconds: float, over: threading.Event | None = None) -> Counter[str]:
    """Attack in all ways at once; blocks.

    Args:
        port: A port of this machine.
        seconds: For how long.
        over: Ends it sooner.

    Returns:
        How many strikes of each kind there were.
    """
    over, done = over or threading.Event(), Counter(dict.fromkeys(KINDS, 0))
    attackers = (slowloris, flood, slow_readers, bombs, fragments, large_messages)

    def attack(kind: Callable[[int, threading.Event, Counter[str]], None]) -> None:
        while not over.is_set():
            try:
                kind(port, over, done)
            except (OSError, LabError):
                over.wait(_PAUSE_S)  # the lab has refused; attackers come back

    crew = [threading.Thread(target=attack, args=(kind,), daemon=True) for kind in attackers]
    until_ns = clock.now_ns() + round(seconds * 1e9)
    for attacker in crew:
        attacker.start()
    while not over.wait(0.1) and clock.now_ns() < until_ns:
        pass
    over.set()
    for attacker in crew:
        attacker.join(15.0)
    return done


if __name__ == "__main__":
    ended = threading.Event()
    threading.Thread(target=watch_stdin, args=(ended,), daemon=True).start()
    sys.stdout.write(json.dumps(besiege(int(sys.argv[1]), float(sys.argv[2]), ended)) + "\n")
