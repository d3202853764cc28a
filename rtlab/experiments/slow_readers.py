"""What do good readers get while others pause, and what do those get who paused, under each of the policies?"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from rtlab.errors import InputError
from rtlab.experiments.errand import carry_out
from rtlab.experiments.pausing import Order
from rtlab.experiments.peer_servers import LIBRARIES
from rtlab.experiments.saturated import WAYS, process
from rtlab.findings.slow_readers import Reading, SlowReading
from rtlab.servers.backpressure import POLICIES

BEFORE_S = 0.5
AFTER_S = 0.5
_MAX_PAUSE_S = 10.0
_ERRAND = "rtlab.experiments.pausing"
_TIMEOUT_S = 45.0


def pause_readers(
    policies: Sequence[str] = POLICIES,
    *,
    readers: int = 20,
    slow: int = 2,
    pause_s: float = 1.5,
    rate_per_s: float = 1_000.0,
    payload_bytes: int = 4_096,
    kept_bytes: int = 65_536,
    repeats: int = 3,
    progress: Callable[[int, int, str], None] = lambda done, total, text: None,
) -> tuple[SlowReading, ...]:
    """Let some of the readers pause, and count what everybody got, policy by policy.

    The pause must be long enough to fill the buffers of both systems, some megabytes: before, nobody can see that a
    reader does not read. The server's history is empty, so that its memory is that of the subscribers.

    Args:
        policies: Any of :data:`rtlab.servers.backpressure.POLICIES`.
        readers: How many there are in all, 2 to 200.
        slow: How many of them pause, at least 1 and fewer than all.
        pause_s: For how long, 0.1 to 10.
        rate_per_s: How many messages are due each second, 10 to 10,000.
        payload_bytes: Size of each, 20 to 65,536.
        kept_bytes: What the server may keep for one subscriber, from 1,024.
        repeats: How often each is tried, 1 to 100; the policies and transports take turns.
        progress: Called with runs done, runs in all and what is on.

    Returns:
        One for each transport, policy and repeat.

    Raises:
        InputError: A setting is out of its range.
        LabError: A message came twice, out of order or damaged; or a process failed.
        WaitTimeout: The readers did not end in time.
    """
    if not (policies and set(policies) <= set(POLICIES) and 1 <= slow < readers <= 200 and 1 <= repeats <= 100):
        raise InputError(
            f"policies: any of {', '.join(POLICIES)}; readers: 2 to 200; slow: 1 or more, and fewer than all; "
            "repeats: 1 to 100."
        )
    if not (0.1 <= pause_s <= _MAX_PAUSE_S and 10 <= rate_per_s <= 10_000 and 20 <= payload_bytes <= 65_536):
        raise InputError("pause_s: 0.1 to 10; rate_per_s: 10 to 10,000; payload_bytes: 20 to 65,536.")
    count = round((BEFORE_S + pause_s + AFTER_S) * rate_per_s)
    stream = ["--rate", str(rate_per_s), "--payload-bytes", str(payload_bytes), "--stamp", "--count", str(count)]
    stream += ["--subscribers", str(readers), "--resumption", json.dumps({"history_messages": 0})]
    shared: dict[str, Any] = {"readers": readers - slow, "slow": slow, "payload_bytes": payload_bytes}
    shared |= {"rate_per_s": rate_per_s, "count": count, "before_s": BEFORE_S, "pause_s": pause_s}
    found: list[SlowReading] = []
    cases = [(way, policy) for policy in policies for way in WAYS] * repeats
    for way, policy in cases:
        progress(len(found), len(cases), f"{policy}, {way}")
        kept = json.dumps({"policy": policy, "max_bytes": kept_bytes})
        with process(LIBRARIES["rtlab"].command(*stream, "--backpressure", kept)) as (line, pid):
            order = Order(json.loads(line)[WAYS[way]], **shared, server_pid=pid)
            seen = carry_out(_ERRAND, order, _TIMEOUT_S + pause_s)
        good, paused = (tuple(Reading(**row) for row in seen.pop(name)) for name in ("good", "slow"))
        found.append(SlowReading(way, policy, count, rate_per_s, pause_s, good, paused, **seen))
    return tuple(found)
