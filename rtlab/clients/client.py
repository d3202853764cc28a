"""What all clients have in common: open, receive, close; blocking for the caller, on the shared loop inside."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, ClassVar, Self

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
    received_ns: int = field(repr=False)
    event: str = "message"
    id: str = ""


class Client(ABC):
    """A client that receives messages.

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
        self._queue: asyncio.Queue[Received | None] = asyncio.Queue()
        """What came; None says that nothing follows."""
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
        self.ended, self._queue = None, asyncio.Queue()
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
        return shared.call(lambda: self.receive_soon(timeout_s), timeout_s + 1.0)

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
        shared.refuse_own_thread()
        self._held = False
        try:
            shared.call(lambda: self.finish(timeout_s), timeout_s + 1.0)
        finally:
            shared.release()

    async def receive_soon(self, timeout_s: float) -> Received:
        """Wait for the next message, or for the end; runs on the loop, for experiments."""
        try:
            if self._queue.empty():
                message = await asyncio.wait_for(self._queue.get(), timeout_s)
            else:
                message = self._queue.get_nowait()
        except TimeoutError as error:
            raise WaitTimeout(f"No message came within {timeout_s:g} s.") from error
        if message is None:
            self._queue.put_nowait(None)  # for whoever asks again
            assert self.ended
            raise self.ended
        return message

    def _deliver(self, message: Received) -> None:
        if self._on_received:
            self._on_received(message)
        else:
            self._queue.put_nowait(message)

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
        self._queue.put_nowait(None)

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
