"""What all clients have in common: open, receive, close; blocking for the caller, on the shared loop inside."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import ClassVar, Self

from rtlab.clients.wire import Traffic
from rtlab.errors import ConnectionEnded, RtlabError, WaitTimeout
from rtlab.loop_thread import shared
from rtlab.records import Transport


@dataclass(frozen=True, slots=True)
class Received:
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


class Client(ABC):
    """A client that receives messages.

    Args:
        url: Where to connect.
        on_received: Called on the loop's thread for each message; if given, ``receive()`` has nothing to give.
    """

    transport: ClassVar[Transport]
    name: ClassVar[str] = "rtlab"

    def __init__(self, url: str, on_received: Callable[[Received], None] | None = None) -> None:
        self.url = url
        self.traffic = Traffic()
        self._queue: asyncio.Queue[Received | RtlabError] = asyncio.Queue()
        self._on_received = on_received or self._queue.put_nowait
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
        try:
            shared.call(self.start(timeout_s), timeout_s + 1.0)
        except BaseException:
            self.close()
            raise
        return self

    def receive(self, timeout_s: float = 5.0) -> Received:
        """Wait for the next message.

        Args:
            timeout_s: How long to wait, in seconds.

        Returns:
            The message.

        Raises:
            WaitTimeout: Nothing came.
            ConnectionEnded: The connection is over, and nothing more is queued.
        """
        if not self._held:
            raise ConnectionEnded("This client is not open; call open() first.")
        got = shared.call(self._next(timeout_s), timeout_s + 1.0)
        if isinstance(got, RtlabError):
            self._queue.put_nowait(got)  # for whoever asks again
            raise got
        return got

    def take(self, count: int, timeout_s: float = 5.0) -> Iterator[Received]:
        """Receive a number of messages, one after the other.

        Args:
            count: How many.
            timeout_s: How long to wait for each, in seconds.

        Yields:
            The messages.
        """
        for _ in range(count):
            yield self.receive(timeout_s)

    def close(self, timeout_s: float = 5.0) -> None:
        """Disconnect; a second call does nothing.

        Args:
            timeout_s: How long the goodbye may take, in seconds.
        """
        if not self._held:
            return
        self._held = False
        try:
            shared.call(self.finish(timeout_s), timeout_s + 1.0)
        finally:
            shared.release()

    async def _next(self, timeout_s: float) -> Received | RtlabError:
        try:
            return await asyncio.wait_for(self._queue.get(), timeout_s)
        except TimeoutError as error:
            raise WaitTimeout(f"No message came within {timeout_s} s.") from error

    def _over(self, error: RtlabError) -> None:
        self._queue.put_nowait(error)

    def __enter__(self) -> Self:
        return self.open()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


async def end_task(task: asyncio.Task[None] | None) -> None:
    """Cancel a task and wait until it has ended."""
    if task is None or task is asyncio.current_task():
        return
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
