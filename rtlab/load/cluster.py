"""A swarm on a Dask cluster: one share a worker process, on as many machines as the cluster has.

Hand over a ``distributed.Client``, wherever it comes from. rtlab, in the same version, must be installed where the
workers and the scheduler run, and the workers must reach the server.

Machines that you reach by SSH, the first for the scheduler (``pip install "rtlab[cluster]" asyncssh`` here)::

    from dask.distributed import Client, SSHCluster
    cluster = SSHCluster(["box0", "box1", "box2"], worker_options={"nthreads": 1})
    rtlab.swarm("wss://server.example/feed", connections=50_000, cluster=Client(cluster), consent=True)

Kubernetes, with Dask's operator in it (``pip install dask-kubernetes`` here; the image has rtlab)::

    from dask_kubernetes.operator import KubeCluster
    cluster = KubeCluster(name="swarm", image="registry.example/rtlab-dask:0.1", n_workers=8)
    client = cluster.get_client()

A hub with dask-gateway (``pip install dask-gateway`` here; the hub's owner chooses the images)::

    from dask_gateway import Gateway
    cluster = Gateway().new_cluster()
    cluster.scale(8)
    client = cluster.get_client()

In each case wait until the workers are there, ``client.wait_for_workers(8)``, and end with ``cluster.close()``.
This machine alone: ``Client(LocalCluster(n_workers=2, threads_per_worker=1))``.

Each machine has a clock of its own. Before and after the run, the clock of every worker elsewhere is compared with
this machine's by round trips; the shortest counts, and half of it is the error. All stamps are on this machine's
clock. The latency of a message that comes back to its own worker is exact; on the way from one machine to another
it has the errors of both clocks.
"""

from __future__ import annotations

import queue
import secrets
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import reduce
from importlib.util import find_spec
from operator import add
from typing import Any

from rtlab import clock
from rtlab.errors import ConnectionFailed, InputError, MissingExtra
from rtlab.findings.load import LoadProgress, ShareFailure, ShareReport
from rtlab.load.cluster_greeting import ClockComparison, compare_clocks, greet, refuse_loopback_elsewhere
from rtlab.load.cluster_worker import TOPIC, do_share
from rtlab.load.engine import OnProgress
from rtlab.load.limits import check_ports
from rtlab.load.plan import Share

_HEADSTART_NS = 1_500_000_000
_LOOK_S = 0.1
_ROLL_CALL_NS = 1_000_000_000
_FETCH_TIMEOUT_S = 30.0
_OVER = ("finished", "error", "cancelled", "lost")


