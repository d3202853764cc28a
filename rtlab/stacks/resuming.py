"""Cuts the line between a stack and a client of an event stream, and counts what is lost and doubled."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Callable
from functools import partial

from rtlab.clients.client import Received
from rtlab.clients.event_source import EventSource
from rtlab.errors import LabError, WaitTimeout
from rtlab.findings.simplicity import account
from rtlab.loop_thread import shared
from rtlab.network.relay import Relay
from rtlab.servers.lab import Lab
from rtlab.stacks.program import Program
from rtlab.stacks.serving import Served, run_in

SENT, RATE_PER_S, CUTS = 60, 30, 2
_PATIENCE_S = 30.0
_OPEN_S = 15.0
_LOOK_S = 0.02
CLIENT_COUNT = 20
_CLIENT_S = 60.0


def resume_count(served: Served) -> tuple[int, int, int]:
    """Read the stack's event stream with rtlab's EventSource through a relay that cuts the line.

    Args:
        served: The running server.

    Returns:
        How often the line was cut, how many of :data:`SENT` events were lost, and how many came twice.

    Raises:
        LabError: An event has no number, or the stream cannot be opened.
        WaitTimeout: The stream did not begin.
    """
    shared.hold()
    try:
        return shared.call(lambda: _resume_count(served), 2 * _OPEN_S + (CUTS + 1) * _PATIENCE_S)
    finally:
        shared.release()


async def _resume_count(served: Served) -> tuple[int, int, int]:
    numbers: list[int] = []
    relay = Relay("127.0.0.1", served.port, max_bytes=0)
    await relay.start()
    source = EventSource(
        served.events_url(SENT, RATE_PER_S, port=relay.port),
        on_received=lambda event: numbers.append(_number(event)),
    )
    cuts = 0
    try:
        await source.start(_OPEN_S)
        for cut in range(1, CUTS + 1):
            await _until(partial(_has_come_to, numbers, source, cut * SENT // (CUTS + 1)))
            cuts += bool(relay.cut())
        await _until(partial(_has_come_to, numbers, source, SENT))
        if source.state == "closed" and not numbers:
            raise LabError(f"The event stream of {served.stack.title} ended: {source.history[-1][1]}.")
    finally:
        await source.finish(_OPEN_S)
        await relay.stop()
    if not set(numbers) <= set(range(1, SENT + 1)):
        raise LabError(f"{served.stack.title} sent events that nobody asked for: {numbers[:5]}.")
    found = account((number - 1 for number in numbers), SENT)
    return cuts, found.lost, found.doubled


def client_count(served: Served, lab: Lab) -> tuple[int, int, int]:
    """Let the stack's own client read a lab's events while the line is cut once, and use its echo.

    Args:
        served: The stack; its server is not used.
        lab: A lab in this process.

    Returns:
        How many of :data:`CLIENT_COUNT` events the client lost and got twice, and how many texts came back to it.

    Raises:
        LabError: The client failed; the text has its last lines.
        WaitTimeout: The client did not come, or did not end.
    """
    assert served.stack.client is not None
    channel = f"stack.{secrets.token_hex(6)}"
    environment = {
        "LAB_EVENTS_URL": lab.sse_url(channel),
        "LAB_ECHO_URL": lab.echo_url(),
        "COUNT": str(CLIENT_COUNT),
    }
    with run_in(served.folder, served.stack.client, environment, keep_output=True) as program:
        sent = shared.call(lambda: _feed(lab, channel, program), _CLIENT_S)
        printed = program.wait(_CLIENT_S)
    try:
        said = json.loads(printed.strip().splitlines()[-1])
        ids, echoed = [str(id) for id in said["ids"]], int(said["echoed"])
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise LabError(f"The client of {served.stack.title} printed {printed[-200:]!r}.") from error
    known = [sent.index(id) for id in ids if id in sent]
    found = account(known, CLIENT_COUNT)
    return found.lost, found.doubled, echoed


async def _feed(lab: Lab, channel: str, program: Program) -> list[str]:
    """Publish the events once the client listens, and cut its line in the middle."""
    try:
        async with asyncio.timeout(_PATIENCE_S):
            while all(each.channel != channel for each in await lab.connections_soon()):
                if program.exit_code is not None:
                    return []
                await asyncio.sleep(_LOOK_S)
    except TimeoutError as error:
        raise WaitTimeout(f"The client did not open its event stream within {_PATIENCE_S:g} s.") from error
    ids = []
    for number in range(1, CLIENT_COUNT + 1):
        ids.append(await lab.publish_soon(json.dumps({"n": number}), channel))
        await asyncio.sleep(1 / RATE_PER_S)
        if number == CLIENT_COUNT // 2:
            await lab.cut_soon(channel)
    return ids


def _has_come_to(numbers: list[int], source: EventSource, number: int) -> bool:
    return number in numbers or source.state == "closed"


async def _until(holds: Callable[[], bool]) -> None:
    try:
        async with asyncio.timeout(_PATIENCE_S):
            while not holds():
                await asyncio.sleep(_LOOK_S)
    except TimeoutError:
        return


def _number(event: Received) -> int:
    try:
        return int(json.loads(event.data)["n"])
    except (ValueError, KeyError, TypeError):
        return 0
