"""What must be known of a Dask cluster's workers before they start: their rtlab, their machine, and their clock."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import rtlab
from rtlab import clock
from rtlab.clients.wire import Address
from rtlab.errors import ConnectionFailed, InputError
from rtlab.load.cluster_worker import meet
from rtlab.load.plan import LoadPlan

_ROUND_TRIPS = 11


@dataclass(frozen=True, slots=True)
class ClockComparison:
    """How a worker's clock stands against this machine's.

    Attributes:
        offset_ns: How far this machine's clock is ahead.
        error_ns: By how much that may be wrong.
    """

    offset_ns: int = 0
    error_ns: int = 0


def greet(client: Any, addresses: Sequence[str]) -> set[str]:
    """Make sure that rtlab is there, and find out which workers share this machine's loopback address.

    Dask's addresses do not tell: behind a tunnel, another machine's workers may have loopback addresses as well. So
    every worker knocks at a port of its own loopback address, and whoever is heard here is here.

    Args:
        client: A ``distributed.Client``.
        addresses: The workers.

    Returns:
        The addresses of those on this machine.

    Raises:
        InputError: A worker has no rtlab, or another version of it.
    """
    with socket.create_server(("127.0.0.1", 0), backlog=max(128, len(addresses))) as listener:
        port = listener.getsockname()[1]
        answers = client.run(meet, port, workers=list(addresses), on_error="return")
        listener.setblocking(False)
        heard = set(_callers(listener))
    own = rtlab.__version__
    for address, answer in answers.items():
        if isinstance(answer, BaseException):
            raise InputError(f"Worker {address} cannot run rtlab; install version {own} there. It says: {answer}")
        if answer[0] != own:
            raise InputError(
                f"Worker {address} has rtlab {answer[0]}, not {own}; install the same version everywhere."
            )
    return {address for address, (_, port) in answers.items() if port in heard}


def compare_clocks(client: Any, address: str) -> ClockComparison:
    """Compare a worker's clock with this machine's, by some round trips of which the shortest counts.

    Args:
        client: A ``distributed.Client``.
        address: The worker.

    Returns:
        The offset; its error is half the round trip, for nobody knows how the two ways differ.

    Raises:
        ConnectionFailed: The worker does not answer.
    """
    trips = []
    for _ in range(_ROUND_TRIPS):
        asked_ns = clock.now_ns()
        try:
            there_ns = client.run(clock.now_ns, workers=[address])[address]
        except Exception as error:  # Dask has many, and some only for some versions
            raise ConnectionFailed(f"Worker {address} does not answer: {error!r}.") from error
        heard_ns = clock.now_ns()
        trips.append((heard_ns - asked_ns, (asked_ns + heard_ns) // 2 - there_ns))
    trip_ns, offset_ns = min(trips)
    return ClockComparison(offset_ns, trip_ns // 2 + 1)


def refuse_loopback_elsewhere(plan: LoadPlan, elsewhere: Sequence[str]) -> None:
    """Let no worker on another machine load that machine's own servers by mistake.

    Args:
        plan: Whose URLs.
        elsewhere: The workers that are not on this machine.

    Raises:
        InputError: A URL means this machine, and a worker is elsewhere.
    """
    for url in filter(None, (plan.url, plan.publish_url)):
        address = Address.parse(url, ("http", "https", "ws", "wss"))
        if elsewhere and address.is_loopback:
            raise InputError(
                f"{address.host} means each machine itself, and worker {elsewhere[0]} is on another one: it would "
                "load a server of its own there. Give the name that your server has in the network."
            )


def _callers(listener: socket.socket) -> Iterator[int]:
    """Give the ports of those who have knocked."""
    with suppress(BlockingIOError):
        while True:
            line, (_, port) = listener.accept()
            line.close()
            yield port
