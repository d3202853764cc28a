"""Runs a whole examination within one time limit."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from rtlab.probes.event_stream import examine_event_stream
from rtlab.probes.examination import CannotGoOn, Examination
from rtlab.probes.http2 import examine_http2
from rtlab.probes.intrusion import examine_rudely
from rtlab.probes.transport_security import check_transport_security
from rtlab.probes.websocket import examine_websocket


async def examine_soon(examination: Examination, *, limit_s: float) -> None:
    """Examine an endpoint; what was found is in the examination, complete or not. Runs on the loop.

    Args:
        examination: What is under examination.
        limit_s: After so many seconds it ends, whatever is still to be tried.
    """
    try:
        async with asyncio.timeout(limit_s) as limit:
            with suppress(CannotGoOn):
                await check_transport_security(examination)
                if examination.address.scheme in ("ws", "wss"):
                    await examine_websocket(examination)
                else:
                    await examine_event_stream(examination)
                await examine_http2(examination)
                if examination.intrusive:
                    await examine_rudely(examination)
    except TimeoutError:
        if not limit.expired():
            raise
        examination.note("PROBE-TIME", "warning", f"{limit_s:g} s; it was about {examination.trying}")
    examination.facts["connections"] = examination.traffic.connections
