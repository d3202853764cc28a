"""One message to many subscribers: written once, and sent to each with one call to the system.

::

                  the system takes all of it
             ┌──────────────┐
             ▼              │
           READY ── the system takes less, or something else is buffered ──► BEHIND
             ▲                                                                  │
             └────────────────── nothing is buffered any more ──────────────────┘

What a subscriber costs is its call to the system and little else, for the ready ones stand as bare calls in one
list: to touch an object for each would double the cost from a thousand subscribers on, because objects that lie all
over the memory are not in the processor's cache. Whoever is behind gets its messages through its connection, which
keeps what the system does not take, as the channel's policy says.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from rtlab.servers.backpressure import Backpressure
from rtlab.servers.subscriber import ChannelMessage, Subscriber, WireForm

_BATCH_BYTES = 65_536
"""How much of its queue a subscriber that catches up is sent at a time."""


class FanOut:
    """The subscribers of a channel that share one wire form.

    Args:
        form: How messages look to them.
        backpressure: What happens to those who are behind.

    Attributes:
        bytes_each: How much has been written to each that was ready all the time, in bytes.
    """

    def __init__(self, form: WireForm, backpressure: Backpressure) -> None:
        self.bytes_each = 0
        self._form = form
        self._backpressure = backpressure
        self._takers: list[Callable[[bytes], int]] = []
        self._ready: list[Subscriber] = []
        self._behind: dict[Subscriber, None] = {}
        self._sending = False
        self._held: list[Subscriber] = []

    def __len__(self) -> int:
        return len(self._ready) + len(self._behind)

    @property
    def behind(self) -> Sequence[Subscriber]:
        """Those for whom something is buffered."""
        return tuple(self._behind)

    def add(self, subscriber: Subscriber) -> None:
        """Let a subscriber in."""
        subscriber.fan_out = self
        self._behind[subscriber] = None
        self.resume(subscriber)

    def remove(self, subscriber: Subscriber) -> None:
        """Let a subscriber go; what waits for it in its queue is dropped."""
        self.hold(subscriber)
        self._behind.pop(subscriber, None)
        subscriber.fan_out = subscriber.queue = None
        subscriber.queue_bytes = 0

    def send(self, messages: Sequence[ChannelMessage]) -> None:
        """Send messages to all: to those who are ready joined into one piece, with one call each."""
        behind = self.behind
        data = b""
        if self._takers or not self._backpressure.drops:
            data = self._write(messages)
            self._send_to_ready(data)
        for subscriber in behind:
            self._send_to_slow(subscriber, messages, data)

    def hold(self, subscriber: Subscriber) -> None:
        """Take a subscriber off the ready ones."""
        if self._sending:
            self._held.append(subscriber)  # the list must not change under the loop
            return
        place = subscriber.place
        if place < 0:
            return
        subscriber.bytes_counted = subscriber.bytes_taken
        subscriber.place = -1
        self._behind[subscriber] = None
        last, last_taker = self._ready.pop(), self._takers.pop()
        if last is not subscriber:
            self._ready[place], self._takers[place] = last, last_taker
            last.place = place

    def resume(self, subscriber: Subscriber) -> None:
        """Send what waits for a subscriber that has caught up, and let it be ready again if that is all."""
        if subscriber not in self._behind:
            return
        connection = subscriber.connection
        while subscriber.queue and not connection.buffered_bytes:
            batch, size_bytes = [], 0
            while subscriber.queue and size_bytes < _BATCH_BYTES:
                message = subscriber.queue.popleft()
                size_bytes += message.data_bytes
                batch.append(message)
            subscriber.queue_bytes -= size_bytes
            connection.send(self._write(batch))
        if not connection.buffered_bytes and not connection.closed:
            subscriber.queue = None
            del self._behind[subscriber]
            subscriber.place = len(self._ready)
            subscriber.bytes_before = self.bytes_each
            self._ready.append(subscriber)
            self._takers.append(connection.taker())

    def _write(self, messages: Sequence[ChannelMessage]) -> bytes:
        return self._form(messages[0]) if len(messages) == 1 else b"".join(map(self._form, messages))

    def _send_to_ready(self, data: bytes) -> None:
        size = len(data)
        short: list[tuple[int, int]] = []
        self._sending = True
        for place, take in enumerate(self._takers):
            try:
                if (taken := take(data)) == size:
                    continue
            except BlockingIOError:
                taken = 0
            except OSError:  # the line is down; its connection will hear of it from the loop
                taken = -1
            short.append((place, taken))
        self._sending = False
        self.bytes_each += size
        late = [(self._ready[place], taken) for place, taken in short]
        held, self._held = self._held, []
        for subscriber in held:
            self.hold(subscriber)
        for subscriber, taken in late:
            self.hold(subscriber)
            subscriber.bytes_counted -= size - max(taken, 0)
            if taken < 0:
                subscriber.connection.abort()
            else:
                subscriber.connection.send(data[taken:])
                self.resume(subscriber)  # there may be room again by now

    def _send_to_slow(self, subscriber: Subscriber, messages: Sequence[ChannelMessage], data: bytes) -> None:
        policy, most = self._backpressure.policy, self._backpressure.max_bytes
        if policy == "disconnect" and subscriber.connection.buffered_bytes > most:
            self.remove(subscriber)
            subscriber.leave(f"left more than {most} bytes unread")
        elif not self._backpressure.drops:
            subscriber.connection.send(data)
        else:
            queue = subscriber.queue = subscriber.queue or deque()
            for message in messages:
                queue.append(message)
                subscriber.queue_bytes += message.data_bytes
                while len(queue) > 1 and (policy == "latest" or subscriber.queue_bytes > most):
                    subscriber.queue_bytes -= queue.popleft().data_bytes
                    subscriber.dropped += 1
