"""The rude part of an examination: what an attacker would try to exhaust a server. On this machine alone."""

from __future__ import annotations

import asyncio

from rtlab.probes.examination import CannotGoOn, Examination
from rtlab.probes.following import stream_request
from rtlab.probes.head_limit import try_long_heads
from rtlab.probes.message_limit import try_message_limits
from rtlab.probes.opening import new_key, websocket_request
from rtlab.probes.slow_clients import slow_head_s, slow_reader_s, try_slow_head, try_slow_reader

_QUICK_CHECKS_S = 40.0


def most_s(seconds: float) -> float:
    """Tell how long all of it may take.

    Args:
        seconds: How long the probe listens.
    """
    return _QUICK_CHECKS_S + slow_head_s(seconds) + slow_reader_s(seconds)


async def examine_rudely(examination: Examination) -> None:
    """Try long messages, long heads and slow clients.

    Args:
        examination: What is under examination.

    Raises:
        CannotGoOn: It is not on this machine.
    """
    if not examination.address.is_loopback:
        raise CannotGoOn("Intrusive checks are for this machine alone.")
    if examination.address.scheme in ("ws", "wss"):
        request = websocket_request(examination, new_key())
        await try_message_limits(examination)
    else:
        request = stream_request(examination)
    await try_long_heads(examination, request)
    examination.trying = "slow clients"
    async with asyncio.TaskGroup() as group:
        group.create_task(try_slow_head(examination))
        group.create_task(try_slow_reader(examination, request))
