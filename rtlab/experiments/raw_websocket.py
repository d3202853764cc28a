"""A WebSocket client that sends frames exactly as they were written down, right or wrong.

rtlab's own client cannot break a rule. Here the frames are made by hand, and what comes back is shown frame by
frame.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from rtlab import clock
from rtlab.clients.http import HttpConnection
from rtlab.clients.wire import Address, Traffic, Wire
from rtlab.codecs.websocket_frames import BINARY, CLOSE, CONTINUATION, PING, TEXT, Frame, FrameDecoder, encode_frame
from rtlab.codecs.websocket_handshake import check_opening_response, make_key, opening_request
from rtlab.errors import ConnectionFailed, WaitTimeout
from rtlab.loop_thread import shared
from rtlab.servers.lab import Lab


@dataclass(frozen=True, slots=True)
class FrameExchange:
    """What came back for some frames.

    Attributes:
        answers: The server's frames, up to the first message or close frame.
        bytes_up: Bytes sent after the opening handshake.
        bytes_down: Bytes received after it.
        round_trip_ns: From the first frame to the answer.
    """

    answers: tuple[Frame, ...]
    bytes_up: int
    bytes_down: int
    round_trip_ns: int

    @property
    def message(self) -> bytes | None:
        """The payload of the message that came back; None if none did."""
        found = [frame.payload for frame in self.answers if frame.opcode in (TEXT, BINARY)]
        return found[0] if found else None

    @property
    def close_code(self) -> int | None:
        """The code of the close frame; 1005 for one without, None if none came."""
        found = [frame.payload for frame in self.answers if frame.opcode == CLOSE]
        return None if not found else int.from_bytes(found[0][:2]) if found[0] else 1005


def client_frame(opcode: int, payload: bytes, *, fin: bool = True) -> bytes:
    """Write one frame as a client must: masked with a fresh key."""
    return encode_frame(opcode, payload, fin=fin, masking_key=secrets.token_bytes(4))


def fragments_with_pings(payload: bytes, parts: int) -> tuple[bytes, ...]:
    """Cut a binary message into fragments with a ping between each two.

    Args:
        payload: The message.
        parts: How many fragments, at least 1.

    Returns:
        The frames, in order: fragment, ping, fragment, ping ... last fragment.
    """
    step = -(-len(payload) // parts)
    frames: list[bytes] = []
    for number in range(parts):
        if number:
            frames.append(client_frame(PING, b"still there?"))
        piece = payload[number * step : (number + 1) * step]
        frames.append(client_frame(CONTINUATION if number else BINARY, piece, fin=number == parts - 1))
    return tuple(frames)


def echo_frames(lab: Lab, frames: Sequence[bytes], *, timeout_s: float = 30.0) -> FrameExchange:
    """Send frames to the lab's echo, and read until a message or a close frame is back.

    Args:
        lab: The running lab.
        frames: The frames as bytes; they need not follow any rule.
        timeout_s: How long it may take, in seconds.

    Raises:
        ConnectionFailed: The opening handshake failed, or the line broke.
        WaitTimeout: Neither a message nor a close frame came.
    """
    return shared.call(lambda: _echo_frames(lab, frames, timeout_s), timeout_s + 1.0)


async def _echo_frames(lab: Lab, frames: Sequence[bytes], timeout_s: float) -> FrameExchange:
    traffic = Traffic()
    address = Address.parse(lab.echo_url(), ("ws", "wss"))
    http = HttpConnection(address, traffic, ca_pem=lab.ca_pem)
    key = make_key(secrets.token_bytes(16))
    try:
        head = await http.request(opening_request(address.host_header, address.target, key), timeout_s=timeout_s)
        if head.status != 101:
            raise ConnectionFailed(f"The echo refused the opening handshake: {head.status}.", status=head.status)
        check_opening_response(head, key)
        wire, early, _ = http.take_wire()
    finally:
        http.close()
    up, down, start_ns = traffic.bytes_up, traffic.bytes_down - len(early), clock.now_ns()
    try:
        async with asyncio.timeout(timeout_s):
            for frame in frames:
                wire.write(frame)
                await wire.drained()
            answers = await _answers(wire, early)
            spent_ns = clock.now_ns() - start_ns
    except TimeoutError as error:
        raise WaitTimeout(f"Neither a message nor a close frame came within {timeout_s:g} s.") from error
    finally:
        wire.abort()
    return FrameExchange(answers, traffic.bytes_up - up, traffic.bytes_down - down, spent_ns)


async def _answers(wire: Wire, data: bytes) -> tuple[Frame, ...]:
    decoder = FrameDecoder()
    answers: list[Frame] = []
    while True:
        for frame in decoder.feed(data):
            answers.append(frame)
            if frame.opcode in (TEXT, BINARY, CLOSE):
                return tuple(answers)
        data, _ = await wire.read()
        if not data:
            raise ConnectionFailed("The line ended without a message or a close frame.")
