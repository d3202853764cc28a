"""``by_hand()``: write bytes, break them, send them over a real connection, and see what comes back."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from functools import partial

from rtlab.clients.wire import Address, Traffic, Wire
from rtlab.codecs.dissect import Dissection, dissect
from rtlab.codecs.http1 import encode_request_head
from rtlab.codecs.websocket_close import encode_close_payload
from rtlab.codecs.websocket_frames import CLOSE, PING, TEXT, Frame, FrameDecoder, Opcode, encode_frame
from rtlab.codecs.websocket_handshake import opening_request
from rtlab.errors import ConnectionFailed, InputError, LabNotRunning
from rtlab.experiments.reading import read_by_hand
from rtlab.loop_thread import shared
from rtlab.records import WireUnit
from rtlab.servers.lab import Lab
from rtlab.widgets.wire_editor import Kind, Reaction, WireEditor

ANSWER_TIMEOUT_S = 2.0
"""How long the first byte of an answer may take."""
QUIET_S = 0.3
"""So long after its last byte an answer counts as complete."""
TIMEOUT_S = 5.0
"""How long the whole may take."""

_SAID_CHARACTERS = 200
_HEAD_END = b"\r\n\r\n"
_KEY = "dGhlIHNhbXBsZSBub25jZQ=="  # 16 bytes in base64; that everybody can guess it does no harm here
_MASK = bytes.fromhex("37fa213d")
_EVENT = b"id: 1\ndata: Hello\n\n"


def by_hand(lab: Lab, kind: Kind = "event stream") -> WireEditor:
    """Give an editor for bytes that are sent as they are, right or wrong, and show what comes of them.

    A handshake goes to the lab's echo address. A frame follows a correct handshake on the same connection. An event
    stream goes the other way: a small server in this kernel serves it to rtlab's own ``EventSource``.

    Args:
        lab: The running lab.
        kind: ``"event stream"``, ``"frame"`` or ``"handshake"``.

    Returns:
        The editor; ``presets`` holds bytes that break one rule each.

    Raises:
        InputError: There is no such kind.
    """
    match kind:
        case "event stream":
            return WireEditor(kind, _serve_stream, _EVENT, presets=_streams())
        case "frame":
            presets = _frames()
            return WireEditor(kind, partial(_send_frame, lab), presets["correct"], presets=presets)
        case "handshake":
            presets = _handshakes(lab)
            return WireEditor(kind, partial(_send_handshake, lab), presets["correct"], presets=presets)
    raise InputError(f'by_hand() kind must be "event stream", "frame" or "handshake", not {kind!r}.')


def _streams() -> dict[str, bytes]:
    return {
        "correct": _EVENT,
        "no blank line": _EVENT.removesuffix(b"\n"),
        "no colon": _EVENT.replace(b"data: ", b"data "),
        "space before the colon": _EVENT.replace(b"data:", b"data :"),
        "comment": _EVENT.replace(b"data:", b": data:"),
        "retry with letters": b"retry: 2s\n" + _EVENT,
        "zero byte in the id": _EVENT.replace(b"1", b"1\x00"),
    }


def _frames() -> dict[str, bytes]:
    correct = encode_frame(TEXT, b"Hello", masking_key=_MASK)
    return {
        "correct": correct,
        "no mask": encode_frame(TEXT, b"Hello"),
        "reserved bit": bytes((correct[0] | 0x40,)) + correct[1:],
        "reserved opcode": bytes((correct[0] | 0x02,)) + correct[1:],
        "not UTF-8": encode_frame(TEXT, b"\xff\xfe", masking_key=_MASK),
        "ping in fragments": bytes((PING, 0x80)) + _MASK,
        "forbidden close code": encode_frame(CLOSE, (1005).to_bytes(2), masking_key=_MASK),
        "correct close": encode_frame(CLOSE, encode_close_payload(1000, "bye"), masking_key=_MASK),
        "half a frame": correct[:-2],
    }


def _handshakes(lab: Lab) -> dict[str, bytes]:
    correct = _opening(lab)
    return {
        "correct": correct,
        "no blank line": correct.removesuffix(b"\r\n"),
        "short key": correct.replace(_KEY.encode(), b"dG9vIHNob3J0"),
        "wrong version": correct.replace(b"Version: 13", b"Version: 8"),
        "no Upgrade": correct.replace(b"Upgrade: websocket\r\n", b""),
        "POST": correct.replace(b"GET", b"POST"),
        "foreign page": correct.removesuffix(b"\r\n") + b"Origin: http://elsewhere.example\r\n\r\n",
    }


def _opening(lab: Lab) -> bytes:
    address = Address.parse(lab.echo_url(), ("ws", "wss"))
    return encode_request_head(opening_request(address.host_header, address.target, _KEY))


def _serve_stream(typed: bytes) -> Reaction:
    (reading,) = read_by_hand(typed, readers=("rtlab",))
    count = len(reading.events)
    lines = [f"The EventSource delivered {count or 'no'} event{'s' * (count != 1)}."]
    lines += [f"Event {one.event!r}, last event ID {one.id!r}: {one.data!r}." for one in reading.events]
    if reading.trouble:
        lines.append(f"It refused the stream: {reading.trouble}")
    return Reaction(tuple(lines), dissect(typed, hint="event stream"))


def _send_handshake(lab: Lab, typed: bytes) -> Reaction:
    _, answer, ended = _converse(lab, b"", typed)
    head, _, body = answer.decode("utf-8", "replace").partition("\r\n\r\n")
    status = head.partition("\r\n")[0]
    lines = [f"The lab answered {status!r}."] if answer else []
    if said := body.strip()[:_SAID_CHARACTERS]:
        lines.append(f"It said: {said}")
    return Reaction((*lines, _state(answer, ended)), dissect((typed, answer)))


def _send_frame(lab: Lab, typed: bytes) -> Reaction:
    opening = _opening(lab)
    accepted, answer, ended = _converse(lab, opening, typed)
    lines = [_told(frame) for frame in FrameDecoder().feed(answer)]
    # Read as a whole, for what was agreed decides what a frame may be; the handshake is not shown.
    whole = dissect((opening + typed, accepted + answer))
    up, down = _from(whole.up, len(opening)), _from(whole.down, len(accepted))
    return Reaction((*lines, _state(answer, ended)), Dissection(up, down, typed, answer))


def _from(units: tuple[WireUnit, ...], start: int) -> tuple[WireUnit, ...]:
    return tuple(replace(unit, offset=unit.offset - start) for unit in units if unit.offset >= start)


def _told(frame: Frame) -> str:
    match frame.opcode:
        case Opcode.CLOSE:
            reason = frame.payload[2:].decode()
            code = int.from_bytes(frame.payload[:2])
            return f"The lab sent a close frame, code {code}{f': {reason!r}' if reason else ''}."
        case Opcode.TEXT:
            return f"The lab sent the text message {frame.payload.decode()!r}."
        case Opcode.BINARY:
            return f"The lab sent a binary message of {len(frame.payload)} bytes."
    return f"The lab sent a control frame with {frame.payload!r}."


def _state(answer: bytes, ended: bool) -> str:
    if ended:
        return "The lab closed the connection."
    return "The connection is open." if answer else "Nothing came back: the lab waits for more bytes."


def _converse(lab: Lab, opening: bytes, typed: bytes) -> tuple[bytes, bytes, bool]:
    """Send an opening handshake, if any, and what was typed.

    Returns:
        The answers to both, and whether the lab closed the connection.
    """
    if not lab.running:
        raise LabNotRunning(f"The lab {lab.name!r} is not running; call rtlab.start_lab().")
    return shared.call(lambda: _converse_soon(lab, opening, typed), 3 * TIMEOUT_S + 1.0)


async def _converse_soon(lab: Lab, opening: bytes, typed: bytes) -> tuple[bytes, bytes, bool]:
    address = Address.parse(lab.echo_url(), ("ws", "wss"))
    wire = await Wire.open(address, Traffic(), ca_pem=lab.ca_pem, timeout_s=TIMEOUT_S)
    try:
        accepted = b""
        if opening:
            wire.write(opening)
            accepted, _ = await _listen(wire, _HEAD_END)
            if not accepted.startswith(b"HTTP/1.1 101 ") or not accepted.endswith(_HEAD_END):
                raise ConnectionFailed("The lab refused a correct handshake; look at lab.log.")
        wire.write(typed)
        return accepted, *await _listen(wire)
    finally:
        wire.abort()


async def _listen(wire: Wire, end: bytes | None = None) -> tuple[bytes, bool]:
    """Read until the line ends, falls quiet, or an end has come."""
    answer, over = b"", False
    with suppress(TimeoutError):
        async with asyncio.timeout(TIMEOUT_S):
            while not over and not (end and answer.endswith(end)):
                async with asyncio.timeout(QUIET_S if answer else ANSWER_TIMEOUT_S):
                    data, _ = await wire.read()
                answer, over = answer + data, not data
    return answer, over
