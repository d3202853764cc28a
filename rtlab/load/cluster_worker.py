"""What runs on the workers of a Dask cluster; only :mod:`rtlab.load.cluster` sends it there."""

from __future__ import annotations

import socket
from dataclasses import asdict
from importlib import import_module
from typing import Any

import rtlab
from rtlab import clock
from rtlab.errors import InputError
from rtlab.findings.load import LoadProgress, ShareReport
from rtlab.load.crew import run_share
from rtlab.load.plan import Share

TOPIC = "rtlab swarm"
"""Where a worker tells how far it has come."""
_KNOCK_TIMEOUT_S = 2.0
_UNWANTED = ("cancelled", "released", "forgotten")


class _Unwanted(Exception):
    """Nobody waits for this share any more."""


def meet(port: int) -> tuple[str, int]:
    """Tell who is there, and knock at a port of this machine's loopback address.

    Args:
        port: Where the machine that asks listens on its own loopback address.

    Returns:
        The version of rtlab, and from which port it knocked; 0 if nobody listens there.
    """
    try:
        with socket.create_connection(("127.0.0.1", port), _KNOCK_TIMEOUT_S) as line:
            return rtlab.__version__, int(line.getsockname()[1])
    except OSError:
        return rtlab.__version__, 0


def do_share(
    share: Share, run: str, start_ns: int, clock_offset_ns: int, clock_error_ns: int
) -> ShareReport | None:
    """Do one share as a task of Dask.

    Args:
        share: What to do.
        run: The name of the run, for what it tells meanwhile.
        start_ns: When the connections begin to open, on the swarm's clock.
        clock_offset_ns: How far the swarm's clock is ahead of this machine's.
        clock_error_ns: By how much that may be wrong.

    Returns:
        What was seen; None if nobody waits for it any more.

    Raises:
        InputError: It is too late to begin, or this system does not allow so many connections.
    """
    if clock.now_ns() + clock_offset_ns > start_ns:
        raise InputError("it could not begin in time: it had other work, or was started anew")
    worker: Any = import_module("distributed").get_worker()
    key = worker.get_current_task()

    def tell(progress: LoadProgress) -> None:
        # Dask cannot stop a task that runs; so the task looks, without a wait, whether it is still wanted.
        task = worker.state.tasks.get(key)
        if task is None or task.state in _UNWANTED:
            raise _Unwanted
        worker.log_event(TOPIC, {"run": run, "number": share.number, "progress": asdict(progress)})

    try:
        return run_share(share, start_ns, tell, clock_offset_ns=clock_offset_ns, clock_error_ns=clock_error_ns)
    except _Unwanted:
        return None
