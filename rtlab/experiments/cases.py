"""Cases of the performance experiments: what a server sends, over what, to how many; run in turns."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from rtlab.errors import InputError
from rtlab.experiments.bursts import burst_command
from rtlab.experiments.peer_servers import LIBRARIES
from rtlab.experiments.saturated import MAX_CONNECTIONS, WAYS, Served, drained, process, serving
from rtlab.findings.performance import Drained

Progress = Callable[[int, int, str], None]
BURSTS_PER_S = 20.0


@dataclass(frozen=True, slots=True)
class Case:
    """One thing to measure.

    Attributes:
        way: ``"sse"`` or ``"websocket"``.
        connections: How many receive.
        payload_bytes: Size of each payload.
        rate_per_s: Messages a second on each connection; 0 for as fast as all take them.
        stamp: Take the age of each message.
        join: How many messages leave in one send, at full speed.
        burst: So many messages are due at the same moment, :data:`BURSTS_PER_S` times a second; 0 for no bursts.
        alone: Each message of a burst leaves in a send of its own.
        compress: With permessage-deflate.
        tls: With TLS.
        proxy: Through the relay, in a process of its own.
        http_1_0: Asked for in HTTP/1.0, so without chunks.
        library: Which server, a key of :data:`rtlab.experiments.peer_servers.LIBRARIES`.
    """

    way: str
    connections: int = 10
    payload_bytes: int = 1_024
    rate_per_s: float = 0
    stamp: bool = False
    join: int = 1
    burst: int = 0
    alone: bool = False
    compress: bool = False
    tls: bool = False
    proxy: bool = False
    http_1_0: bool = False
    library: str = "rtlab"

    def __post_init__(self) -> None:
        if self.way not in WAYS or self.library not in LIBRARIES:
            raise InputError(f"way: {' or '.join(WAYS)}; library: one of {', '.join(LIBRARIES)}.")
        if not (1 <= self.connections <= MAX_CONNECTIONS and 11 <= self.payload_bytes <= 1_048_576):
            raise InputError("connections: 1 to 10,000; payload_bytes: 11 to 1,048,576, and 20 with stamps.")
        if not 0 <= self.rate_per_s <= 1_000_000:
            raise InputError("rate_per_s: up to 1,000,000; 0 for as fast as all take them.")

    def __str__(self) -> str:
        flags = [name for name in ("compress", "tls", "proxy", "http_1_0", "alone") if getattr(self, name)]
        counts = [f"{name} {value}" for name in ("join", "burst") if (value := getattr(self, name)) > 1]
        other = [self.library] * (self.library != "rtlab")
        return ", ".join([self.way, f"{self.payload_bytes:,} B to {self.connections:,}", *counts, *flags, *other])


def run_case(case: Case, seconds: float) -> Drained:
    """Start the server, receive for one window, and stop it.

    Args:
        case: What to measure.
        seconds: Length of the window.

    Returns:
        What came.

    Raises:
        LabError: A process could not do its part.
    """
    command = _command(case)
    with serving(case.library, command, case.way) as served, _proxied(served, case.proxy) as near:
        return drained(
            near,
            connections=case.connections,
            payload_bytes=case.payload_bytes,
            seconds=seconds,
            stamped=case.stamp,
            compressed=case.compress,
            http_1_0=case.http_1_0,
        )


def run_in_turns(
    cases: Sequence[Case], *, seconds: float, repeats: int, progress: Progress | None = None
) -> tuple[tuple[Drained, ...], ...]:
    """Run cases in turns, A B A B, so that a slow minute of the machine strikes all.

    Args:
        cases: What to measure.
        seconds: Length of each window, 0.1 to 30.
        repeats: How often each, 1 to 100.
        progress: Called with runs done, runs in all and what is on.

    Returns:
        For each case its runs, in their order.

    Raises:
        InputError: A setting is out of its range.
        LabError: A process could not do its part.
    """
    if not cases or not 0.1 <= seconds <= 30 or not 1 <= repeats <= 100:
        raise InputError("cases: at least one; seconds: 0.1 to 30; repeats: 1 to 100.")
    tell = progress or (lambda done, total, text: None)
    runs: list[list[Drained]] = [[] for _ in cases]
    for done in range(repeats * len(cases)):
        number = done % len(cases)
        tell(done, repeats * len(cases), str(cases[number]))
        runs[number].append(run_case(cases[number], seconds))
    return tuple(map(tuple, runs))


def _command(case: Case) -> list[str]:
    if case.burst:
        return burst_command(
            case.burst,
            alone=case.alone,
            per_s=BURSTS_PER_S,
            subscribers=case.connections,
            payload_bytes=case.payload_bytes,
        )
    options = ["--rate", f"{case.rate_per_s:g}", "--payload-bytes", str(case.payload_bytes)]
    options += ["--subscribers", str(case.connections)] + ["--stamp"] * case.stamp + ["--compress"] * case.compress
    options += ["--join", str(case.join)] if case.join > 1 else []
    return LIBRARIES[case.library].command(*options, *["--tls"] * case.tls)


@contextmanager
def _proxied(served: Served, wanted: bool) -> Iterator[Served]:
    """Put the relay between, in a process of its own."""
    if not wanted:
        yield served
        return
    parts = urlsplit(served.url)
    with process([sys.executable, "-m", "rtlab", "relay", "--to", parts.netloc]) as (line, _):
        near = urlsplit(line.split()[0]).netloc
        yield replace(served, url=parts._replace(netloc=near).geturl())
