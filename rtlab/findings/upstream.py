"""What crossed a line in both directions while only the server spoke."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Upstream:
    """Bytes both ways on one connection; those of TCP and IP are not counted.

    Attributes:
        way: ``"sse"`` or ``"websocket"``.
        sent: How many messages the server pushed.
        received: How many of them arrived, each counted once.
        opening_up_bytes: Bytes from client to server until the line was open.
        bytes_up: Bytes from client to server from then on.
        bytes_down: Bytes from server to client from then on.
    """

    way: str
    sent: int
    received: int
    opening_up_bytes: int
    bytes_up: int
    bytes_down: int
