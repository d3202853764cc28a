"""A channel: one topic with a bounded history, the same for event streams, WebSockets and polling.

Messages are numbered 1, 2, 3 ... and an id is the channel's epoch and the number, such as ``k3f9-17``. A client
that comes back names the last id it saw, and gets what it missed as far as the history reaches. If the history does
not reach that far, ``missed`` says so: a server that replays in silence would let the client believe that it has
everything.

The epoch is another one each time the server starts. With the bare number, a client that returns after a restart
would name one that the new life has reached again, and would miss what came before it without a word.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from rtlab import clock
from rtlab.errors import InputError
from rtlab.servers.connection import Connection
from rtlab.servers.resumption import Resumption

_DEFAULT = Resumption()
_EPOCH_SIGNS = "bcdfghjkmnpqrstvwxz23456789"
"""No vowels, so no words, and no signs that look alike."""

WireForm = Callable[["ChannelMessage"], bytes]
"""How a message looks on the wire of one kind of subscriber; each form is made once a message."""


@dataclass(frozen=True, slots=True)
class ChannelMessage:
    """A message as the channel keeps it.

    Attributes:
        number: Its place in the channel, from 1.
        id: What names it on the wire; empty if the lab gives no ids.
        event: The event's name; empty for a plain message.
        data: The text.
        published_ns: When it was published.
    """

    number: int
    id: str
    event: str
    data: str
    published_ns: int


@dataclass(frozen=True, slots=True, eq=False)
class Subscriber:
    """One connection that gets every message, in its form.

    Attributes:
        connection: Where the bytes go.
        form: How they look.
        leave: Called when the channel disconnects the subscriber, with the reason.
    """

    connection: Connection
    form: WireForm
    leave: Callable[[str], None]


class Channel:
    """A topic of the lab; lives on the event loop.

    Args:
        name: Its name in the paths.
        max_buffered_bytes: A subscriber that has more than this unread when a message comes is disconnected.
        resumption: Whether messages have ids, and how many the history keeps.
        history_bytes: How much text the history keeps, in bytes.
    """

    def __init__(
        self,
        name: str,
        *,
        max_buffered_bytes: int,
        resumption: Resumption = _DEFAULT,
        history_bytes: int = 4_194_304,
    ) -> None:
        self.name = name
        self.last_number = 0
        self._epoch = new_epoch()
        self._max_buffered_bytes = max_buffered_bytes
        self._history: deque[ChannelMessage] = deque()
        self._resumption = resumption
        self._history_bytes_limit = history_bytes
        self._history_bytes = 0
        self.subscribers: set[Subscriber] = set()
        self._waiting: set[asyncio.Future[None]] = set()

    def publish(self, data: str, event: str = "") -> ChannelMessage:
        """Send a message to everybody and keep it in the history.

        Args:
            data: The text; any line ends become LF, for an event stream cannot carry others.
            event: The event's name, without line ends.

        Returns:
            The message with its id.

        Raises:
            InputError: The text or the name cannot travel over an event stream.
        """
        if any(sign in event for sign in "\r\n\0"):
            raise InputError("An event's name must not contain a line end or NUL.")
        text = data.replace("\r\n", "\n").replace("\r", "\n")
        size_bytes = len(encode_text(text))
        encode_text(event)
        self.last_number += 1
        id = self.write_id(self.last_number) if self._resumption.ids else ""
        message = ChannelMessage(self.last_number, id, event, text, clock.now_ns())
        self._keep(message, size_bytes)
        self._send(message)
        waiting, self._waiting = self._waiting, set()
        for future in waiting:
            if not future.done():
                future.set_result(None)
        return message

    def write_id(self, number: int) -> str:
        """Give the id of a message, also of one that has not come yet."""
        return f"{self._epoch}-{number}"

    def read_id(self, text: str | None) -> int | None:
        """Give the number of a message that a client names.

        Args:
            text: The id that the client sent.

        Returns:
            The number; None if the client sent none; 0, so that it gets all that is kept, if the id is from an
            earlier life of the server, or from another server.
        """
        if not text:
            return None
        epoch, _, number = text.rpartition("-")
        own = epoch == self._epoch and number.isascii() and number.isdigit() and len(number) < 19
        return int(number) if own and int(number) <= self.last_number else 0

    def after(self, number: int) -> tuple[list[ChannelMessage], bool]:
        """Give what came after a message.

        Args:
            number: The last message that the client has seen.

        Returns:
            The messages, oldest first, and True if some are gone from the history.
        """
        kept = [message for message in self._history if message.number > number]
        first = kept[0].number if kept else self.last_number + 1
        return kept, first > number + 1

    async def wait_after(self, number: int, timeout_s: float) -> None:
        """Wait until a message after ``number`` exists, or the time is over.

        Args:
            number: The last message that the client has seen.
            timeout_s: How long to wait, in seconds.
        """
        if number != self.last_number:
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        try:
            await asyncio.wait_for(future, timeout_s)
        except TimeoutError:
            pass
        finally:
            self._waiting.discard(future)

    async def drained(self, timeout_s: float) -> None:
        """Wait until no subscriber has much unread; a lossless sender does so between messages.

        Args:
            timeout_s: How long to wait for the slowest, in seconds.

        Raises:
            WaitTimeout: A subscriber does not read.
        """
        for subscriber in tuple(self.subscribers):
            await subscriber.connection.drained(timeout_s)

    def subscribe(self, subscriber: Subscriber, last_id: str | None) -> bool:
        """Let a connection in, and send it what it missed.

        Args:
            subscriber: The connection and its form.
            last_id: The last id it has seen; None, or empty, to start with the next message.

        Returns:
            True if messages it missed are gone from the history.
        """
        missed = False
        number = self.read_id(last_id)
        if number is not None and self._resumption.ids:
            kept, missed = self.after(number)
            if kept:
                subscriber.connection.send(b"".join(map(subscriber.form, kept)))
        self.subscribers.add(subscriber)
        return missed

    def unsubscribe(self, subscriber: Subscriber) -> None:
        """Let a connection go; unknown ones are fine."""
        self.subscribers.discard(subscriber)

    def _keep(self, message: ChannelMessage, size_bytes: int) -> None:
        self._history.append(message)
        self._history_bytes += size_bytes
        most = self._resumption.history_messages
        while self._history and (len(self._history) > most or self._history_bytes > self._history_bytes_limit):
            self._history_bytes -= len(self._history.popleft().data.encode())

    def _send(self, message: ChannelMessage) -> None:
        made: dict[WireForm, bytes] = {}
        for subscriber in tuple(self.subscribers):
            if subscriber.connection.buffered_bytes > self._max_buffered_bytes:
                self.unsubscribe(subscriber)
                subscriber.leave(f"left more than {self._max_buffered_bytes} bytes unread")
                continue
            form = subscriber.form
            data = made.get(form)
            if data is None:
                data = made[form] = form(message)
            subscriber.connection.send(data)


def new_epoch() -> str:
    """Draw what marks the ids of one life of a channel."""
    return "".join(secrets.choice(_EPOCH_SIGNS) for _ in range(4))


def encode_text(text: str) -> bytes:
    """Write a text as UTF-8.

    Raises:
        InputError: It cannot be written so.
    """
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise InputError("The text holds half of a surrogate pair, which UTF-8 cannot carry.") from error
