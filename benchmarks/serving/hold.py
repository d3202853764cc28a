"""Ten thousand subscribers for a minute under broadcast: is anything lost, and does the server's memory stay flat?

The server waits for slow subscribers, and sends nothing before all are there. A swarm in a process of its own
counts: every connection must have every message.

Run: ``uv run python benchmarks/serving/hold.py``; ``--connections``, ``--messages`` and ``--rate`` make it smaller.
"""

from __future__ import annotations

import argparse
import sys
import threading

import psutil

from rtlab.experiments.peer_servers import LIBRARIES
from rtlab.experiments.saturated import WAYS, serving
from rtlab.results.swarm import swarm

OPENED_PER_S = 600
"""A pace at which no machine in use falls behind."""


def hold(way: str, connections: int, messages: int, rate: float) -> bool:
    """Hold the connections, and say what came.

    Args:
        way: ``"sse"`` or ``"websocket"``.
        connections: How many.
        messages: How many each of them is sent.
        rate: Messages a second.

    Returns:
        True if every connection has every message.
    """
    options = ["--rate", f"{rate:g}", "--count", str(messages), "--subscribers", str(connections)]
    options += ["--payload-bytes", "64", "--stamp", "--backpressure", "wait"]
    ramp_up_s = connections / OPENED_PER_S
    with serving("rtlab", LIBRARIES["rtlab"].command(*options), way) as served:
        server, weights, over = psutil.Process(served.pid), [], threading.Event()

        def weigh() -> None:
            while not over.wait(1.0):
                weights.append(server.memory_info().rss / 2**20)

        watcher = threading.Thread(target=weigh)
        watcher.start()
        try:
            found = swarm(
                served.url, connections=connections, seconds=messages / rate + 5, ramp_up_s=ramp_up_s, workers=1
            )
        finally:
            over.set()
            watcher.join()
    arrived = found.connections["messages"]
    held = weights[round(ramp_up_s) + 3 :]
    print(f"{way}: {found.text}")
    print(f"each of {connections:,} connections was sent {messages}: {arrived.min()} to {arrived.max()} arrived")
    print(f"the server's memory while all were open: {min(held):.1f} to {max(held):.1f} MiB\n")
    return bool((arrived == messages).all())


def main() -> int:
    """Hold both kinds; 1 if a message was lost."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--connections", type=int, default=10_000)
    parser.add_argument("--messages", type=int, default=120)
    parser.add_argument("--rate", type=float, default=2.0)
    options = parser.parse_args()
    complete = [hold(way, options.connections, options.messages, options.rate) for way in WAYS]
    return 0 if all(complete) else 1


if __name__ == "__main__":
    sys.exit(main())
