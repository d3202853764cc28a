"""What came of an attack against a server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Target = Literal["naive", "fixed", "default lab"]
"""A server without the guard, the same server with it, and a lab as ``start_lab()`` makes it."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attack against one server.

    Attributes:
        attack: Its name, such as ``"LF in the data"``.
        family: The kind of attack, such as ``"injection"``; attacks of one family are shown together.
        transport: ``"sse"``, ``"websocket"`` or ``"http"``.
        target: Which server was attacked.
        succeeded: True if the attacker got what he wanted.
        seen: What came of it, as one sentence.
        sent: The attack's own bytes as they went over the wire, shortened to what matters.
        received: The bytes that show the outcome, shortened to what matters; empty if nothing came back.
        fix: What the fixed server does, or what to do, as one sentence.
        spec: Where the rule stands.
    """

    attack: str
    family: str
    transport: str
    target: Target
    succeeded: bool
    seen: str
    sent: bytes
    received: bytes
    fix: str
    spec: str
