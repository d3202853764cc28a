"""Runs one share: opens its connections, sends its messages, waits for what is still on its way, and reports."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable

from rtlab import clock
from rtlab.clients.wire import trusting
from rtlab.findings.load import LoadProgress, ShareReport
from rtlab.load.client import OPEN_TIMEOUT_S, LeanClient
from rtlab.load.examiner import add_samples
from rtlab.load.fine_loop import fine_loop
from rtlab.load.limits import allow_connections, source_of
from rtlab.load.plan import Share
from rtlab.load.sending import Posts, over_sockets, send_all
from rtlab.load.tally import Tally

OnProgress = Callable[[LoadProgress], None]

PROGRESS_S = 0.5
QUIET_S = 0.5
"""Once nothing of the swarm's own has come for so long, nothing more is waited for."""
DRAIN_S = 10.0
"""So long is waited at most for messages that are still on their way."""
CLOSE_S = 1.0
_TICK_S = 0.02
_OPENING_AT_ONCE = 100


def run_share(
    share: Share,
    start_ns: int,
    on_progress: OnProgress = lambda progress: None,
    *,
    clock_offset_ns: int = 0,
    clock_error_ns: int = 0,
) -> ShareReport:
    """Do one worker's part; blocks until it is done.

    Args:
        share: What to do.
        start_ns: When the connections begin to open, on the swarm's clock; the same for all workers.
        on_progress: Called each half second; what it raises ends the run and comes out here.
        clock_offset_ns: How far the swarm's clock is ahead of this machine's; 0 on the same machine.
        clock_error_ns: By how much that may be wrong.

    Returns:
        What was seen.

    Raises:
        InputError: This system does not allow so many connections.
    """
    allow_connections(len(share.connections))
    with asyncio.Runner(loop_factory=fine_loop) as runner:
        return runner.run(_Crew(share, start_ns, on_progress, clock_offset_ns, clock_error_ns).run())


