"""What an experiment on idle connections found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class IdleCost:
    """What idle connections of one kind cost a server.

    Attributes:
        way: ``"sse"``, ``"websocket"`` or ``"websocket, compressed"``.
        connections: How many there were, step by step.
        memory_bytes: The server's resident memory at each step.
        descriptors: Its open files at each step; handles on Windows.
        bytes_each: Memory for one connection, fitted.
        descriptors_each: Open files for one connection, fitted.
        library: The library that served.
    """

    way: str
    connections: tuple[int, ...]
    memory_bytes: tuple[int, ...]
    descriptors: tuple[int, ...]
    bytes_each: float
    descriptors_each: float
    library: str = "rtlab"
