"""One reader stops: when does it hold up the other streams of its HTTP/2 connection?

Each stream has a window, and the connection has one: so many bytes may be on their way that the client has not
taken. What a reader that stops leaves unread lies in both. If the client keeps the connection's window as small as
a stream's, one reader that stops is enough to stop all.

Spec: RFC 9113 5.2, 6.9
"""

from __future__ import annotations

import secrets
from functools import partial

from rtlab.clients.http2 import TIMEOUT_S, Http2End
from rtlab.codecs.sse import EventStreamDecoder
from rtlab.errors import InputError
from rtlab.experiments.http2_client import Http2Client
from rtlab.findings.http2 import ReaderStep
from rtlab.loop_thread import shared
from rtlab.servers.lab import Lab

STREAM, CONNECTION = "the stream's own", "the connection's"
STOPPED = "the reader that stops"
MESSAGE_BYTES = 10_000
_WIDE_BYTES = 10_000_000
_MAX_MESSAGES = 60


def stall_reader(lab: Lab, *, others: int = 3, stopped: int = 12, after: int = 4) -> tuple[ReaderStep, ...]:
    """Let one of several event streams on a connection go unread for a while, and count what each has got.

    Args:
        lab: A running lab that speaks HTTP/2.
        others: How many streams are read all the time, 1 to 20.
        stopped: How many messages of 10,000 bytes are published while the one is not read, 1 to 60.
        after: How many when it is read again, 1 to 60.

    Returns:
        One for each window, message and stream.

    Raises:
        InputError: A setting is out of its range, or the lab speaks HTTP/1.1 only.
    """
    if not (1 <= others <= 20 and 1 <= stopped <= _MAX_MESSAGES and 1 <= after <= _MAX_MESSAGES):
        raise InputError(f"others: 1 to 20; stopped and after: 1 to {_MAX_MESSAGES}.")
    trials = (
        shared.call(partial(_stall, lab, window, others, stopped, after), 4 * TIMEOUT_S)
        for window in (STREAM, CONNECTION)
    )
    return tuple(step for trial in trials for step in trial)


async def _stall(lab: Lab, window: str, others: int, stopped: int, after: int) -> list[ReaderStep]:
    channel = f"stall.{secrets.token_hex(6)}"
    async with Http2Client(lab) as client:
        end = await client.connect()
        if window == STREAM:
            end.widen(_WIDE_BYTES)
        names = (STOPPED, *(f"reader {number}" for number in range(1, others + 1)))
        streams = dict(zip(names, [await end.ask(f"/sse/{channel}") for _ in names], strict=True))
        await end.until(lambda: all(end.data[stream] for stream in streams.values()))
        end.unread.add(streams[STOPPED])
        steps: list[ReaderStep] = []
        for number in range(1, stopped + after + 1):
            if number == stopped + 1:
                end.take(streams[STOPPED])
            await lab.publish_soon("x" * MESSAGE_BYTES, channel)
            await _settle(end)
            open_now = [each for each in await lab.connections_soon() if each.channel == channel]
            steps += [
                ReaderStep(window, name, number, _messages(end, stream), each.buffered_bytes)
                for (name, stream), each in zip(streams.items(), open_now, strict=True)
            ]
        return steps


async def _settle(end: Http2End) -> None:
    """Wait until nothing comes any more: each round trip may open windows, which lets more come."""
    before = -1
    while before != (now := sum(map(len, end.data.values()))):
        before = now
        await end.round_trip()


def _messages(end: Http2End, stream: int) -> int:
    return len(EventStreamDecoder().feed(bytes(end.data[stream])))
