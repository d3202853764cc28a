"""One connection that gets every message of a channel."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rtlab.servers.connection import Connection

if TYPE_CHECKING:
    from rtlab.servers.fan_out import FanOut


@dataclass(frozen=True, slots=True)
class ChannelMessage:
    """A message as the channel keeps it.

    Attributes:
        number: Its place in the channel, from 1.
        id: What names it on the wire; empty if the lab gives no ids.
        event: The event's name; empty for a plain message.
        data: The text.
        data_bytes: Size of the text as UTF-8.
        published_ns: When it was published.
    """

    number: int
    id: str
    event: str
    data: str
    data_bytes: int
    published_ns: int


WireForm = Callable[[ChannelMessage], bytes]
"""How a message looks on the wire of one kind of subscriber; each form is made once a message."""


class Subscriber:
    """One connection that gets every message, in its form.

    Args:
        connection: Where the bytes go.
        form: How they look.
        leave: Called when the channel disconnects the subscriber, with the reason.

    Attributes:
        dropped: How many messages it was not sent, because it reads too slowly.
        queue: Messages that wait while it is behind, under a policy that drops.
        queue_bytes: Their text, in bytes.
        fan_out: Those who share its form and channel, with it; None while it is on no channel.
        place: Its place among the ready ones of its fan-out, or -1.
    """

    __slots__ = (
        "bytes_before",
        "bytes_counted",
        "connection",
        "dropped",
        "fan_out",
        "form",
        "leave",
        "place",
        "queue",
        "queue_bytes",
    )

    def __init__(self, connection: Connection, form: WireForm, leave: Callable[[str], None]) -> None:
        self.connection = connection
        self.form = form
        self.leave = leave
        self.dropped = 0
        self.queue: deque[ChannelMessage] | None = None
        self.queue_bytes = 0
        self.fan_out: FanOut | None = None
        self.place = -1
        self.bytes_before = 0
        """What its fan-out had written to each when it became ready."""
        self.bytes_counted = 0
        """What was written to it directly until then."""
        connection.watcher = self

    @property
    def bytes_taken(self) -> int:
        """What was written to it past its connection, in bytes."""
        if self.fan_out is None or self.place < 0:
            return self.bytes_counted
        return self.bytes_counted + self.fan_out.bytes_each - self.bytes_before

    def fell_behind(self) -> None:
        """See :class:`rtlab.servers.connection.Watcher`."""
        if self.fan_out:
            self.fan_out.hold(self)

    def caught_up(self) -> None:
        """See :class:`rtlab.servers.connection.Watcher`."""
        if self.fan_out:
            self.fan_out.resume(self)

    def withdraw(self) -> None:
        """See :class:`rtlab.servers.connection.Watcher`."""
        if self.fan_out:
            self.fan_out.remove(self)
