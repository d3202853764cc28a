import asyncio
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtlab.errors import InputError, WaitTimeout
from rtlab.servers.backpressure import Backpressure
from rtlab.servers.channel import Channel, encode_text
from rtlab.servers.resumption import Resumption
from rtlab.servers.socket_connection import SocketConnection
from rtlab.servers.subscriber import Subscriber


def make_channel(**settings):
    return Channel("news", backpressure=Backpressure("disconnect", 65_536), **settings)


def test_an_id_is_the_epoch_and_a_number_that_counts_from_one():
    channel = make_channel()
    ids = [channel.publish("x").id for _ in range(3)]
    epoch = ids[0].removesuffix("-1")
    assert ids == [f"{epoch}-1", f"{epoch}-2", f"{epoch}-3"]
    assert [channel.read_id(id) for id in ids] == [1, 2, 3]


def test_without_ids_messages_are_numbered_all_the_same():
    channel = make_channel(resumption=Resumption(ids=False))
    messages = [channel.publish("x") for _ in range(2)]
    assert [(message.id, message.number) for message in messages] == [("", 1), ("", 2)]


def test_line_ends_become_lf():
    assert make_channel().publish("a\r\nb\rc\nd\n\re").data == "a\nb\nc\nd\n\ne"


@pytest.mark.parametrize("event", ["a\nb", "a\n", "\r", "a\0"])
def test_an_event_name_with_a_line_end_or_nul_is_refused(event):
    channel = make_channel()
    with pytest.raises(InputError, match="line end or NUL"):
        channel.publish("x", event)
    assert channel.last_number == 0


@pytest.mark.parametrize(("data", "event"), [("\ud800", ""), ("x", "\udfff")])
def test_half_a_surrogate_pair_is_refused_before_it_gets_an_id(data, event):
    channel = make_channel()
    with pytest.raises(InputError, match="surrogate"):
        channel.publish(data, event)
    assert channel.after(0) == ([], False)


def test_encode_text_writes_utf_8():
    assert encode_text("é") == b"\xc3\xa9"


@given(
    sizes=st.lists(st.integers(0, 40), max_size=30),
    history_messages=st.integers(0, 10),
    history_bytes=st.integers(0, 120),
    data=st.data(),
)
def test_a_client_gets_what_it_missed_or_is_told_that_some_is_gone(sizes, history_messages, history_bytes, data):
    channel = make_channel(resumption=Resumption(history_messages=history_messages), history_bytes=history_bytes)
    published = [channel.publish("x" * size) for size in sizes]
    last_id = data.draw(st.integers(0, len(sizes)))
    kept, missed = channel.after(last_id)
    assert kept == [message for message in published[len(published) - len(kept) :] if message.number > last_id]
    assert missed == (len(kept) < len(sizes) - last_id)
    everything, _ = channel.after(0)
    assert len(everything) <= history_messages
    assert sum(len(message.data) for message in everything) <= history_bytes
    if len(everything) < len(sizes):  # one more would not have fitted
        one_more = published[len(sizes) - len(everything) - 1 :]
        assert len(one_more) > history_messages or sum(len(m.data) for m in one_more) > history_bytes


def test_an_id_from_an_earlier_life_gives_everything_kept_although_its_number_was_reached_again():
    before, channel = make_channel(), make_channel()
    old = [before.publish("x").id for _ in range(3)][-1]
    kept = [channel.publish("x") for _ in range(5)]
    assert channel.read_id(old) == 0
    assert channel.after(0) == (kept, False)


def test_the_history_counts_bytes_of_utf_8():
    channel = make_channel(history_bytes=4)
    channel.publish("éé")
    channel.publish("é")
    assert [message.data for message in channel.after(0)[0]] == ["é"]


@pytest.mark.parametrize("text", ["7", "x", "-1", "{}", "{}-", "{}-3", "{}--1", "{}-٣", "{}-1.5", "{}-" + "1" * 19])
def test_an_id_that_is_none_of_this_channels_gives_everything_kept(text):
    channel = make_channel()
    epoch = channel.publish("x").id.removesuffix("-1")
    channel.publish("x")
    assert channel.read_id(text.format(epoch)) == 0


