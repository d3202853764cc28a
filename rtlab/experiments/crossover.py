"""From which rate of replies on does a WebSocket pay off against POST beside an event stream?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import median

from rtlab.errors import InputError
from rtlab.experiments.exchange import converse
from rtlab.findings.direction import ReplyCost
from rtlab.servers.lab import Lab

WAYS = ("sse+post", "websocket")


def reply_costs(
    lab: Lab,
    rates_per_s: Sequence[float] = (1, 10, 50, 200),
    *,
    seconds: float = 1.5,
    payload_bytes: int = 32,
    seed: int = 1,
    progress: Callable[[int, int, str], None] | None = None,
) -> tuple[ReplyCost, ...]:
    """Let the client talk at rising rates over both ways, in turns.

    Args:
        lab: The running lab; with one in this kernel the processor time counts both sides.
        rates_per_s: The rates, each above 0 and at most 500.
        seconds: How long each lasts; at least one message is sent.
        payload_bytes: Size of each message.
        seed: Chooses the moments.
        progress: Called with conversations done, conversations in all and what is on.

    Returns:
        One row a way and rate, in the order of the rates.

    Raises:
        InputError: A setting is out of its range.
    """
    if not rates_per_s or not all(0 < rate <= 500 for rate in rates_per_s):
        raise InputError("rates_per_s: at least one, each above 0 and at most 500.")
    tell = progress or (lambda done, total, text: None)
    rows = []
    plan = [(rate, way) for rate in rates_per_s for way in WAYS]
    for done, (rate, way) in enumerate(plan):
        tell(done, len(plan), f"{way}, {rate:g}/s")
        count = max(1, round(rate * seconds))
        talk = converse(lab, way, down=0, up=count, seconds=count / rate, payload_bytes=payload_bytes, seed=seed)
        rows.append(
            ReplyCost(
                way=way,
                rate_per_s=float(rate),
                replies=count,
                returned=len(talk.up_ms),
                bytes_per_reply=talk.bytes_per_reply or 0.0,
                round_trip_ms=median(talk.up_ms) if talk.up_ms else None,
                cpu_ms_per_s=talk.cpu_ms / (count / rate),
            )
        )
    tell(len(plan), len(plan), "done")
    return tuple(rows)
