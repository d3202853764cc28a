"""What do small programs survive, as a learner writes them first, and as they are after some trouble?"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import psutil

from rtlab.clients.client import end_task
from rtlab.errors import InputError
from rtlab.experiments.program_pair import PATIENCE_S, RATE_PER_S, Pair, within
from rtlab.findings.programs import Trial
from rtlab.loop_thread import shared
from rtlab.network.faults import BlackHole

CALM_S = 0.4
HALF_OPEN_S = 4.0
DOWN_S = 0.6
SLOW_READERS = 8
SLOW_S = 3.0
SLOW_PADDING_BYTES = 100_000
"""So large that the unread events do not fit into the system's buffers, about 3 MB a connection on Linux."""
BOUNDED = 0.25
"""A server that keeps more than this share of what nobody reads has no bound."""
ANSWER_S = 1.0
READ_BYTES = 65_536
_CLOSE_1011 = (1011).to_bytes(2)
_LAST_CHUNK = b"0\r\n\r\n"
_TRIAL_TIMEOUT_S = 60.0


def try_fault(
    folder: Path, fault: str, pairs: tuple[tuple[str, str], ...], client: str = "client.py"
) -> tuple[Trial, ...]:
    """Do the same harm to several pairs of programs at once.

    Args:
        folder: Where the programs lie, as ``protocol/level/part.py``.
        fault: A key of :data:`FAULTS`.
        pairs: Protocol and level of each.
        client: The file of the clients.

    Returns:
        One trial for each pair.

    Raises:
        InputError: There is no such fault.
        LabError: A program did not start.
    """
    if fault not in FAULTS:
        raise InputError(f"There is no fault {fault!r}; there are {', '.join(FAULTS)}.")
    shared.hold()
    try:
        return shared.call(lambda: _try_fault(folder, fault, pairs, client), _TRIAL_TIMEOUT_S)
    finally:
        shared.release()


async def _try_fault(
    folder: Path, fault: str, pairs: tuple[tuple[str, str], ...], client: str
) -> tuple[Trial, ...]:
    trials = [asyncio.create_task(_try(folder, fault, *pair, client)) for pair in pairs]
    try:
        return tuple(await asyncio.gather(*trials))
    finally:
        for trial in trials:
            await end_task(trial)


async def _try(folder: Path, fault: str, protocol: str, level: str, client: str) -> Trial:
    pair = Pair(folder, protocol, level, SLOW_PADDING_BYTES if fault == SLOW else 0, client)
    try:
        await pair.start()
        await asyncio.sleep(CALM_S)
        outcome, note = await FAULTS[fault](pair)
        return await pair.trial(fault, outcome=outcome, note=note)
    finally:
        await pair.stop()


async def _cut(pair: Pair) -> tuple[str, str]:
    pair.relay.cut()
    await asyncio.sleep(CALM_S)
    return "", ""


async def _half_open(pair: Pair) -> tuple[str, str]:
    """Let all bytes vanish for a while. Who stays on the dead connection is stuck: nothing else would end it."""
    before = pair.relay.accepted
    await pair.relay.apply(BlackHole())
    await asyncio.sleep(HALF_OPEN_S)
    noticed = pair.relay.accepted > before
    await pair.relay.apply()
    return ("" if noticed else "stuck"), f"{HALF_OPEN_S:g} s of silence were {'' if noticed else 'not '}noticed"


async def _restart(pair: Pair) -> tuple[str, str]:
    await pair.server.kill()
    await asyncio.sleep(DOWN_S)
    await pair.start_server()
    return "", ""


async def _stop_reading(pair: Pair) -> tuple[str, str]:
    """Open connections, read nothing from them, and watch the server's memory."""
    loop, server = asyncio.get_running_loop(), psutil.Process(pair.server.pid)
    readers = [socket.socket() for _ in range(SLOW_READERS)]
    try:
        for reader in readers:
            reader.setblocking(False)
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            await loop.sock_connect(reader, ("127.0.0.1", pair.port))
            await loop.sock_sendall(reader, pair.opening())
        before_bytes = server.memory_info().rss
        await asyncio.sleep(SLOW_S)
        grown_bytes = server.memory_info().rss - before_bytes
    finally:
        for reader in readers:
            reader.close()
    unread_bytes = SLOW_READERS * RATE_PER_S * SLOW_S * SLOW_PADDING_BYTES
    note = f"the server grew by {max(0, grown_bytes) / 1e6:.1f} MB with {unread_bytes / 1e6:.0f} MB unread"
    return ("memory grows" if grown_bytes > BOUNDED * unread_bytes else ""), note


async def _wrong_token(pair: Pair) -> tuple[str, str]:
    stranger = await pair.start_client("wrong", lambda line: None)
    await within(PATIENCE_S, lambda: stranger.said or stranger.exit_code is not None)
    if stranger.said:
        return "let in", ""
    ended = await stranger.ended(PATIENCE_S)
    return ("refused" if ended else "stuck"), stranger.last_words


async def _fail(pair: Pair) -> tuple[str, str]:
    """Ask for each 0-th event: the server divides by zero where it did not expect that."""
    reader, writer = await asyncio.open_connection("127.0.0.1", pair.port)
    answer = b""
    try:
        writer.write(pair.opening(every=0))
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(ANSWER_S):
                while data := await reader.read(READ_BYTES):
                    answer += data
    finally:
        writer.close()
    told = "1011" if _CLOSE_1011 in answer else "an orderly end" if answer.endswith(_LAST_CHUNK) else "no answer"
    await asyncio.sleep(CALM_S)
    return "", f"who caused it got {told}"


SLOW = "slow readers"
FAULTS: dict[str, Callable[[Pair], Awaitable[tuple[str, str]]]] = {
    "cut line": _cut,
    "half-open line": _half_open,
    "server restart": _restart,
    SLOW: _stop_reading,
    "wrong token": _wrong_token,
    "server exception": _fail,
}
"""What goes wrong, and how it is done."""
