"""Where a page's script may connect to, who stops it, and what its browser has."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reach:
    """What came of one attempt to connect.

    Attributes:
        attempt: What was tried, in words.
        outcome: What the script saw: ``"opens"``, or how it failed.
        arrived: True if the server was asked; False if no request reached it.
        stopped_by: Who stopped it: ``"nobody"``, ``"the browser"`` or ``"the server"``.
        rule: The rule's name.
        spec: Where it stands.
    """

    attempt: str
    outcome: str
    arrived: bool
    stopped_by: str
    rule: str
    spec: str


@dataclass(frozen=True, slots=True)
class Capability:
    """Whether a browser has something.

    Attributes:
        feature: What, as the published data names it.
        here: True if it is there; None if that could not be seen.
    """

    feature: str
    here: bool | None


@dataclass(frozen=True, slots=True)
class Handshake:
    """What the opening handshake of a WebSocket to another origin told its server.

    Attributes:
        origin: Its ``Origin``; empty without one.
        cookie: True if a cookie that this server had given went with it.
    """

    origin: str
    cookie: bool
