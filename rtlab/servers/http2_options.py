"""What can be chosen of a lab's HTTP/2."""

from __future__ import annotations

from dataclasses import dataclass

from rtlab.errors import InputError


@dataclass(frozen=True, slots=True)
class Http2Options:
    """How a lab speaks HTTP/2.

    Args:
        max_streams: How many requests a client may have open at a time on one connection, from 1 to 10,000: event
            streams and WebSockets count as long as they live. RFC 9113 advises at least 100.

    Raises:
        InputError: The number is out of its range.

    Spec: RFC 9113 5.1.2, 6.5.2
    """

    max_streams: int = 100

    def __post_init__(self) -> None:
        if not 1 <= self.max_streams <= 10_000:
            raise InputError(f"max_streams is a number from 1 to 10,000, not {self.max_streams}.")
