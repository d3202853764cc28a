"""The same workload with several libraries: what belongs to the protocol, and what to the library?"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rtlab.errors import InputError
from rtlab.experiments.peer_servers import Library
from rtlab.experiments.saturated import drained, serving
from rtlab.findings.performance import Drained

MAX_CONNECTIONS = 1_000


def measure_libraries(
    libraries: Sequence[Library],
    *,
    connections: int = 100,
    payload_bytes: int = 32,
    seconds: float = 0.6,
    repeats: int = 3,
    progress: Callable[[int, int, str], None] = lambda done, total, text: None,
) -> tuple[Drained, ...]:
    """Let each library send as fast as all of its connections take it, over each transport that it has.

    All take turns, and each repeat begins with another one: a slow minute of the machine strikes them alike. Each
    run has a fresh server.

    Args:
        libraries: The libraries, all installed.
        connections: How many connections receive, 1 to 1,000.
        payload_bytes: Size of each payload, 11 to 65,536.
        seconds: How long each run counts, 0.1 to 30.
        repeats: How often each is measured, 1 to 100.
        progress: Called with runs done, runs in all and what is on.

    Returns:
        One for each library, transport and repeat; its ``server`` is the library's name.

    Raises:
        InputError: A setting is out of its range.
        LabError: A server or the client failed.
    """
    if not (1 <= connections <= MAX_CONNECTIONS and 11 <= payload_bytes <= 65_536 and 1 <= repeats <= 100):
        raise InputError("connections: 1 to 1,000; payload_bytes: 11 to 65,536; repeats: 1 to 100.")
    options = ("--rate", "0", "--payload-bytes", str(payload_bytes), "--subscribers", str(connections))
    runs = [(library, way) for library in libraries for way in library.offers]
    found: list[Drained] = []
    for repeat in range(repeats):
        first = repeat * len(runs) // repeats
        for library, way in runs[first:] + runs[:first]:
            progress(len(found), repeats * len(runs), f"{library.name}, {way}")
            with serving(library.name, library.command(*options), way) as served:
                found.append(drained(served, connections=connections, payload_bytes=payload_bytes, seconds=seconds))
    return tuple(found)