class ClusterEngine:
    """Runs each share in a worker process of a Dask cluster; see :class:`~rtlab.load.engine.Engine`.

    Args:
        client: A ``distributed.Client`` that is connected.

    Raises:
        MissingExtra: The package ``distributed`` is not installed.
        InputError: It is no such client, or its workers are no processes of their own.
    """

    def __init__(self, client: Any) -> None:
        if find_spec("distributed") is None:
            raise MissingExtra('A swarm on a cluster needs Dask: pip install "rtlab[cluster]".')
        # Whoever has a client has loaded the package. To load it here would quiet tornado's loggers for nothing.
        distributed = sys.modules.get("distributed")
        if distributed is None or not isinstance(client, distributed.Client):
            raise InputError(f"cluster={client!r} is no distributed.Client; give one, such as Client(my_cluster).")
        if client.asynchronous:
            raise InputError("This client is asynchronous; give one that was made without asynchronous=True.")
        self._client = client

    @property
    def addresses(self) -> list[str]:
        """The workers that are there, those of each machine as far apart as possible.

        Raises:
            InputError: There is none, or they are threads of this process.
            ConnectionFailed: The scheduler does not answer.
        """
        try:
            there = sorted(self._client.nthreads())
        except OSError as error:
            raise ConnectionFailed(f"The scheduler of this cluster does not answer: {error}.") from error
        if not there:
            raise InputError("This cluster has no workers yet; scale it, and wait with client.wait_for_workers(1).")
        if any(address.startswith("inproc:") for address in there):
            raise InputError(
                "The workers of this cluster are threads of this kernel; start it with processes=True."
            )
        by_host: dict[str, list[str]] = {}
        for address in there:
            by_host.setdefault(address.rpartition(":")[0], []).append(address)
        return sorted(there, key=lambda address: by_host[address.rpartition(":")[0]].index(address))

    def run(
        self, shares: Sequence[Share], on_progress: OnProgress, timeout_s: float
    ) -> list[ShareReport | ShareFailure]:
        """Run all shares at the same time, and wait for them.

        Args:
            shares: The parts of one plan, no more than there are workers.
            on_progress: Called now and then with the sum over all workers.
            timeout_s: How long it may take from the start; a share that takes longer has failed.

        Returns:
            One for each share, in their order. A share whose worker dies has failed, and the others go on.

        Raises:
            InputError: There are too few workers, rtlab is not there or in another version, or a URL names this
                machine and a worker is on another.
            ConnectionFailed: The scheduler or a worker does not answer before anything has begun.
        """
        addresses = self.addresses
        if len(shares) > len(addresses):
            raise InputError(f"workers is {len(shares)}, but this cluster has {len(addresses)}.")
        addresses = addresses[: len(shares)]
        here = greet(self._client, addresses)
        refuse_loopback_elsewhere(shares[0].plan, [address for address in addresses if address not in here])
        leaving_here = sum(
            len(share.connections) for share, to in zip(shares, addresses, strict=True) if to in here
        )
        check_ports(leaving_here, shares[0].plan.address)
        before = {
            address: ClockComparison() if address in here else compare_clocks(self._client, address)
            for address in addresses
        }
        run = secrets.token_hex(4)
        with self._told(run) as said:
            tasks = self._submit(shares, addresses, before, run)
            try:
                results = self._collect(tasks, said, on_progress, timeout_s)
            finally:
                with suppress(OSError, RuntimeError):  # a scheduler that is gone runs nothing
                    self._client.cancel([task.future for task in tasks])
        return [self._with_drift(task, result, before, here) for task, result in zip(tasks, results, strict=True)]

    @contextmanager
    def _told(self, run: str) -> Iterator[_Said]:
        """Hear what the workers tell."""
        said: _Said = queue.SimpleQueue()

        def hear(event: tuple[float, Mapping[str, Any]]) -> None:
            if event[1].get("run") == run:
                said.put((event[1]["number"], LoadProgress(**event[1]["progress"])))

        self._client.subscribe_topic(TOPIC, hear)
        try:
            yield said
        finally:
            with suppress(OSError, RuntimeError, ValueError):  # the scheduler is gone, or another run has done it
                self._client.unsubscribe_topic(TOPIC)

    def _submit(
        self, shares: Sequence[Share], addresses: Sequence[str], clocks: Mapping[str, ClockComparison], run: str
    ) -> list[_Task]:
        start_ns = clock.now_ns() + _HEADSTART_NS
        return [
            _Task(
                share,
                address,
                self._client.submit(
                    do_share,
                    share,
                    run,
                    start_ns,
                    clocks[address].offset_ns,
                    clocks[address].error_ns,
                    key=f"rtlab-swarm-{run}-{share.number}",
                    workers=[address],
                    allow_other_workers=False,
                    pure=False,
                    retries=0,
                ),
            )
            for share, address in zip(shares, addresses, strict=True)
        ]

    def _collect(
        self, tasks: Sequence[_Task], said: _Said, on_progress: OnProgress, timeout_s: float
    ) -> list[ShareReport | ShareFailure]:
        results: dict[int, ShareReport | ShareFailure] = {}
        progress: dict[int, LoadProgress] = {}
        deadline_ns = clock.now_ns() + timeout_s * 1e9 + _HEADSTART_NS
        roll_call_ns = clock.now_ns() + _ROLL_CALL_NS
        while len(results) < len(tasks):
            try:
                number, now = said.get(timeout=_LOOK_S)
                progress[number] = now
                on_progress(reduce(add, progress.values()))
            except queue.Empty:
                pass
            waiting = [task for task in tasks if task.share.number not in results]
            for task in waiting:
                if task.future.status in _OVER:
                    results[task.share.number] = task.result()
                elif clock.now_ns() > deadline_ns:
                    results[task.share.number] = task.failure(f"it was not done within {timeout_s:g} s")
            if clock.now_ns() > roll_call_ns:
                for task in self._lost(waiting):
                    results.setdefault(task.share.number, task.failure("it died, or its line did"))
                roll_call_ns = clock.now_ns() + _ROLL_CALL_NS
        return [results[task.share.number] for task in tasks]

    def _lost(self, tasks: Iterable[_Task]) -> list[_Task]:
        try:
            there = self._client.nthreads()
        except OSError:  # the scheduler is gone
            there = {}
        return [task for task in tasks if task.address not in there]

    def _with_drift(
        self,
        task: _Task,
        result: ShareReport | ShareFailure,
        before: Mapping[str, ClockComparison],
        here: set[str],
    ) -> ShareReport | ShareFailure:
        """Look at a clock again: if it has drifted, the error was larger than it seemed."""
        if isinstance(result, ShareFailure) or task.address in here:
            return result
        was = before[task.address]
        try:
            now = compare_clocks(self._client, task.address)
        except ConnectionFailed:  # the worker has gone since; what it found stays
            return result
        error_ns = max(was.error_ns, abs(now.offset_ns - was.offset_ns) + now.error_ns)
        return replace(result, clock_error_ms=error_ns / 1e6)


_Said = queue.SimpleQueue[tuple[int, LoadProgress]]


@dataclass(frozen=True, slots=True)
class _Task:
    share: Share
    address: str
    future: Any

    def result(self) -> ShareReport | ShareFailure:
        """Give what came of a task that is over."""
        if self.future.status in ("cancelled", "lost"):
            return self.failure("the scheduler dropped it")
        try:
            report = self.future.result(timeout=_FETCH_TIMEOUT_S)
        except Exception as error:  # whatever the worker raised, or the way back
            return self.failure(str(error) or repr(error))
        return report if isinstance(report, ShareReport) else self.failure("it was cancelled")

    def failure(self, why: str) -> ShareFailure:
        share = self.share
        reason = f"Worker {share.number} ({self.address}), {len(share.connections)} connections, is lost: {why}"
        return ShareFailure(share.number, len(share.connections), share.planned, reason)
