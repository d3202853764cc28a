"""What a channel does for a subscriber that reads more slowly than the channel speaks.

::

    policy         the publisher    a slow subscriber gets           good for
    wait           waits            everything, late                 files, work that must not get lost
    drop_oldest    goes on          the newest that fit the bound    logs, chat
    latest         goes on          the newest message only          prices, positions, progress
    disconnect     goes on          an end; it may come back         anything with a last event ID

Whatever the policy, what the server keeps for one subscriber is bounded in bytes. What the operating system keeps
in its own buffers, several megabytes on some, comes on top: neither protocol knows what its client has read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from rtlab.errors import InputError

Policy = Literal["wait", "drop_oldest", "latest", "disconnect"]
POLICIES: tuple[Policy, ...] = get_args(Policy)


@dataclass(frozen=True, slots=True)
class Backpressure:
    """A policy for slow subscribers, and its bound.

    Args:
        policy: One of :data:`POLICIES`.
        max_bytes: What may wait for one subscriber, in bytes from 1,024: of ``wait``, the publisher waits above it;
            of ``drop_oldest``, so much text is kept; of ``disconnect``, a subscriber that has more unread when a
            message comes is cut. ``latest`` keeps one message.

    Raises:
        InputError: A setting is out of its range.
    """

    policy: Policy = "disconnect"
    max_bytes: int = 1_048_576

    def __post_init__(self) -> None:
        if self.policy not in POLICIES or self.max_bytes < 1_024:
            raise InputError(f"policy is one of {', '.join(POLICIES)}; max_bytes a number from 1,024.")

    @property
    def drops(self) -> bool:
        """True if messages may be left out."""
        return self.policy in ("drop_oldest", "latest")
