"""What was seen of one ability of a page's ``EventSource``, or of its ``fetch``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Client = Literal["EventSource", "fetch"]


@dataclass(frozen=True, slots=True)
class Ability:
    """Whether one of them can do something, as it was tried in a page.

    Attributes:
        feature: What was tried, in a few words.
        client: Who tried it.
        can: Whether it does it.
        seen: What was seen, in a few words.
    """

    feature: str
    client: Client
    can: bool
    seen: str
