"""What the sizes of compressed messages told about a secret."""

from __future__ import annotations

from dataclasses import dataclass

from rtlab.findings.attacks import Attempt


@dataclass(frozen=True, slots=True)
class Guess:
    """One guess at the next digit of a secret, and how much room it took on the line.

    Attributes:
        digits: The digits that were guessed before, and this one.
        line_bytes: What the messages with this guess added on the line, in bytes over all paddings.
    """

    digits: str
    line_bytes: int


@dataclass(frozen=True, slots=True)
class SideChannel:
    """One attack on a compressed connection by the sizes of its messages.

    Attributes:
        attempt: What came of it.
        guesses: All guesses, in order.
        secret: The secret.
        found: What the attacker took for it; shorter where the sizes did not tell.
    """

    attempt: Attempt
    guesses: tuple[Guess, ...]
    secret: str
    found: str
