"""What a message of the swarm says about itself: when it was due, and which one it is.

::

    00000012345678901234 000042 00000007qzkvbw...
    ├── due, in ns ────┤ ├ who┤ ├ seq ─┤├ filler, the same wherever it is made

The first 20 digits are the stamp of ``rtlab serve --stamp``: such a message has an age, but no sender in the swarm.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

STAMP_BYTES = 36
"""How long the part before the filler is."""
DUE_BYTES = 20
"""How long the time is."""
LATEST_DUE = b"05"
"""What sorts behind this is a number of 20 digits but no time: 5e18 ns are 158 years."""
WHO = slice(DUE_BYTES, DUE_BYTES + 8)
"""Where the sender stands, with a space on both sides."""

_STAMP = re.compile(rb"([0-9]{20}) ([0-9]{6}) ([0-9]{8})")
_LETTERS = bytes(random.Random(1).choices(b"abcdefghijklmnopqrstuvwxyz", k=997))


@dataclass(frozen=True, slots=True)
class Stamp:
    """Which message of the swarm it is.

    Attributes:
        due_ns: When it should leave, on the shared clock.
        connection: Who sent it.
        seq: Which of the sender's messages it is, from 0.
    """

    due_ns: int
    connection: int
    seq: int


def who(connection: int) -> bytes:
    """Write the sender as it stands in a stamp.

    Args:
        connection: Its number, from 0 to 999,999.
    """
    return b" %06d " % connection


def make_payload(due_ns: int, connection: int, seq: int, size_bytes: int) -> bytes:
    """Write a message.

    Args:
        due_ns: When it should leave, on the shared clock.
        connection: Who sends it, from 0 to 999,999.
        seq: Which of the sender's messages it is, from 0 to 99,999,999.
        size_bytes: How long it is, at least 36.
    """
    start, length = (7 * connection + seq) % len(_LETTERS), size_bytes - STAMP_BYTES
    letters = _LETTERS * (length // len(_LETTERS) + 2)
    return b"%020d %06d %08d" % (due_ns, connection, seq) + letters[start : start + length]


def read_stamp(payload: bytes) -> Stamp | None:
    """Read the stamp of a message of the swarm.

    Args:
        payload: The message, or its first 36 bytes.

    Returns:
        The stamp, or None if the message is not from a swarm.
    """
    found = _STAMP.match(payload)
    return Stamp(int(found[1]), int(found[2]), int(found[3])) if found else None
