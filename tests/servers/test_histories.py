import pytest

from rtlab.servers.channel import Channel
from rtlab.servers.histories import Histories


@pytest.fixture
def channels(on_loop):
    histories = Histories(100)
    return [Channel(name, history_bytes=80, histories=histories) for name in ("a", "b")]


def kept(channel):
    return [len(message.data) for message in channel.after(0)[0]]


def test_the_channel_that_keeps_most_forgets_first(channels, on_loop):
    large, small = channels
    for size in (30, 30, 20):
        on_loop(large.publish, "x" * size)
    on_loop(small.publish, "x" * 15)
    assert (kept(large), kept(small)) == ([30, 30, 20], [15])
    on_loop(small.publish, "x" * 10)
    assert (kept(large), kept(small)) == ([30, 20], [15, 10])


def test_what_a_channel_forgets_by_itself_makes_room_for_others(channels, on_loop):
    large, small = channels
    for _ in range(20):
        on_loop(large.publish, "x" * 40)
    assert kept(large) == [40, 40]
    on_loop(small.publish, "x" * 20)
    assert (kept(large), kept(small)) == ([40, 40], [20])


def test_a_message_that_is_larger_than_all_room_is_not_kept(on_loop):
    channel = Channel("a", history_bytes=1_000, histories=Histories(100))
    message = on_loop(channel.publish, "x" * 200)
    assert kept(channel) == []
    assert channel.last_number == message.number == 1
