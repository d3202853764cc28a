"""A workload: which messages are sent when, the same for every transport.

The schedule and the payloads depend on the settings alone, so two transports that get the same ``Workload``
get the same work, and a colleague who copies the line gets it too.
"""

from __future__ import annotations

import random
from dataclasses import asdict, dataclass
from typing import Literal

from rtlab.errors import InputError
from rtlab.records import Message

STAMP_BYTES = 11
"""Each payload starts with its ``seq`` as ten digits and a space."""

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Workload:
    """A schedule of messages that is the same each time it is made.

    Args:
        rate_per_s: Messages a second on average, above 0 and at most 1,000,000.
        count: How many messages, from 1 to 1,000,000.
        payload_bytes: Size of each payload, from 11 to 1,048,576.
        arrivals: ``"steady"`` for equal gaps, ``"random"`` for independent arrivals (a Poisson process),
            as real users make them.
        burst: How many messages go out at each instant, at least 1; the rate stays what it is.
        seed: Chooses the random gaps and the filler text.

    Raises:
        InputError: A setting is out of its range.
    """

    rate_per_s: float = 20.0
    count: int = 100
    payload_bytes: int = 64
    arrivals: Literal["steady", "random"] = "steady"
    burst: int = 1
    seed: int = 1

    def __post_init__(self) -> None:
        checks = (
            ("rate_per_s", 0 < self.rate_per_s <= 1_000_000, "above 0 and at most 1,000,000"),
            ("count", _whole(self.count) and 1 <= self.count <= 1_000_000, "a whole number from 1 to 1,000,000"),
            (
                "payload_bytes",
                _whole(self.payload_bytes) and STAMP_BYTES <= self.payload_bytes <= 1_048_576,
                "a whole number from 11 to 1,048,576",
            ),
            ("arrivals", self.arrivals in ("steady", "random"), '"steady" or "random"'),
            ("burst", _whole(self.burst) and 1 <= self.burst <= self.count, "a whole number from 1 to count"),
        )
        for name, fine, wanted in checks:
            if not fine:
                raise InputError(f"Workload {name} must be {wanted}, not {getattr(self, name)!r}.")

    @property
    def duration_s(self) -> float:
        """How long the schedule lasts at its average rate, in seconds."""
        return self.count / self.rate_per_s

    def settings(self) -> dict[str, int | float | str]:
        """Give the settings as plain values, to save them or to send them to another process."""
        return asdict(self)

    def messages(self) -> tuple[Message, ...]:
        """Make the messages, in order; calling it again gives equal ones.

        Returns:
            ``count`` messages; ``scheduled_ns`` starts at 0 and never decreases.
        """
        chance = random.Random(self.seed)
        filler = "".join(chance.choices(_LETTERS, k=self.payload_bytes))
        gap_ns = 1e9 * self.burst / self.rate_per_s
        at_ns = 0.0
        made = []
        for seq in range(self.count):
            if seq and seq % self.burst == 0:
                at_ns += gap_ns if self.arrivals == "steady" else chance.expovariate(1.0) * gap_ns
            text = f"{seq:010d} {filler}"[: self.payload_bytes]
            made.append(Message(seq, round(at_ns), text.encode()))
        return tuple(made)


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def read_seq(payload: bytes) -> int | None:
    """Read the sequence number that a workload wrote into a payload.

    Args:
        payload: A payload as it arrived.

    Returns:
        The number, or None if the payload is not one of a workload's.
    """
    digits = payload[: STAMP_BYTES - 1]
    if payload[STAMP_BYTES - 1 : STAMP_BYTES] != b" " or not (digits.isascii() and digits.isdigit()):
        return None
    return int(digits)
