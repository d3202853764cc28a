"""What becomes of one event stream more than the server allows on a connection, and who says so?

The server names its limit in its first frame, SETTINGS. A client that follows the rules waits by itself; the server
never hears of the stream. To one that asks nevertheless, the server answers with a frame of its own.

Spec: RFC 9113 5.1.2, 6.5.2, 8.7
"""

from __future__ import annotations

import asyncio

from rtlab.clients.client import end_task
from rtlab.clients.http2 import TIMEOUT_S, Http2End
from rtlab.codecs.http2_frames import RST_STREAM, SETTINGS, Http2FrameDecoder, error_name
from rtlab.errors import InputError
from rtlab.experiments.http2_client import Http2Client, ImpatientEnd
from rtlab.findings.http2 import StreamFate
from rtlab.loop_thread import shared
from rtlab.servers.lab import Lab

PATIENT, IMPATIENT = "keeps to the limit", "asks nevertheless"
OPEN, WAITED, REFUSED = "open at once", "open when another one was closed", "refused"
MAX_BEYOND = 100
_LIMIT = "MAX_CONCURRENT_STREAMS"


def exceed_stream_limit(lab: Lab, *, beyond: int = 1) -> tuple[StreamFate, ...]:
    """Open as many event streams on one connection as the lab allows, and some more.

    Args:
        lab: A running lab that speaks HTTP/2.
        beyond: How many more, 1 to 100, and not more than it allows.

    Returns:
        The fates of the streams, of a client that keeps to the limit and of one that does not.

    Raises:
        InputError: The number is out of its range, or the lab speaks HTTP/1.1 only.
    """
    if not 1 <= beyond <= MAX_BEYOND:
        raise InputError(f"beyond: 1 to {MAX_BEYOND}.")
    return shared.call(lambda: _exceed(lab, beyond), 4 * TIMEOUT_S)


async def _exceed(lab: Lab, beyond: int) -> tuple[StreamFate, ...]:
    async with Http2Client(lab) as client:
        patient, impatient = await client.connect(), await client.connect(ImpatientEnd)
        limit = _limit(patient)
        if beyond > limit:
            raise InputError(f"beyond: not more than the {limit} that the lab allows.")
        told = (SETTINGS.name, f"{_LIMIT} {limit}")

        held = [await patient.ask("/sse/limit") for _ in range(limit)]
        more = asyncio.create_task(_ask_more(patient, beyond))
        try:
            await patient.until(lambda: len(patient.heads) == limit)
            await patient.round_trip()
            at_once = len(patient.asked)
            for stream in held[:beyond]:
                patient.cancel(stream)
            await patient.round_trip()  # an end counts the streams that are open when something comes in
            async with asyncio.timeout(TIMEOUT_S):
                await more
        finally:
            await end_task(more)
        await patient.until(lambda: len(patient.heads) == limit + beyond)

        await _ask_more(impatient, limit + beyond)
        await impatient.until(lambda: len(impatient.heads) + len(impatient.errors) == limit + beyond)
        codes = {error_name(code) for code in impatient.errors.values()}
        return (
            StreamFate(PATIENT, limit, OPEN, at_once, *told),
            StreamFate(PATIENT, limit, WAITED, len(patient.heads) - at_once, *told),
            StreamFate(IMPATIENT, limit, OPEN, len(impatient.heads), *told),
            StreamFate(IMPATIENT, limit, REFUSED, len(impatient.errors), RST_STREAM.name, ", ".join(sorted(codes))),
        )


async def _ask_more(end: Http2End, count: int) -> None:
    for _ in range(count):
        await end.ask("/sse/limit")


def _limit(end: Http2End) -> int:
    """Find the limit in the server's first frame, as it crossed the wire."""
    first = Http2FrameDecoder().feed(b"".join(data for way, data in end.wire if way == "down"))[0]
    return first.settings[_LIMIT]