class _Crew:
    """The clients of one share, and all that goes on around them."""

    def __init__(
        self, share: Share, start_ns: int, on_progress: OnProgress, clock_offset_ns: int, clock_error_ns: int
    ) -> None:
        plan = share.plan
        self._share = share
        self._start_ns = start_ns
        self._begin_ns = start_ns + round(plan.begin_s * 1e9)
        self._end_ns = self._begin_ns + round(plan.seconds * 1e9)
        self._on_progress = on_progress
        self._clock_error_ns = clock_error_ns
        self._tally = Tally(self._begin_ns, self._end_ns, clock_offset_ns)
        step = max(1, round(1 / plan.sample))
        self._clients = {
            number: LeanClient(number, plan, self._tally, examined=place % step == 0)
            for place, number in enumerate(share.connections)
        }
        self._context = trusting(plan.ca_pem) if plan.address.secure else None
        self._opening: set[asyncio.Task[None]] = set()
        self._refusals = Counter[str]()
        self._cpu_share = 0.0
        self._stall_ms = 0.0

    async def run(self) -> ShareReport:
        opening, measuring = asyncio.create_task(self._open_all()), asyncio.create_task(self._measure())
        try:
            await self._watch(measuring)
        finally:
            for task in (opening, measuring, *self._opening):
                task.cancel()
            await asyncio.gather(opening, measuring, *self._opening, return_exceptions=True)
            for client in self._clients.values():
                client.close()
            self._tally.finish_second()
            await self._until_gone()
        return self._report()

    async def _watch(self, measuring: asyncio.Task[None]) -> None:
        """Look after the loop while the work is going on."""
        last_ns, told_ns = clock.now_ns(), 0
        while not measuring.done():
            await asyncio.wait({measuring}, timeout=_TICK_S)
            now_ns = clock.now_ns()
            self._stall_ms = max(self._stall_ms, (now_ns - last_ns) / 1e6 - 1000 * _TICK_S)
            last_ns = now_ns
            if now_ns - told_ns >= PROGRESS_S * 1e9:
                told_ns = now_ns
                self._on_progress(self._progress())
        measuring.result()

    async def _open_all(self) -> None:
        plan, gate = self._share.plan, asyncio.Semaphore(_OPENING_AT_ONCE)
        gap_ns = 1e9 * plan.ramp_up_s / plan.connections
        address = plan.address
        for number, client in self._clients.items():
            await self._until(self._start_ns + round(number * gap_ns))
            await gate.acquire()
            source = source_of(number, plan.connections, address)
            task = asyncio.create_task(client.open(self._context, source))
            self._opening.add(task)
            task.add_done_callback(self._opening.discard)
            task.add_done_callback(lambda task: gate.release())

    async def _measure(self) -> None:
        share, plan = self._share, self._share.plan
        await self._until(self._begin_ns)
        self._stall_ms = 0.0
        began_ns, cpu_ns = clock.now_ns(), clock.cpu_ns()
        if not share.planned:
            await self._until(self._end_ns)
            self._note_cpu(began_ns, cpu_ns)
            return
        posts = Posts(plan, self._tally, self._clients) if plan.publish_url else None
        try:
            send = posts.send if posts else over_sockets(self._clients)
            self._refusals = await send_all(share, self._begin_ns, self._tally, send)
            await self._until(self._end_ns)
            self._note_cpu(began_ns, cpu_ns)
            if posts:
                await posts.finish(OPEN_TIMEOUT_S)
            await self._drain()
        finally:
            if posts:
                await posts.finish(0)
                self._refusals += posts.refusals

    async def _drain(self) -> None:
        """Wait until nothing of the swarm's own comes any more."""
        last_ns, seen = clock.now_ns(), self._tally.ours
        deadline_ns = last_ns + DRAIN_S * 1e9
        while (now_ns := clock.now_ns()) < min(deadline_ns, last_ns + QUIET_S * 1e9):
            await asyncio.sleep(_TICK_S)
            if self._tally.ours != seen:
                last_ns, seen = now_ns, self._tally.ours

    def _note_cpu(self, began_ns: int, cpu_ns: int) -> None:
        self._cpu_share = (clock.cpu_ns() - cpu_ns) / max(1, clock.now_ns() - began_ns)

    async def _until(self, at_ns: int) -> None:
        while (wait_ns := at_ns - self._tally.now_ns()) > 0:
            await asyncio.sleep(wait_ns / 1e9)

    async def _until_gone(self) -> None:
        """Let the goodbyes go out; whoever does not end is cut."""
        deadline_ns = clock.now_ns() + CLOSE_S * 1e9
        while clock.now_ns() < deadline_ns and not all(client.is_gone for client in self._clients.values()):
            await asyncio.sleep(_TICK_S)
        for client in self._clients.values():
            client.abort()
        await asyncio.sleep(0)  # the loop closes what was cut

    def _progress(self) -> LoadProgress:
        tally, seconds = self._tally, self._tally.seconds
        return LoadProgress(
            tally.opened + sum(second.opened for second in seconds),
            sum(bool(client.error) for client in self._clients.values()),
            tally.sent + sum(second.sent for second in seconds),
            tally.messages + sum(second.messages for second in seconds),
        )

    def _report(self) -> ShareReport:
        share, tally = self._share, self._tally
        connections = tuple(client.report(self._start_ns) for client in self._clients.values())
        examiners = (client.examiner for client in self._clients.values())
        return ShareReport(
            number=share.number,
            planned=share.planned,
            sent=sum(connection.sent for connection in connections),
            refusals=dict(self._refusals),
            connections=connections,
            seconds=tuple(tally.seconds),
            lags=tally.lags.encode(),
            sample=add_samples([examiner.found for examiner in examiners if examiner is not None]),
            cpu_share=self._cpu_share,
            stall_ms=self._stall_ms,
            from_future=tally.from_future,
            clock_error_ms=self._clock_error_ns / 1e6,
        )
