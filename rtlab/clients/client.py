"""What all clients have in common: open, receive, close; blocking for the caller, on the shared loop inside."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from operator import itemgetter
from types import TracebackType
from typing import Any, ClassVar, NamedTuple, Self

from rtlab import clock
from rtlab.clients.inbox import Inbox
from rtlab.clients.wire import Traffic
from rtlab.errors import ConnectionEnded, RtlabError, WaitTimeout
from rtlab.loop_thread import shared
from rtlab.records import Transport

_MESSAGE_BYTES = 256
"""What a message needs in memory beside its text."""


class Received(NamedTuple):
    """One message as a client got it.

    Attributes:
        data: The text, or bytes of a binary WebSocket message.
        received_ns: When its last byte arrived, in nanoseconds of the shared clock.
        event: The event's name; ``"message"`` if it has none.
        id: The last event ID after this message; empty if it has none.
    """

    data: str | bytes
    received_ns: int
    event: str = "message"
    id: str = ""

    def __repr__(self) -> str:
        """Show all but the time."""
        return f"Received(data={self.data!r}, event={self.event!r}, id={self.id!r})"


make_received: Callable[[tuple[str | bytes, int, str, str]], Received] = partial(tuple.__new__, Received)
"""Makes one of all its fields, in half the time."""
_data_of = itemgetter(0)


class Client(ABC):
    """A client that receives messages.

    Messages that nobody receives wait in memory. When they need some 16 MiB, an EventSource or a WebSocket stops
    reading until half of them are taken: nothing is lost, the server is held back, and its pings wait, too.

    Args:
        url: Where to connect.
        on_received: Called on the loop's thread for each message; if given, ``receive()`` has nothing to give.
            An exception in it ends the client.

    Attributes:
        traffic: Requests and bytes so far.
        ended: Why nothing more will come, or None; it stays until the client is opened again.
    """

    transport: ClassVar[Transport]
    name: ClassVar[str] = "rtlab"

    def __init__(self, url: str, on_received: Callable[[Received], None] | None = None) -> None:
        self.url = url
        self.traffic = Traffic()
        self.ended: ConnectionEnded | None = None
        self._on_received = on_received
        self._inbox: Inbox[Received] = Inbox()
        self._held = False

    @abstractmethod
    async def start(self, timeout_s: float) -> None:
        """Connect; runs on the loop. Raises ConnectionFailed if that fails for good."""

    @abstractmethod
    async def finish(self, timeout_s: float) -> None:
        """Disconnect and end every task; runs on the loop. A second call does nothing."""

    @property
    def counts_bytes(self) -> bool:
        """True if ``traffic`` is complete; other libraries hide their bytes."""
        return True

    def open(self, timeout_s: float = 10.0) -> Self:
        """Connect and wait until messages can come.

        Args:
            timeout_s: How long to wait, in seconds.

        Returns:
            The client itself, so that one line makes and opens it.

        Raises:
            ConnectionFailed: Nobody answers, or the server refused; carries the HTTP status.
            WaitTimeout: It took longer.
        """
        if self._held:
            return self
        shared.hold()
        self._held = True
        self.ended, self._inbox = None, Inbox()
        try:
            shared.call(lambda: self.start(timeout_s), timeout_s + 1.0)
        except BaseException:
            self.close()
            raise
        return self

    def receive(self, timeout_s: float = 5.0) -> Received:
        """Wait for the next message.

        Args:
            timeout_s: How long to wait, in seconds; 0 takes what is there already.

        Returns:
            The message.

        Raises:
            WaitTimeout: Nothing came.
            ConnectionEnded: The connection is over, and nothing more is queued.
        """
        self._require_open()
        shared.refuse_own_thread()
        message = self._inbox.take()
        # Only whoever finds nothing asks the loop, which wakes him but takes nothing: an interrupt loses nothing.
        deadline_ns = 0
        while message is None:
            deadline_ns = deadline_ns or clock.now_ns() + int(timeout_s * 1e9)
            left_s = max(0.0, (deadline_ns - clock.now_ns()) / 1e9)
            shared.call(partial(self._wait, left_s, timeout_s), left_s + 1.0)
            message = self._inbox.take()
        return message

    def take(self, count: int, timeout_s: float = 5.0) -> Iterator[Received]:
        """Receive a number of messages, one after the other.

        Args:
            count: How many.
            timeout_s: How long to wait for each, in seconds.

        Yields:
            The messages.
        """
        shared.refuse_own_thread()
        for _ in range(count):
            message = self._inbox.take() if self._held else None
            yield self.receive(timeout_s) if message is None else message

    def close(self, timeout_s: float = 5.0) -> None:
        """Disconnect; a second call does nothing.

        Args:
            timeout_s: How long the goodbye may take, in seconds.
        """
        if not self._held:
            return
        shared.refuse_own_thread()
        self._held = False
        try:
            shared.call(lambda: self.finish(timeout_s), timeout_s + 1.0)
        finally:
            shared.release()

    async def receive_soon(self, timeout_s: float) -> Received:
        """Wait for the next message, or for the end; runs on the loop, for experiments."""
        while (message := self._inbox.take()) is None:
            await self._wait(timeout_s, timeout_s)
        return message

    async def _wait(self, left_s: float, timeout_s: float) -> None:
        try:
            await self._inbox.wait(left_s)
        except TimeoutError as error:
            raise WaitTimeout(f"No message came within {timeout_s:g} s.") from error
        if self.ended and not self._inbox:
            raise self.ended

    def _deliver(self, message: Received) -> None:
        self._deliver_all((message,))

    def _deliver_all(self, messages: Sequence[Received]) -> None:
        if self._on_received:
            for message in messages:
                self._on_received(message)
        else:
            size_bytes = sum(map(len, map(_data_of, messages))) + _MESSAGE_BYTES * len(messages)
            self._inbox.put(messages, size_bytes)

    def _over(self, error: Exception) -> None:
        """Note why nothing more will come; only the first reason counts."""
        if self.ended:
            return
        if isinstance(error, ConnectionEnded):
            self.ended = error
        else:
            # Of an error that is not ours, such as one of on_received, the type says more than the text.
            self.ended = ConnectionEnded(str(error) if isinstance(error, RtlabError) else repr(error))
            self.ended.__cause__ = error
        self._inbox.end()

    def _require_open(self) -> None:
        if not self._held:
            raise ConnectionEnded("This client is not open; call open() first.")

    def __enter__(self) -> Self:
        return self.open()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


async def end_task(task: asyncio.Task[Any] | None) -> None:
    """Cancel a task and wait until it has ended."""
    if task is None or task is asyncio.current_task():
        return
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
