import asyncio
import contextlib
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtlab.servers.backpressure import Backpressure
from rtlab.servers.channel import Channel
from rtlab.servers.connection import Connection
from rtlab.servers.socket_connection import SocketConnection
from rtlab.servers.subscriber import Subscriber


def plain(message):
    return f"{message.number}:{message.data};".encode()


@pytest.fixture
def lines(on_loop):
    """Makes subscribers' connections on the loop, with small buffers, and gives their other ends."""
    with contextlib.ExitStack() as stack:

        def make():
            here, there = socket.socketpair()
            here.setblocking(False)
            here.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_608)
            there.settimeout(30)
            stack.enter_context(there)
            connection = on_loop(SocketConnection, here)
            on_loop(connection.start, lambda data: None, lambda: None)
            stack.callback(on_loop, connection.abort)
            return connection, there

        yield make


def read(there, count):
    data = b""
    while len(data) < count:
        data += there.recv(count - len(data))
    return data


def fill(on_loop, channel, connection):
    """Publish until something is buffered for a connection; give how much was published."""
    count = 0
    while not on_loop(lambda: connection.buffered_bytes):
        on_loop(channel.publish, "x" * 1_000)
        count += 1
        assert count < 10_000
    return count


def test_messages_of_one_turn_leave_joined_with_one_call_for_each(on_loop):
    calls = []

    class Counting(Connection):
        buffered_bytes = 0

        def send(self, data):
            calls.append(data)

        def taker(self):
            def take(data):
                calls.append(data)
                return len(data)

            return take

        def pause_reading(self): ...

        def resume_reading(self): ...

        def abort(self): ...

        def _end_output(self): ...

    channel = Channel("news")
    first, second = Counting(), Counting()
    for connection in (first, second):
        on_loop(channel.subscribe, Subscriber(connection, plain, pytest.fail), None)

    async def publish():
        for text in "abc":
            channel.publish(text)
        assert not calls

    on_loop(publish())
    on_loop(asyncio.sleep(0))
    assert calls == [b"1:a;2:b;3:c;"] * 2
    on_loop(channel.publish, "d")
    assert calls[2:] == [b"4:d;"] * 2
    assert first.bytes_down == second.bytes_down == 16


def test_a_turn_with_much_to_say_does_not_wait_for_its_end(on_loop, lines):
    connection, there = lines()
    channel = Channel("news")
    on_loop(channel.subscribe, Subscriber(connection, plain, pytest.fail), None)

    async def publish():
        for _ in range(7):
            channel.publish("x" * 10_000)
        return connection.bytes_down

    assert on_loop(publish()) == 7 * 10_003
    read(there, 7 * 10_003)


def test_one_who_is_behind_gets_all_in_order_and_the_others_do_not_wait(on_loop, lines, until):
    (slow, slow_end), (quick, quick_end) = lines(), lines()
    channel = Channel("news", backpressure=Backpressure("wait"))
    for connection in (slow, quick):
        on_loop(channel.subscribe, Subscriber(connection, plain, pytest.fail), None)
    expected = b""
    for number in range(1, 101):
        on_loop(channel.publish, "x" * 1_000)
        expected += f"{number}:{'x' * 1_000};".encode()
        assert read(quick_end, len(f"{number}:") + 1_001).startswith(f"{number}:".encode())
    assert on_loop(lambda: slow.buffered_bytes)
    assert on_loop(lambda: slow.bytes_down) == on_loop(lambda: quick.bytes_down) == len(expected)
    assert read(slow_end, len(expected)) == expected
    until(lambda: not on_loop(lambda: slow.buffered_bytes))
    on_loop(channel.publish, "last")
    assert read(slow_end, 9) == read(quick_end, 9) == b"101:last;"
    assert on_loop(lambda: slow.bytes_down) == on_loop(lambda: quick.bytes_down) == len(expected) + 9


def test_what_else_is_sent_keeps_its_place_among_the_messages(on_loop, lines):
    connection, there = lines()
    channel = Channel("news", backpressure=Backpressure("wait"))
    on_loop(channel.subscribe, Subscriber(connection, plain, pytest.fail), None)
    expected = b""
    for number in range(1, 60):
        on_loop(channel.publish, "y" * 500)
        on_loop(connection.send, b"(ping)")
        expected += f"{number}:{'y' * 500};(ping)".encode()
    assert read(there, len(expected)) == expected


def test_what_was_published_leaves_before_a_goodbye_and_nothing_after_it(on_loop, lines):
    connection, there = lines()
    channel = Channel("news")
    subscriber = Subscriber(connection, plain, pytest.fail)
    on_loop(channel.subscribe, subscriber, None)

    async def say_goodbye():
        channel.publish("a")
        channel.unsubscribe(subscriber)
        connection.send(b"bye")
        connection.close()
        channel.publish("b")

    on_loop(say_goodbye())
    assert there.recv(100) == b"1:a;bye"
    assert there.recv(100) == b""
    assert not channel.subscribers


def test_a_connection_that_closes_without_a_word_is_off_the_list_at_once(on_loop, lines):
    connection, there = lines()
    channel = Channel("news")
    on_loop(channel.subscribe, Subscriber(connection, plain, pytest.fail), None)
    on_loop(connection.close)
    on_loop(channel.publish, "b")
    assert there.recv(100) == b""
    assert not on_loop(lambda: channel.subscribers)


