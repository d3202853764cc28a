"""Where a secret turned up that somebody had shown to a server."""

from __future__ import annotations

from dataclasses import dataclass

from rtlab.records import Transport


@dataclass(frozen=True, slots=True)
class Leak:
    """What one place kept of a secret that was shown in one way.

    Attributes:
        transport: ``"sse"`` or ``"websocket"``.
        way: How the secret was shown, such as ``"in the URL"``.
        place: Where it was looked for, such as ``"the server's log"``.
        sent: The request that showed it, as it went over the wire; with a WebSocket's first message.
        written: What was really written there, or received; empty if nothing was.
        leaked: True if the secret's bytes are in it.
        usable: True if the server takes it once more from whoever reads it there.
    """

    transport: Transport
    way: str
    place: str
    sent: bytes
    written: bytes
    leaked: bool
    usable: bool
