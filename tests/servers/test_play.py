import asyncio
import itertools

import pytest

from rtlab import clock
from rtlab.errors import WaitTimeout
from rtlab.servers import play as play_module
from rtlab.servers.play import pour, wait_until
from rtlab.workload import Workload, read_seq

pytestmark = pytest.mark.usefixtures("known_epoch")

POUR = {"rate_per_s": 0, "payload_bytes": 20, "count": 10, "subscribers": 0, "stamp": False}


@pytest.mark.parametrize("rest_ns", [-1_000_000_000, 0, 100_000, 20_000_000])
def test_waiting_never_ends_before_its_time(on_loop, rest_ns):
    due_ns = clock.now_ns() + rest_ns
    on_loop(wait_until(due_ns))
    assert clock.now_ns() >= due_ns


def test_waiting_for_what_is_due_lets_the_loop_do_its_other_work(on_loop):
    async def both():
        done = []
        asyncio.get_running_loop().call_soon(done.append, 1)
        await wait_until(0)
        return done

    assert on_loop(both()) == [1]


@pytest.mark.parametrize("arrivals", ["steady", "random"])
def test_every_message_goes_out_in_order_and_not_before_it_is_due(make_server, raw, on_loop, arrivals):
    server = make_server()
    client = raw(server).open_stream()
    workload = Workload(rate_per_s=2_000, count=50, burst=5, arrivals=arrivals)
    start_ns = clock.now_ns() + 5_000_000
    sent_ns = on_loop(server.play("news", workload, start_ns))
    assert [read_seq(client.chunk().partition(b"data: ")[2]) for _ in range(50)] == list(range(50))
    for message, at_ns in zip(workload.messages(), sent_ns, strict=True):
        assert at_ns >= start_ns + message.scheduled_ns


def test_late_messages_go_out_at_once_and_none_is_left_out(make_server, on_loop):
    server = make_server()
    sent_ns = on_loop(server.play("news", Workload(rate_per_s=1, count=500), start_ns=-(10**15)))
    assert len(sent_ns) == server.channel("news").last_number == 500


def test_pouring_waits_for_its_subscribers(make_server, raw, on_loop, until):
    server = make_server()
    channel = server.channel("stream")

    async def start():
        return asyncio.create_task(pour(channel, **{**POUR, "subscribers": 2}))

    task = on_loop(start())
    first = raw(server).open_stream("/sse/stream")
    until(lambda: channel.subscribers == 1)
    on_loop(asyncio.sleep(3 * play_module._LOOK_S))  # it looks again, and finds one only
    assert channel.last_number == 0
    second = raw(server).open_stream("/sse/stream")
    for client in (first, second):
        assert client.chunk() == b"id: k3f9-1\ndata: " + b"x" * 20 + b"\n\n"
    assert on_loop(asyncio.wait_for(task, 30)) == 10


def test_pouring_without_a_rate_sends_nothing_while_nobody_is_there(make_server, raw, on_loop, until):
    server = make_server()
    channel = server.channel("stream")

    async def start():
        return asyncio.create_task(pour(channel, **{**POUR, "count": None}))

    task = on_loop(start())
    client = raw(server).open_stream("/sse/stream")
    client.chunk()
    client.close()
    until(lambda: not channel.subscribers)
    sent = on_loop(lambda: channel.last_number)
    on_loop(asyncio.sleep(3 * play_module._LOOK_S))
    assert on_loop(lambda: channel.last_number) <= sent + 1
    on_loop(task.cancel)


def test_pouring_without_a_rate_loses_nothing_although_a_subscriber_reads_slowly(make_server, raw, on_loop):
    server = make_server()
    client = raw(server, receive_buffer_bytes=4_096).open_stream("/sse/stream")
    size = 1_048_576  # as long as what makes a subscriber of other channels too slow

    async def start():
        settings = {**POUR, "payload_bytes": size, "count": 12}
        return asyncio.create_task(pour(server.channel("stream"), **settings))

    task = on_loop(start())
    for number in range(1, 13):
        assert client.chunk().startswith(b"id: k3f9-%d\n" % number)
    assert on_loop(asyncio.wait_for(task, 30)) == 12


def test_pouring_buffers_little_for_each_subscriber(make_server, raw, on_loop, until):
    server = make_server()
    raw(server, receive_buffer_bytes=4_096).open_stream("/sse/stream")

    async def start():
        return asyncio.create_task(
            pour(server.channel("stream"), **{**POUR, "count": None, "payload_bytes": 5_000})
        )

    task = on_loop(start())
    until(lambda: on_loop(server.connections)[0].buffered_bytes > 60_000)
    on_loop(asyncio.sleep(0.02))
    assert on_loop(server.connections)[0].buffered_bytes < 65_536 + 5_100
    on_loop(task.cancel)


def test_pouring_gives_up_on_a_subscriber_that_reads_nothing(make_server, raw, on_loop, monkeypatch):
    monkeypatch.setattr(play_module, "DRAIN_TIMEOUT_S", 0.02)
    server = make_server()
    raw(server, receive_buffer_bytes=4_096).open_stream("/sse/stream")
    with pytest.raises(WaitTimeout, match="read nothing"):
        on_loop(pour(server.channel("stream"), **{**POUR, "count": None, "payload_bytes": 50_000}))


def test_stamps_are_the_times_when_paced_messages_were_due(make_server, on_loop):
    server = make_server()
    channel = server.channel("stream")
    before_ns = clock.now_ns()
    on_loop(pour(channel, **{**POUR, "rate_per_s": 1_000, "stamp": True, "payload_bytes": 25}))
    texts = [message.data for message in channel.after(0)[0]]
    stamps = [int(text[:20]) for text in texts]
    assert [text[20:] for text in texts] == ["xxxxx"] * 10
    assert before_ns <= stamps[0] <= clock.now_ns()
    assert [later - sooner for sooner, later in itertools.pairwise(stamps)] == [1_000_000] * 9
