"""How long may a message be, and is that limit kept when the message is cut, or compressed?

::

    one head      "2^40 bytes follow", and nothing follows      refused at once?
    fragments     many, and together longer than the limit      refused in time?
    a bomb        32 KiB that stand for 32 MiB                  refused before all of it is restored?

Spec: RFC 6455 10.4, RFC 7692 8
"""

from __future__ import annotations

import asyncio
import secrets
import zlib
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from rtlab.clients.wire import Wire
from rtlab.codecs.permessage_deflate import DeflateOptions
from rtlab.codecs.websocket_frames import BINARY, CONTINUATION, PING, encode_frame
from rtlab.codecs.websocket_session import CloseReceived, PongReceived, WebSocketSession
from rtlab.probes.examination import CannotGoOn, Examination
from rtlab.probes.finding import Severity
from rtlab.probes.opening import open_again

REACTION_S = 1.0
"""A server that judges a frame by its head does so at once."""
_ANSWER_S = 6.0
_SIZES = (40, 32, 30, 28, 26, 25, 24, 23, 22, 21, 20, 18, 16)
_MOST_SENT_BYTES = 33_554_432
_PART_BYTES = 65_536
_TINY_FRAGMENTS = 5_000
_MARK = b"rtlab mark"
_FRIENDLY = (1000, 1001)


@dataclass(frozen=True, slots=True)
class _Reaction:
    """What a server did: whether it let go of us, how, and how much it had taken by then."""

    is_refusal: bool
    how: str
    sent_bytes: int = 0


async def try_message_limits(examination: Examination) -> None:
    """Try what is too long in three ways.

    Args:
        examination: What is under examination, a WebSocket.
    """
    with suppress(CannotGoOn):
        limit = await _try_announcements(examination)
        if limit is None or limit >= _MOST_SENT_BYTES:
            return  # more than that is not sent
        await _try_fragments(examination, limit)
        await _try_bomb(examination)


