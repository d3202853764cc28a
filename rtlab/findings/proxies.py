"""What the comparison of the relay's faults with real proxies found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProxyBehaviour:
    """What became of one conversation through the model and through real proxies.

    Attributes:
        conversation: What client and server did.
        setting: How the proxies were set up.
        fault: The relay's faults that stand for it; empty if none are needed.
        model: What the relay did.
        nginx: What nginx did; empty if it has no such setting or is not installed.
        haproxy: What HAProxy did; likewise.
        note: What a reader must know.
    """

    conversation: str
    setting: str
    fault: str
    model: str
    nginx: str
    haproxy: str
    note: str

    @property
    def agree(self) -> bool | None:
        """True if each real proxy that was tried did as the relay does; None if none was."""
        tried = [found for found in (self.nginx, self.haproxy) if found]
        return all(found == self.model for found in tried) if tried else None