def test_no_id_starts_with_the_next_message():
    assert make_channel().read_id("") is make_channel().read_id(None) is None


def test_waiting_ends_with_the_next_message_and_with_the_time(on_loop):
    channel = make_channel()

    async def wait_for_a_message():
        waiting = asyncio.create_task(channel.wait_after(0, 30))
        await asyncio.sleep(0)
        channel.publish("x")
        await asyncio.wait_for(waiting, 5)

    on_loop(wait_for_a_message())
    on_loop(channel.wait_after(0, 30))  # there is something already
    on_loop(channel.wait_after(1, 0.01))
    assert not channel._waiting


def test_a_waiter_that_is_cancelled_is_forgotten(on_loop):
    channel = make_channel()

    async def cancel():
        waiting = asyncio.create_task(channel.wait_after(0, 30))
        await asyncio.sleep(0)
        assert len(channel._waiting) == 1
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)

    on_loop(cancel())
    assert not channel._waiting
    channel.publish("nobody is woken")


@pytest.fixture
def line(on_loop):
    """A subscriber's connection on the loop, and the other end of it."""
    here, there = socket.socketpair()
    here.setblocking(False)
    there.settimeout(30)
    connection = on_loop(SocketConnection, here)
    on_loop(connection.start, lambda data: None, lambda: None)
    yield connection, there
    on_loop(connection.abort)
    there.close()


def plain(message):
    return f"{message.number}:{message.data};".encode()


def test_each_form_is_made_once_for_all_its_subscribers(on_loop, line):
    connection, there = line
    made = []

    def counted(message):
        made.append(message.number)
        return plain(message)

    channel = make_channel()
    for form in (counted, counted, plain):
        on_loop(channel.subscribe, Subscriber(connection, form, pytest.fail), None)
    on_loop(channel.publish, "x")
    assert there.recv(100) == b"1:x;1:x;1:x;"
    assert made == [1]


def test_a_subscriber_gets_what_it_missed_first(on_loop, line):
    connection, there = line
    channel = make_channel()
    for text in ("a", "b", "c"):
        channel.publish(text)
    subscriber = Subscriber(connection, plain, pytest.fail)
    assert on_loop(channel.subscribe, subscriber, channel.write_id(1)) is False
    on_loop(channel.publish, "d")
    assert there.recv(100) == b"2:b;3:c;4:d;"
    channel.unsubscribe(subscriber)
    channel.unsubscribe(subscriber)
    on_loop(channel.publish, "e")
    assert on_loop(channel.subscribe, subscriber, None) is False
    on_loop(channel.publish, "f")
    assert there.recv(100) == b"6:f;"


def test_a_subscriber_that_does_not_read_is_cut_and_its_buffer_is_bounded(on_loop, line):
    connection, _ = line
    channel = make_channel()
    reasons = []
    on_loop(channel.subscribe, Subscriber(connection, plain, reasons.append), None)
    text = "x" * 20_000
    most = 0
    for _ in range(2_000):
        on_loop(channel.publish, text)
        most = max(most, on_loop(lambda: connection.buffered_bytes))
        if reasons:
            break
    assert reasons == ["left more than 65536 bytes unread"]
    assert 65_536 < most <= 65_536 + len(text) + 10
    assert not channel.subscribers


def test_one_message_longer_than_the_bound_cuts_nobody_who_reads(on_loop, line):
    connection, there = line
    channel = make_channel()
    on_loop(channel.subscribe, Subscriber(connection, plain, pytest.fail), None)
    for _ in range(3):
        on_loop(channel.publish, "x" * 1_000_000)
        left = 1_000_003
        while left:
            left -= len(there.recv(left))


def test_drained_waits_for_the_slowest_subscriber(on_loop, line):
    connection, there = line
    channel = make_channel()
    on_loop(channel.subscribe, Subscriber(connection, plain, pytest.fail), None)
    on_loop(channel.drained(1))
    on_loop(channel.publish, "x" * 2_000_000)
    with pytest.raises(WaitTimeout, match="read nothing"):
        on_loop(channel.drained(0.02))
    left = 2_000_003
    while left:
        left -= len(there.recv(left))
    on_loop(channel.drained(5))
