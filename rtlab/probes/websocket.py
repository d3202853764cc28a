"""The examination of a WebSocket: handshake, frames, pings, the end, and who may come.

Spec: RFC 6455
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from rtlab.clients.wire import Wire
from rtlab.codecs.websocket_session import (
    CloseReceived,
    PingReceived,
    PongReceived,
    ProtocolViolation,
    WebSocketSession,
)
from rtlab.probes.buffering import Piece
from rtlab.probes.compression import examine_compression
from rtlab.probes.examination import Examination
from rtlab.probes.finding import Severity, shown
from rtlab.probes.opening import open_websocket
from rtlab.probes.websocket_strangers import try_strangers_on_websocket

MOST_BYTES = 2_097_152
"""More is not read."""
CLOSE_S = 3.0
_PING = b"rtlab probe"
_KEPT_BYTES = 64


@dataclass(slots=True)
class _Talk:
    """What was said on one WebSocket."""

    messages_ms: list[float] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    pings_ms: list[float] = field(default_factory=list)
    pong_ms: float | None = None
    violation: ProtocolViolation | None = None
    violating: bytes = b""
    has_closed: bool = False
    is_over: bool = False
    body_bytes: int = 0


async def examine_websocket(examination: Examination) -> None:
    """Try everything on a WebSocket.

    Args:
        examination: What is under examination.

    Raises:
        CannotGoOn: It does not open.
    """
    examination.trying = "to open a WebSocket"
    http, agreed = await open_websocket(examination)
    wire, early, at_ns = http.take_wire()
    # What is too long for us is not wrong: the limit only bounds our memory.
    session = WebSocketSession(
        "client", max_message_bytes=8 * MOST_BYTES, max_fragments=1 << 20, compression=agreed
    )
    start_ns = at_ns
    talk = _Talk()
    try:
        examination.trying = "to listen"
        wire.write(session.send_ping(_PING))
        await _listen(talk, wire, session, early, start_ns, examination.seconds)
        listened_ms = examination.since_ms(start_ns)
        is_short = talk.is_over
        if not is_short:
            examination.trying = "to close"
            wire.write(session.send_close(1000))
            await _listen(talk, wire, session, b"", start_ns, CLOSE_S)
            _judge_close(examination, talk, session)
        else:
            _judge_end(examination, talk, wire, session, listened_ms)
    finally:
        wire.abort()
    _judge_talk(examination, talk, listened_ms)
    if agreed:
        await examine_compression(examination, agreed)
    examination.trying = "to connect as a stranger"
    await try_strangers_on_websocket(examination, waits=not is_short)


async def _listen(
    talk: _Talk, wire: Wire, session: WebSocketSession, early: bytes, start_ns: int, seconds: float
) -> None:
    """Read until the time is over, the line ends, or it is enough."""
    data, at_ns = early, start_ns
    limit = talk.body_bytes + MOST_BYTES
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while talk.body_bytes < limit:
                _take(talk, session, data, (at_ns - start_ns) / 1e6)
                if output := session.take_output():
                    wire.write(output)
                if talk.is_over:
                    return
                await asyncio.sleep(0)  # so that the limit holds although there is always more to read
                data, at_ns = await wire.read()
                if not data:
                    talk.is_over = True
                    return


def _take(talk: _Talk, session: WebSocketSession, data: bytes, at_ms: float) -> None:
    talk.body_bytes += len(data)
    for item in session.read(data):
        match item:
            case str() | bytes():
                talk.messages_ms.append(at_ms)
                talk.pieces.append(Piece(at_ms, len(item), 1, ends_inside=False))
            case PingReceived():
                talk.pings_ms.append(at_ms)
            case PongReceived(payload) if payload == _PING:
                talk.pong_ms = at_ms
            case CloseReceived():
                talk.has_closed = talk.is_over = True
            case ProtocolViolation():
                talk.violation, talk.violating, talk.is_over = item, data[:_KEPT_BYTES], True


def _judge_end(
    examination: Examination, talk: _Talk, wire: Wire, session: WebSocketSession, listened_ms: float
) -> None:
    """Judge an end that the server made."""
    silence_s = (listened_ms - max([0.0, *talk.messages_ms, *talk.pings_ms, talk.pong_ms or 0.0])) / 1e3
    after = f"after {listened_ms / 1e3:.3g} s, of which the last {silence_s:.3g} s in silence"
    if talk.violation:
        rule = "WS-MASKED" if "mask" in talk.violation.message.lower() else "WS-FRAME"
        said = f"{talk.violation.message} ({talk.violation.spec}) in {shown(talk.violating)}"
        examination.note(rule, "error", said)
    elif talk.has_closed:
        reason = f" {session.close_reason!r}" if session.close_reason else ""
        severity: Severity = "info" if session.close_code in (1000, 1001, 1005) else "warning"
        examination.note("WS-ENDED", severity, f"code {session.close_code}{reason}, {after}")
    else:
        examination.note("WS-CUT", "error", f"{after}{': ' * bool(wire.broken)}{wire.broken}")
    examination.facts["close_code"] = session.close_code or 1006


def _judge_close(examination: Examination, talk: _Talk, session: WebSocketSession) -> None:
    """Judge the answer to our own close frame."""
    if talk.has_closed:
        examination.facts["close_code"] = session.close_code or 1005
        is_right = session.close_code == 1000
        said = f"1000 was answered with {session.close_code}"
        examination.note("WS-CLOSE", "fine" if is_right else "warning", said)
    elif talk.violation:
        examination.note("WS-FRAME", "error", f"{talk.violation.message} in {shown(talk.violating)}")
    else:
        what = "the line was cut instead" if talk.is_over else f"no answer within {CLOSE_S:g} s"
        examination.note("WS-CLOSE", "warning", f"1000 was sent; {what}")


def _judge_talk(examination: Examination, talk: _Talk, listened_ms: float) -> None:
    examination.pieces = tuple(talk.pieces)
    examination.gaps_ms = tuple(late - early for early, late in pairwise(talk.messages_ms))
    examination.facts |= {"messages": len(talk.messages_ms), "listened_s": listened_ms / 1e3}
    if talk.messages_ms:
        examination.facts["first_message_ms"] = talk.messages_ms[0]
    if talk.pong_ms is not None:
        examination.facts["pong_ms"] = talk.pong_ms
        examination.note("WS-PONG", "fine", f"after {talk.pong_ms:.3g} ms")
    elif not talk.violation and talk.body_bytes < MOST_BYTES and listened_ms >= 1_000:
        examination.note(
            "WS-PONG", "error", f"a ping with {shown(_PING)}, and nothing for {listened_ms / 1e3:.3g} s"
        )
    beats = [late - early for early, late in pairwise(talk.pings_ms)]
    if beats:
        examination.facts["heartbeat_s"] = median(beats) / 1e3
        examination.note("WS-HEARTBEAT", "fine", f"a ping every {median(beats) / 1e3:.3g} s")
    elif talk.pings_ms:
        examination.note("WS-HEARTBEAT", "fine", "one ping came")
    elif not talk.violation:
        is_long = examination.seconds >= 60 and not talk.messages_ms
        said = f"{listened_ms / 1e3:.3g} s listened"
        examination.note("WS-HEARTBEAT", "warning" if is_long else "info", said)
