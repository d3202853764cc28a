"""What happens when all clients lose their server at once, and all of them come back?

The clients are lean: a socket, one request, and the wait for the end. The server is a program of its own, so that
the two do not share an interpreter. The moment of an attempt is when the client asks for a connection.
"""

from __future__ import annotations

import asyncio
import json
import random
import secrets
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import psutil

from rtlab import clock
from rtlab.codecs.http1 import encode_request_head
from rtlab.codecs.websocket_handshake import make_key, opening_request
from rtlab.errors import InputError, LabError
from rtlab.experiments.program_process import ProgramProcess
from rtlab.findings.herd import SLICE_MS, HerdCosts, HerdReturn
from rtlab.loop_thread import shared

Wait = Callable[[int, float, random.Random], float]
"""Tells how many seconds to wait: after how many failures, with which ``retry:``, by which chance."""

FIRST_S, LONGEST_S = 0.5, 30.0
STRATEGIES: dict[str, Wait] = {
    "fixed delay": lambda failures, retry_s, chance: 2 * FIRST_S,
    "growing delay": lambda failures, retry_s, chance: min(FIRST_S * 2**failures, LONGEST_S),
    "full jitter": lambda failures, retry_s, chance: chance.uniform(0, min(2 * FIRST_S * 2**failures, LONGEST_S)),
    "retry: from the server": lambda failures, retry_s, chance: retry_s,
}
"""How clients wait. Full jitter is random from 0 to twice the growing delay, so the two wait as long on average."""

DOWN_S = 1.25
ATTEMPT_TIMEOUT_S = 5.0
SOONEST_S, LATEST_S = 0.5, 2.5
"""From when to when the server lets clients of its event stream come back."""
_AT_ONCE = 50
"""So many open at the same time at first, which is no herd yet."""
_SPARE_DESCRIPTORS = 100
_FURTHER_DESCRIPTORS = 30
"""What this process opens during a run beside the connections, such as pipes to the server."""
_WINDOWS_CONNECTIONS = 10_000
"""Windows has no limit that could be asked for; its default range of ports ends soon behind this."""
_PATIENCE_S = 30.0


class LeanClient:
    """Keeps one connection to the herd's server open, waiting as its strategy says.

    Args:
        port: The server's port.
        strategy: A key of :data:`STRATEGIES`.
        seed: For its chance.

    Attributes:
        attempts_ns: When it asked for a connection.
        back_ns: When it was last connected; 0 while it is not.
        noticed_ns: When it saw that its connection was gone.
    """

    def __init__(self, port: int, strategy: str, seed: int) -> None:
        self._port = port
        self._wait = STRATEGIES[strategy]
        self._chance = random.Random(seed)
        self._retry_s = 0.0
        self.attempts_ns: list[int] = []
        self.back_ns = 0
        self.noticed_ns = 0
        host = f"127.0.0.1:{port}"
        if strategy.startswith("retry:"):
            self._request, self._end = f"GET /events HTTP/1.1\r\nHost: {host}\r\n\r\n".encode(), b"retry: "
        else:
            opening = opening_request(host, "/socket", make_key(secrets.token_bytes(16)))
            self._request, self._end = encode_request_head(opening), b"\r\n\r\n"

    async def run(self, gate: asyncio.Semaphore) -> None:
        """Stay connected until cancelled; the first time in turn with the others."""
        async with gate:
            connection = await self._connect()
        failures = 0
        while True:
            if connection:
                failures = 0
                reader, writer = connection
                try:
                    await reader.read()
                except OSError:
                    pass
                finally:
                    writer.transport.abort()
                self.noticed_ns, self.back_ns = clock.now_ns(), 0
            await asyncio.sleep(self._wait(failures, self._retry_s, self._chance))
            connection = await self._connect()
            failures += 1

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        self.attempts_ns.append(clock.now_ns())
        writer = None
        try:
            async with asyncio.timeout(ATTEMPT_TIMEOUT_S):
                reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
                writer.write(self._request)
                await reader.readuntil(self._end)
                if self._end == b"retry: ":
                    self._retry_s = int(await reader.readuntil(b"\n")) / 1000
            self.back_ns = clock.now_ns()
            return reader, writer
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            return None
        finally:
            if writer and not self.back_ns:
                writer.transport.abort()


def measure_herd(folder: Path, strategy: str, clients: int = 500, seed: int = 1) -> tuple[HerdReturn, HerdCosts]:
    """Cut all clients off at once, keep the server down for a moment, and watch them come back.

    Args:
        folder: Where the reference programs lie.
        strategy: A key of :data:`STRATEGIES`.
        clients: How many, 10 to 2,000.
        seed: For the clients' chance.

    Returns:
        How they came back, and what that cost the server.

    Raises:
        InputError: There is no such strategy, or the system does not allow so many connections.
        LabError: The clients could not connect in the first place.
    """
    if strategy not in STRATEGIES or not isinstance(clients, int) or not 10 <= clients <= 2_000:
        raise InputError(f"clients: a whole number from 10 to 2,000; strategies: {', '.join(STRATEGIES)}.")
    allowed = most_connections()
    if clients > allowed:
        raise InputError(
            f"The system lets this process have about {allowed} connections: ask for at most so many clients, or "
            "raise the limit on open files (ulimit -n)."
        )
    shared.hold()
    try:
        return shared.call(lambda: _measure(folder, strategy, clients, seed), 3 * _PATIENCE_S)
    finally:
        shared.release()


