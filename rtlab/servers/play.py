"""Sends a workload into a channel on its schedule, and notes when each message really went out."""

from __future__ import annotations

import asyncio

from rtlab import clock
from rtlab.servers.channel import Channel
from rtlab.workload import Workload

DRAIN_TIMEOUT_S = 30.0
_LOOK_S = 0.01
"""How often a sender looks whether its subscribers are there."""
_BREATH = 64
"""After so many sends a sender that waits for nothing lets the loop do its other work."""
BUSY_WAIT_NS = 1_300_000
"""An event loop's timers are up to a millisecond late; the rest of the wait yields to the loop instead."""


async def wait_until(due_ns: int) -> None:
    """Wait until an instant of the shared clock, to some microseconds.

    Args:
        due_ns: The instant; one that has passed still lets the loop do its other work once.
    """
    rest_ns = due_ns - clock.now_ns()
    if rest_ns > BUSY_WAIT_NS:
        await asyncio.sleep((rest_ns - BUSY_WAIT_NS) / 1e9)
    await asyncio.sleep(0)
    while clock.now_ns() < due_ns:
        await asyncio.sleep(0)


async def play(channel: Channel, workload: Workload, start_ns: int) -> list[int]:
    """Publish every message of a workload when it is due (an open loop: late ones do not move later ones).

    Args:
        channel: Where they go.
        workload: What goes out, and when.
        start_ns: The instant that the schedule counts from.

    Returns:
        For each message the time at which it was handed over, in nanoseconds of the shared clock.
    """
    sent_ns = []
    for message in workload.messages():
        due_ns = start_ns + message.scheduled_ns
        if due_ns > clock.now_ns():
            channel.flush()  # nobody joins those that wait; the rest of the turn may take long
        await wait_until(due_ns)
        await channel.room(DRAIN_TIMEOUT_S)
        sent_ns.append(clock.now_ns())
        channel.publish(message.text)
    channel.flush()
    return sent_ns


async def pour(
    channel: Channel,
    *,
    rate_per_s: float,
    payload_bytes: int,
    count: int | None,
    subscribers: int,
    stamp: bool,
    join: int = 1,
) -> int:
    """Publish messages for a load tool: at a rate, or as fast as every subscriber takes them.

    Args:
        channel: Where they go.
        rate_per_s: Messages a second; 0 waits for nothing but the subscribers, and loses nothing. While none is
            there it sends nothing.
        payload_bytes: Size of each payload.
        count: How many, or None without end.
        subscribers: How many must be there before the first message.
        stamp: Start each payload with the time as 20 digits, in nanoseconds: when the message was due, or, at
            rate 0, when it went out.
        join: How many leave together at rate 0.

    Returns:
        How many messages were sent.
    """
    while channel.subscribers < subscribers:
        await asyncio.sleep(_LOOK_S)
    filler = "x" * payload_bytes
    start_ns = clock.now_ns()
    sent = 0
    while count is None or sent < count:
        if rate_per_s:
            at_ns = start_ns + round(sent * 1e9 / rate_per_s)
            if at_ns > clock.now_ns():
                channel.flush()
            await wait_until(at_ns)
            await channel.room(DRAIN_TIMEOUT_S)
        elif sent % join == 0:
            channel.flush()
            await channel.drained(DRAIN_TIMEOUT_S)
            while not channel.subscribers:
                await asyncio.sleep(_LOOK_S)
            if sent % (_BREATH * join) == 0:
                await asyncio.sleep(0)  # let the loop read closes and pongs
        if not rate_per_s:
            at_ns = clock.now_ns()
        channel.publish(f"{at_ns:020d}{filler}"[:payload_bytes] if stamp else filler)
        sent += 1
    channel.flush()
    return sent
