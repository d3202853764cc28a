"""What attacks of exhaustion cost the server, and how a lab held out under a siege."""

from __future__ import annotations

from dataclasses import dataclass

from rtlab.findings.attacks import Attempt


@dataclass(frozen=True, slots=True)
class Strike:
    """What one attacker did to one server, and what became of it.

    Attributes:
        succeeded: True if the attacker got what he wanted.
        seen: What came of it, as one sentence.
        sent: The attack's first bytes.
        received: The last bytes that came back.
        bytes_up: Bytes that the attacker sent, over all his connections.
        bytes_down: Bytes that he received.
        refused_ns: From the attack's first byte to the refusal; None if there was none.
    """

    succeeded: bool
    seen: str
    sent: bytes
    received: bytes
    bytes_up: int
    bytes_down: int
    refused_ns: int | None


@dataclass(frozen=True, slots=True)
class Exhaustion:
    """One attack of exhaustion, weighed at the process that served.

    Attributes:
        attempt: The attack.
        bytes_up: Bytes that the attacker sent.
        bytes_down: Bytes that he received.
        refused_ns: From its first byte to the refusal; None if there was none.
        memory_bytes: By how much the process had grown at its largest.
        descriptors: How many more descriptors it had at the most.
    """

    attempt: Attempt
    bytes_up: int
    bytes_down: int
    refused_ns: int | None
    memory_bytes: int
    descriptors: int


@dataclass(frozen=True, slots=True)
class SiegeSample:
    """One moment of a siege.

    Attributes:
        at_ns: Since its begin.
        memory_bytes: What the lab's process holds.
        descriptors: How many descriptors it has open.
        latency_ns: How long a healthy client waited for an echo; None if no answer came in time.
        opening_ns: How long a new client waited for the answer to its first request; None if none came.
    """

    at_ns: int
    memory_bytes: int
    descriptors: int
    latency_ns: int | None
    opening_ns: int | None