async def _try_announcements(examination: Examination) -> int | None:
    """Announce frames that never come; give the longest that was not refused, or None if all were taken."""
    refused = ""
    for power in _SIZES:
        examination.trying = f"a frame that is announced with 2^{power} bytes"
        said = await _after(examination, [_announcement(1 << power)], REACTION_S)
        if not said.is_refusal:
            break
        refused = f"2^{power} bytes announced: {said.how}"
    else:
        examination.note("WS-LIMIT", "fine", refused)
        return 0
    taken = 1 << power
    if refused:
        examination.facts["frame_taken_bytes"] = taken
        examination.note("WS-LIMIT", "fine", f"{refused}; 2^{power} bytes announced: waits for them")
        return taken
    # Nothing is said about the head; perhaps about the bytes, when they come.
    examination.trying = "a frame that does not end"
    parts = [_announcement(1 << power), *[bytes(_PART_BYTES)] * (_MOST_SENT_BYTES // _PART_BYTES)]
    said = await _after(examination, parts, _ANSWER_S)
    if said.is_refusal:
        examination.facts["frame_taken_bytes"] = said.sent_bytes
        examination.note("WS-LIMIT", "fine", f"2^{power} bytes announced: after {said.sent_bytes:,} {said.how}")
        return said.sent_bytes
    # A server that reads no more has no limit, but keeps nothing either.
    severity: Severity = "warning" if said.sent_bytes >= _MOST_SENT_BYTES / 2 else "info"
    examination.note("WS-LIMIT", severity, f"2^{power} bytes announced, and {said.sent_bytes:,} bytes taken")
    return None


async def _try_fragments(examination: Examination, limit: int) -> None:
    examination.trying = "fragments without end"
    tiny = await _after(examination, _fragments(1, _TINY_FRAGMENTS), REACTION_S)
    told = f"{_TINY_FRAGMENTS:,} fragments of 1 byte: {tiny.how}"
    most = min(_MOST_SENT_BYTES, max(2 * limit, 1_048_576))
    large = await _after(examination, _fragments(_PART_BYTES, most // _PART_BYTES + 1), _ANSWER_S)
    told += f"; {large.sent_bytes:,} bytes in fragments: {large.how}"
    if large.is_refusal or large.sent_bytes >= most:  # else it reads too slowly to tell
        examination.note("WS-FRAGMENTS", "fine" if large.is_refusal else "warning", told)


async def _try_bomb(examination: Examination) -> None:
    examination.trying = "a compressed bomb"
    opened = await open_again(examination)
    if opened is None:
        return
    wire, agreed, early = opened
    if agreed is None:
        wire.abort()
        return
    bomb = await asyncio.to_thread(_bomb, agreed)
    parts = [bomb, encode_frame(PING, _MARK, masking_key=_mask())]
    said = await _react(wire, agreed, early, parts, _ANSWER_S)
    told = f"{len(bomb):,} bytes that stand for {_MOST_SENT_BYTES:,}: {said.how}"
    examination.note("WS-BOMB", "fine" if said.is_refusal else "warning", told)


async def _after(examination: Examination, parts: Iterable[bytes], seconds: float) -> _Reaction:
    """Send something on a WebSocket of its own, and see what comes of it."""
    opened = await open_again(examination)
    if opened is None:
        raise CannotGoOn("The server opens no further WebSocket.")
    return await _react(*opened, parts, seconds)


async def _react(
    wire: Wire, agreed: DeflateOptions | None, early: bytes, parts: Iterable[bytes], seconds: float
) -> _Reaction:
    sent = 0
    session = WebSocketSession(
        "client", max_message_bytes=2 * _MOST_SENT_BYTES, max_fragments=1 << 20, compression=agreed
    )
    reading = asyncio.create_task(_until_over(wire, session, early))
    try:
        async with asyncio.timeout(seconds):
            for part in parts:
                wire.write(part)
                await wire.drained()
                await asyncio.sleep(0)
                if reading.done():
                    break
                sent += len(part)
            return _Reaction(*await asyncio.shield(reading), sent)
    except TimeoutError:
        return _Reaction(False, "no objection", sent)
    finally:
        reading.cancel()
        wire.abort()
        await asyncio.gather(reading, return_exceptions=True)


async def _until_over(wire: Wire, session: WebSocketSession, data: bytes) -> tuple[bool, str]:
    """Read until the server lets go, or answers the mark behind what it was sent."""
    while True:
        for event in session.read(data):
            if isinstance(event, CloseReceived):
                # Who says goodbye in a friendly way has taken it.
                return session.close_code not in _FRIENDLY, f"close code {session.close_code or 1005}"
            if isinstance(event, PongReceived) and event.payload == _MARK:
                return False, "taken"
        data, _ = await wire.read()
        if not data:
            return True, "the line is cut"


def _announcement(size: int) -> bytes:
    """Write the head of a frame, and nothing of what it announces."""
    return bytes((0x80 | BINARY, 0x80 | 127)) + size.to_bytes(8) + _mask()


def _fragments(size: int, count: int) -> Iterable[bytes]:
    """Give the first fragments of a message that does not end."""
    first = encode_frame(BINARY, bytes(size), fin=False, masking_key=_mask())
    further = encode_frame(CONTINUATION, bytes(size), fin=False, masking_key=_mask())
    yield first
    if size > 1:
        yield from (further for _ in range(count - 1))
    else:
        yield further * (count - 1)


def _bomb(agreed: DeflateOptions) -> bytes:
    """Compress many zeros into one message."""
    coder = zlib.compressobj(9, zlib.DEFLATED, -max(9, agreed.client_max_window_bits))
    part = bytes(1 << 20)
    data = b"".join(coder.compress(part) for _ in range(_MOST_SENT_BYTES >> 20)) + coder.flush(zlib.Z_SYNC_FLUSH)
    return encode_frame(BINARY, data[:-4], rsv1=True, masking_key=_mask())


def _mask() -> bytes:
    return secrets.token_bytes(4)
