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

from rtlab import clock
from rtlab.errors import InputError
from rtlab.servers.backpressure import Backpressure
from rtlab.servers.connection import WRITE_HIGH_BYTES
from rtlab.servers.fan_out import FanOut
from rtlab.servers.histories import Histories
from rtlab.servers.resumption import Resumption
from rtlab.servers.subscriber import ChannelMessage, Subscriber, WireForm

_DEFAULT = Resumption()
_POLICY = Backpressure()
ROOM_TIMEOUT_S = 4.0
"""How long a message waits for slow subscribers, under the policy ``wait``; less than who publishes it waits."""
_JOINED_BYTES = 65_536
"""Messages of one turn leave at once when they have so much text."""
_EPOCH_SIGNS = "bcdfghjkmnpqrstvwxz23456789"
"""No vowels, so no words, and no signs that look alike."""


class Channel:
    """A topic of the lab; lives on the event loop.

    Messages that are published in one turn of the event loop leave together, joined, with one call to the system
    for each subscriber. A message alone waits for nothing but the end of that turn.

    Attributes:
        history_bytes: How much text the history keeps now.

    Args:
        name: Its name in the paths.
        backpressure: What happens to subscribers that read too slowly.
        resumption: Whether messages have ids, and how many the history keeps.
        history_bytes: How much text the history keeps, in bytes.
        histories: What all channels keep together; None for a channel on its own.
    """

    def __init__(
        self,
        name: str,
        *,
        backpressure: Backpressure = _POLICY,
        resumption: Resumption = _DEFAULT,
        history_bytes: int = 4_194_304,
        histories: Histories | None = None,
    ) -> None:
        self.name = name
        self.last_number = 0
        self._epoch = new_epoch()
        self.backpressure = backpressure
        self._history: deque[ChannelMessage] = deque()
        self._resumption = resumption
        self._history_bytes_limit = history_bytes
        self.history_bytes = 0
        self._histories = histories
        if histories:
            histories.add(self)
        self._fan_outs: dict[WireForm, FanOut] = {}
        self._pending: list[ChannelMessage] = []
        self._pending_bytes = 0
        self._scheduled = False
        self._waiting: set[asyncio.Future[None]] = set()

    @property
    def subscribers(self) -> int:
        """How many listen."""
        return sum(map(len, self._fan_outs.values()))

    def publish(self, data: str, event: str = "") -> ChannelMessage:
        """Send a message to everybody and keep it in the history; it leaves at the end of this turn of the loop.

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
        message = ChannelMessage(self.last_number, id, event, text, size_bytes, clock.now_ns())
        self._keep(message)
        if self._fan_outs:
            self._pend(message)
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

    def flush(self) -> None:
        """Send what was published and has not left yet."""
        pending, self._pending, self._pending_bytes = self._pending, [], 0
        if pending:
            for fan_out in tuple(self._fan_outs.values()):
                fan_out.send(pending)

    async def drained(self, timeout_s: float) -> None:
        """Wait until no subscriber has much unread; a lossless sender does so between messages.

        Args:
            timeout_s: How long to wait for the slowest, in seconds.

        Raises:
            WaitTimeout: A subscriber does not read.
        """
        await self._below(WRITE_HIGH_BYTES, timeout_s)

    async def room(self, timeout_s: float) -> None:
        """Wait until the policy lets a publisher go on: under ``wait`` until nobody has more than its bound unread.

        Args:
            timeout_s: How long to wait for the slowest, in seconds.

        Raises:
            WaitTimeout: A subscriber does not read.
        """
        if self.backpressure.policy == "wait":
            await self._below(self.backpressure.max_bytes, timeout_s)

    async def _below(self, most_bytes: int, timeout_s: float) -> None:
        for fan_out in tuple(self._fan_outs.values()):
            for subscriber in fan_out.behind:
                await subscriber.connection.drained(timeout_s, most_bytes)

    @property
    def has_room(self) -> bool:
        """False where :meth:`room` would wait."""
        return self.backpressure.policy != "wait" or all(
            subscriber.connection.buffered_bytes <= self.backpressure.max_bytes
            for fan_out in self._fan_outs.values()
            for subscriber in fan_out.behind
        )

    def subscribe(self, subscriber: Subscriber, last_id: str | None) -> bool:
        """Let a connection in, and send it what it missed.

        Args:
            subscriber: The connection and its form.
            last_id: The last id it has seen; None, or empty, to start with the next message.

        Returns:
            True if messages it missed are gone from the history.
        """
        self.flush()  # what is in the history already must not come again
        missed = False
        number = self.read_id(last_id)
        if number is not None and self._resumption.ids:
            kept, missed = self.after(number)
            if kept:
                subscriber.connection.send(b"".join(map(subscriber.form, kept)))
        if subscriber.form not in self._fan_outs:
            self._fan_outs[subscriber.form] = FanOut(subscriber.form, self.backpressure)
        self._fan_outs[subscriber.form].add(subscriber)
        return missed

    def unsubscribe(self, subscriber: Subscriber) -> None:
        """Let a connection go, after all that was published before; unknown ones are fine."""
        self.flush()
        if subscriber.fan_out:
            subscriber.fan_out.remove(subscriber)
        fan_out = self._fan_outs.get(subscriber.form)
        if fan_out is not None and not fan_out:
            del self._fan_outs[subscriber.form]

    def _pend(self, message: ChannelMessage) -> None:
        self._pending.append(message)
        self._pending_bytes += message.data_bytes
        if self._pending_bytes >= _JOINED_BYTES:
            self.flush()
        elif not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._turn_ends)

    def _turn_ends(self) -> None:
        self._scheduled = False
        self.flush()

    def _keep(self, message: ChannelMessage) -> None:
        before_bytes = self.history_bytes
        self._history.append(message)
        self.history_bytes += message.data_bytes
        most = self._resumption.history_messages
        while self._history and (len(self._history) > most or self.history_bytes > self._history_bytes_limit):
            self.forget_oldest()
        if self._histories:
            self._histories.changed(self.history_bytes - before_bytes)

    def forget_oldest(self) -> int:
        """Drop the oldest message of the history and give its size in bytes."""
        size_bytes = self._history.popleft().data_bytes
        self.history_bytes -= size_bytes
        return size_bytes


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
