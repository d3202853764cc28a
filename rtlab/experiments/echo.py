"""What does a round trip cost: over one WebSocket, and by POST with the answer on an event stream?"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from rtlab.errors import InputError
from rtlab.experiments.asking import WAYS, Order
from rtlab.experiments.errand import carry_out
from rtlab.experiments.peer_servers import Library
from rtlab.experiments.saturated import process
from rtlab.findings.echo import Echo

MAX_CLIENTS = 500
_NEEDS = {"websocket": "websocket", "sse+post": "sse"}
_ERRAND = "rtlab.experiments.asking"
_WARM_UP_S = 0.2
_TIMEOUT_S = 60.0


def measure_echoes(
    libraries: Sequence[Library],
    clients: Sequence[int] = (1, 100),
    *,
    payload_bytes: int = 32,
    seconds: float = 0.5,
    repeats: int = 3,
    progress: Callable[[int, int, str], None] = lambda done, total, text: None,
) -> tuple[Echo, ...]:
    """Let clients in a process of their own ask each library's server, and wait for each answer.

    Over a WebSocket the server echoes. Beside an event stream each client posts to a channel of its own; a round
    trip is over when the event is there and the POST is answered.

    Args:
        libraries: The libraries, all installed; one without event streams answers over WebSocket only.
        clients: Numbers of clients that ask at the same time, each 1 to 500.
        payload_bytes: Size of each question, 20 to 65,536.
        seconds: How long each run counts, 0.1 to 30.
        repeats: How often each is measured, 1 to 100; the libraries take turns.
        progress: Called with runs done, runs in all and what is on.

    Returns:
        One for each library, way, number of clients and repeat.

    Raises:
        InputError: A setting is out of its range.
        LabError: A server or the clients failed.
        WaitTimeout: The clients did not end in time.
    """
    fine = 20 <= payload_bytes <= 65_536 and 0.1 <= seconds <= 30 and 1 <= repeats <= 100
    if not (fine and clients and all(1 <= each <= MAX_CLIENTS for each in clients)):
        raise InputError(
            "clients: each 1 to 500; payload_bytes: 20 to 65,536; seconds: 0.1 to 30; repeats: 1 to 100."
        )
    cases = [(way, count) for count in clients for way in WAYS]
    shared: dict[str, Any] = {"payload_bytes": payload_bytes, "warm_up_s": _WARM_UP_S, "seconds": seconds}
    found: list[Echo] = []
    for repeat in range(repeats):
        for number, library in enumerate(libraries):
            progress(repeat * len(libraries) + number, repeats * len(libraries), library.name)
            with process(library.command()) as (line, pid):
                ready = json.loads(line)
                urls = {name: ready[name] for name in ("echo_url", "sse_url", "publish_url")}
                for way, count in cases:
                    if _NEEDS[way] in library.offers:
                        order = Order(way, **urls, **shared, clients=count, server_pid=pid)
                        found.append(
                            Echo(library.name, way, count, **carry_out(_ERRAND, order, _TIMEOUT_S + seconds))
                        )
    return tuple(found)