def test_a_line_that_is_down_takes_nobody_with_it(on_loop, lines, until):
    (gone, gone_end), (alive, alive_end) = lines(), lines()
    channel = Channel("news")
    for connection in (gone, alive):
        on_loop(channel.subscribe, Subscriber(connection, plain, pytest.fail), None)

    async def publish_to_the_dead():
        gone_end.close()  # the loop has not seen it when the message goes out
        channel.publish("x")
        channel.flush()
        channel.publish("y")

    on_loop(publish_to_the_dead())
    assert read(alive_end, 8) == b"1:x;2:y;"
    until(lambda: gone.closed)


def test_latest_leaves_out_all_but_the_newest(on_loop, lines, until):
    connection, there = lines()
    channel = Channel("news", backpressure=Backpressure("latest"))
    subscriber = Subscriber(connection, plain, pytest.fail)
    on_loop(channel.subscribe, subscriber, None)
    before = fill(on_loop, channel, connection)
    for _ in range(50):
        on_loop(channel.publish, "z")
    assert subscriber.dropped == 49
    assert len(subscriber.queue) == 1
    expected = b"".join(f"{n}:{'x' * 1_000};".encode() for n in range(1, before + 1))
    expected += f"{before + 50}:z;".encode()
    assert read(there, len(expected)) == expected
    until(lambda: subscriber.queue is None)
    on_loop(channel.publish, "next")
    assert there.recv(100) == f"{before + 51}:next;".encode()


def test_drop_oldest_keeps_the_newest_that_fit_the_bound(on_loop, lines):
    connection, there = lines()
    channel = Channel("news", backpressure=Backpressure("drop_oldest", max_bytes=1_024))
    subscriber = Subscriber(connection, plain, pytest.fail)
    on_loop(channel.subscribe, subscriber, None)
    before = fill(on_loop, channel, connection)
    for _ in range(50):
        on_loop(channel.publish, "z" * 100)
    kept = [before + number for number in range(41, 51)]
    assert [message.number for message in subscriber.queue] == kept
    assert subscriber.queue_bytes == 1_000
    assert subscriber.dropped == 40
    expected = b"".join(f"{n}:{'x' * 1_000};".encode() for n in range(1, before + 1))
    expected += b"".join(f"{n}:{'z' * 100};".encode() for n in kept)
    assert read(there, len(expected)) == expected


def test_wait_lets_a_publisher_go_on_only_when_the_slowest_has_room(on_loop, lines):
    connection, there = lines()
    channel = Channel("news", backpressure=Backpressure("wait", max_bytes=1_024))
    on_loop(channel.subscribe, Subscriber(connection, plain, pytest.fail), None)
    sent = 0

    async def publish_with_room():
        nonlocal sent
        while sent < 100:
            await channel.room(30)
            channel.publish("x" * 1_000)
            sent += 1
            channel.flush()
            assert connection.buffered_bytes <= 1_024 + 1_010

    async def start():
        return asyncio.create_task(publish_with_room())

    task = on_loop(start())
    on_loop(asyncio.sleep(0.02))
    assert sent < 100
    assert not on_loop(lambda: channel.has_room)
    length = sum(len(f"{number}:") + 1_001 for number in range(1, 101))
    assert read(there, length).endswith(b"x;")

    async def ended():
        await asyncio.wait_for(task, 30)

    on_loop(ended())


@given(st.lists(st.sampled_from(["publish", "turn", "join", "leave", "block", "unblock"]), max_size=60))
def test_every_subscriber_gets_each_message_between_its_coming_and_its_going_once_and_in_order(steps):
    """A model: connections that take all, or nothing for a while."""

    class Model(Connection):
        def __init__(self):
            super().__init__()
            self.out, self.waiting, self.blocked = b"", b"", False

        @property
        def buffered_bytes(self):
            return len(self.waiting)

        def send(self, data):
            self._bytes_sent += len(data)
            if self.blocked or self.waiting:
                first = not self.waiting
                self.waiting += data
                if first and self.watcher:
                    self.watcher.fell_behind()
            else:
                self.out += data

        def taker(self):
            def take(data):
                assert not self.waiting, "written past what waits"
                if self.blocked:
                    half = len(data) // 2
                    if not half:
                        raise BlockingIOError
                    self.out += data[:half]
                    return half
                self.out += data
                return len(data)

            return take

        def unblock(self):
            self.blocked = False
            self.out, self.waiting = self.out + self.waiting, b""
            self._shrank()

        def pause_reading(self): ...

        def resume_reading(self): ...

        def abort(self): ...

        def _end_output(self): ...

    channel = Channel("news", backpressure=Backpressure("wait"))
    present, expected, number = [], {}, 0

    async def run():
        nonlocal number
        for at, step in enumerate(steps):
            if step == "publish":
                number += 1
                channel.publish("x" * (at % 3))
                for subscriber in present:
                    expected[subscriber] += f"{number}:{'x' * (at % 3)};".encode()
            elif step == "turn":
                await asyncio.sleep(0)
            elif step == "join":
                present.append(Subscriber(Model(), plain, pytest.fail))
                expected[present[-1]] = b""
                channel.subscribe(present[-1], None)
            elif step == "leave" and present:
                channel.unsubscribe(present.pop(at % len(present)))
            elif step == "block" and present:
                present[at % len(present)].connection.blocked = True
            elif step == "unblock" and present:
                present[at % len(present)].connection.unblock()
            assert channel.subscribers == len(present)
        channel.flush()
        for subscriber in expected:
            subscriber.connection.unblock()

    with asyncio.Runner() as runner:
        runner.run(run())
    for subscriber, wanted in expected.items():
        assert subscriber.connection.out == wanted
        assert subscriber.connection.bytes_down == len(wanted)