def common_costs(costs: Sequence[HerdCosts]) -> HerdCosts:
    """Sum up what several runs cost.

    Only where clients crowd does a run show how quick server and clients can be, so the quickest run counts.

    Args:
        costs: One for each run.
    """
    return HerdCosts(
        min(each.service_s for each in costs),
        costs[0].backlog,
        min(each.knock_s for each in costs),
        median(each.notice_first_s for each in costs),
        median(each.notice_last_s for each in costs),
    )


def most_connections() -> int:
    """Tell how many connections this process, or a child of it, may have beside what it needs for itself."""
    if sys.platform == "win32":
        return _WINDOWS_CONNECTIONS
    import resource

    allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if allowed == resource.RLIM_INFINITY:
        return sys.maxsize
    needed = max(_SPARE_DESCRIPTORS, psutil.Process().num_fds() + _FURTHER_DESCRIPTORS)
    return max(0, allowed - needed)


async def _measure(folder: Path, strategy: str, count: int, seed: int) -> tuple[HerdReturn, HerdCosts]:
    server = await ProgramProcess.start(
        folder / "herd" / "server.py", f"--soonest={SOONEST_S}", f"--latest={LATEST_S}"
    )
    tasks: list[asyncio.Task[None]] = []
    try:
        ready = await server.first()
        clients = [LeanClient(ready["port"], strategy, seed * 1_000_003 + number) for number in range(count)]
        gate = asyncio.Semaphore(_AT_ONCE)
        tasks = [asyncio.create_task(client.run(gate)) for client in clients]
        if not await _until(lambda: all(client.back_ns for client in clients)):
            raise LabError(f"Not all of the {count} clients could connect before the experiment; give fewer.")
        cut_ns = (await _ask(ready["port"], f"/cut?down={DOWN_S}"))["cut_ns"]
        await _until(lambda: all(client.back_ns > client.noticed_ns > cut_ns for client in clients))
    finally:
        try:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        finally:  # an interrupt may come just now
            await server.kill()
    noticed = sorted((client.noticed_ns - cut_ns) / 1e9 for client in clients)
    back = [(client.back_ns - cut_ns) / 1e9 for client in clients if client.back_ns > cut_ns]
    attempts = [(at_ns - cut_ns) / 1e9 for client in clients for at_ns in client.attempts_ns if at_ns > cut_ns]
    return (
        herd_return(strategy, "measured", count, attempts, back),
        HerdCosts(interval_s(back, 0.5), ready["backlog"], interval_s(attempts, 0.1), noticed[0], noticed[-1]),
    )


def interval_s(moments_s: list[float], share: float) -> float:
    """Tell at what intervals things happened when they happened fastest.

    Args:
        moments_s: When they happened.
        share: The densest part to look at, from 0 to 1.

    Returns:
        Seconds from one to the next; 0 where so few are no crowd.
    """
    ordered, part = sorted(moments_s), int(share * len(moments_s))
    if part < 2:
        return 0.0
    return min(last - first for first, last in zip(ordered, ordered[part:], strict=False)) / part


def herd_return(
    strategy: str, source: str, clients: int, attempts_s: list[float], back_s: list[float], weight: int = 1
) -> HerdReturn:
    """Sum up who knocked when, and who was back when.

    Args:
        strategy: How the clients waited.
        source: ``"measured"`` or ``"simulated"``.
        clients: How many there were.
        attempts_s: The moments of all attempts, from the cut.
        back_s: The moments at which clients were back.
        weight: How many clients each moment stands for.
    """
    counts = [0] * (1 + max((int(at_s * 1000 / SLICE_MS) for at_s in attempts_s), default=0))
    for at_s in attempts_s:
        counts[int(at_s * 1000 / SLICE_MS)] += weight
    back = sorted(back_s)
    most, total = -(-95 * clients // (100 * weight)), -(-clients // weight)
    return HerdReturn(
        strategy,
        source,
        clients,
        len(attempts_s) * weight,
        max(counts),
        back[most - 1] if len(back) >= most else None,
        back[-1] if len(back) >= total else None,
        tuple(counts),
    )


async def _ask(port: int, target: str) -> dict[str, Any]:
    """Make one request; HTTP/1.0, so that the end of the connection is the end of the answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(f"GET {target} HTTP/1.0\r\n\r\n".encode())
        async with asyncio.timeout(ATTEMPT_TIMEOUT_S):
            answer: dict[str, Any] = json.loads((await reader.read()).partition(b"\r\n\r\n")[2])
        return answer
    finally:
        writer.close()


async def _until(holds: Callable[[], bool]) -> bool:
    for _ in range(round(_PATIENCE_S / 0.05)):
        if holds():
            return True
        await asyncio.sleep(0.05)
    return False
