"""How much all channels of a lab keep together; else whoever may publish fills the memory, channel by channel."""

from __future__ import annotations

from typing import Protocol


class History(Protocol):
    """What one channel keeps."""

    @property
    def history_bytes(self) -> int:
        """How much text it keeps, in bytes."""

    def forget_oldest(self) -> int:
        """Drop the oldest message and give its size in bytes."""


class Histories:
    """The histories of all channels of one lab.

    Args:
        most_bytes: How much text they may keep together.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._all: list[History] = []

    def add(self, history: History) -> None:
        """Let one more channel keep messages."""
        self._all.append(history)

    def changed(self, by_bytes: int) -> None:
        """Take note that a channel keeps more or less; above the bound, the channel that keeps most forgets."""
        self._bytes += by_bytes
        while self._bytes > self._most_bytes:
            largest = max(self._all, key=lambda history: history.history_bytes)
            self._bytes -= largest.forget_oldest()
