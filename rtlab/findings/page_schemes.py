"""What came of plain and secured connections from pages loaded over http and over https."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class SchemeTry:
    """One attempt to connect.

    Attributes:
        page: The scheme of the page's own address.
        what: What the page opened: ``"WebSocket"`` or ``"EventSource"``.
        scheme: The scheme of its address, such as ``"ws"``.
        host: ``"127.0.0.1"``, or a name that is not one of loopback's own.
        opened: Whether it opened.
        seen: What the script saw.
    """

    page: Literal["http", "https"]
    what: str
    scheme: str
    host: str
    opened: bool
    seen: str

    @property
    def target(self) -> str:
        """What was opened where, in a few words."""
        return f"{self.what}, {self.scheme} to {self.host}"
