import asyncio
import concurrent.futures
import socket
import textwrap
import threading

import pytest

from rtlab import clock
from rtlab.clients.event_source import EventSource
from rtlab.clients.polling import LongPolling
from rtlab.clients.websocket import WebSocket
from rtlab.errors import InputError, LabNotRunning, PortUnavailable, WaitTimeout, WrongThread
from rtlab.loop_thread import shared
from rtlab.servers.guards import Guards
from rtlab.servers.lab import start_lab, stop_all
from rtlab.servers.server import LabServer
from rtlab.workload import Workload

pytestmark = pytest.mark.usefixtures("known_epoch")


def loop_threads():
    return [thread for thread in threading.enumerate() if thread.name == "rtlab loop"]


# Starting.


def test_the_same_call_gives_the_same_lab(unique_name):
    with start_lab(unique_name) as lab:
        assert start_lab(unique_name) is lab
        assert start_lab(unique_name, guards=Guards()) is lab


@pytest.mark.parametrize("other", [{"tls": True}, {"guards": Guards(idle_timeout_s=5)}, {"host": "localhost"}])
def test_a_call_with_other_settings_stops_the_old_lab(unique_name, raw, other):
    old = start_lab(unique_name)
    port = old.port
    with start_lab(unique_name, **other) as new:
        assert new is not old
        assert not old.running
        assert new.running
        if new.port != port:
            with pytest.raises(ConnectionRefusedError):
                raw(port)
        old.stop()
        assert start_lab(unique_name, **other) is new


def test_the_system_chooses_the_port(make_lab):
    first, second = make_lab(), make_lab()
    assert first.port > 0
    assert first.port != second.port


def test_a_port_can_be_chosen(make_lab, raw):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    lab = make_lab(port=port)
    assert lab.port == port
    raw(lab).open_stream()


@pytest.mark.parametrize("isolated", [False, True], ids=["in kernel", "isolated"])
def test_a_taken_port_is_an_error_that_leaves_nothing_behind(unique_name, isolated):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortUnavailable, match=r"use port=0"):
            start_lab(unique_name, port=port, isolated=isolated)
    assert not loop_threads()
    with start_lab(unique_name, port=port) as lab:
        assert lab.port == port


@pytest.mark.parametrize("port", [-1, 65_536])
def test_a_number_that_is_no_port_is_refused(unique_name, port):
    with pytest.raises(InputError, match="from 0 to 65535"):
        start_lab(unique_name, port=port)


def test_an_isolated_lab_has_the_guards_that_it_is_given(make_lab, raw):
    lab = make_lab(isolated=True, guards=Guards(max_head_bytes=1_000, hosts=("lab.example",)))
    raw(lab).open_websocket("/echo")
    client = raw(lab)
    client.get("/", host="lab.example")
    assert client.head()[0] == 200
    client = raw(lab)
    client.get("/", f"X-Long: {'x' * 1_000}")
    assert client.is_over()


def test_labs_share_one_thread_and_stop_one_by_one(make_lab, raw):
    first, second = make_lab(), make_lab()
    assert len(loop_threads()) == 1
    first.stop()
    assert second.publish("still here") == "k3f9-1"
    raw(second).open_stream()
    second.stop()
    assert not loop_threads()


def test_labs_can_be_started_and_stopped_from_many_threads(unique_name):
    def use(number):
        lab = start_lab(f"{unique_name}-{number % 3}")
        try:
            return lab.publish("x").startswith("k3f9-")
        except LabNotRunning:
            return True  # somebody else has stopped it
        finally:
            lab.stop()

    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        assert all(pool.map(use, range(30)))
    assert not loop_threads()


def test_a_lab_on_ipv6_gives_urls_that_work(make_lab, raw):
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    lab = make_lab(host="::1")
    assert lab.sse_url() == f"http://[::1]:{lab.port}/sse/news"
    lab.publish("x")
    with EventSource(lab.sse_url(), last_event_id="0") as source:
        assert source.receive().data == "x"


def test_the_lab_serves_under_the_address_that_it_was_bound_to(make_lab, raw):
    try:
        socket.create_server(("127.0.0.2", 0)).close()
    except OSError:
        pytest.skip("this machine has one loopback address only")
    lab = make_lab(host="127.0.0.2")
    assert lab.http_url == f"http://127.0.0.2:{lab.port}"
    client = raw(lab, host="127.0.0.2")
    client.get("/", host=f"127.0.0.2:{lab.port}")
    assert client.head()[0] == 200


def test_urls_follow_the_settings(make_lab):
    lab = make_lab(tls=True)
    base = f"127.0.0.1:{lab.port}"
    assert lab.http_url == f"https://{base}"
    assert lab.sse_url() == f"https://{base}/sse/news"
    assert lab.ws_url("chat") == f"wss://{base}/ws/chat"
    assert lab.poll_url("chat") == f"https://{base}/poll/chat"
    assert lab.publish_url("a b") == f"https://{base}/publish/a%20b"
    assert lab.echo_url() == f"wss://{base}/echo"
    assert lab.ca_pem.startswith("-----BEGIN CERTIFICATE-----")
    assert repr(lab) == f"<Lab '{lab.name}': running at https://{base}>"


# Using.


def test_publishing_counts_ids_and_refuses_what_cannot_travel(lab):
    ids = [lab.publish("a"), lab.publish("b", event="price"), lab.publish("c", channel="other")]
    assert ids == ["k3f9-1", "k3f9-2", "k3f9-1"]
    for arguments in ({"data": "\ud800"}, {"data": "x", "event": "a\nb"}, {"data": "x", "channel": "a b"}):
        with pytest.raises(InputError):
            lab.publish(**arguments)
    assert lab.publish("d") == "k3f9-3"


def test_cutting_breaks_the_connections_of_a_channel(lab, raw, until):
    clients = [raw(lab).open_stream(), raw(lab).open_websocket("/ws/news")]
    raw(lab).open_stream("/sse/other")
    until(lambda: len(lab.connections) == 3)
    assert lab.cut() == 2
    assert all(client.is_over() for client in clients)
    assert [connection.channel for connection in lab.connections] == ["other"]


def test_the_clock_of_a_lab_in_the_same_process_is_the_same(lab):
    assert shared.call(lab.clock_offset_ns, 30) == (0, 0)


# Stopping.


def test_stopping_twice_does_nothing(lab):
    lab.stop()
    lab.stop()
    assert not lab.running
    assert not loop_threads()


def test_a_with_block_stops_the_lab_even_after_an_error(unique_name):
    with pytest.raises(ZeroDivisionError), start_lab(unique_name) as lab:
        raise ZeroDivisionError
    assert not lab.running


def test_a_stopped_lab_says_so(lab):
    lab.stop()
    with pytest.raises(LabNotRunning, match=r"not running; call rtlab.start_lab\(\)"):
        lab.publish("x")
    with pytest.raises(LabNotRunning):
        lab.cut()
    with pytest.raises(LabNotRunning):
        shared_play(lab)
    assert lab.connections == ()
    assert lab.log[-1].text == "stopped"
    assert repr(lab) == f"<Lab '{lab.name}': stopped>"


def shared_play(lab):
    shared.hold()
    try:
        shared.call(lambda: lab.play("news", Workload(count=1), 0), 30)
    finally:
        shared.release()


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_fifteen_labs_with_open_connections_of_every_kind_leave_nothing(unique_name, raw, tls):
    for _ in range(15):
        lab = start_lab(unique_name, tls=tls)
        port, ca_pem = lab.port, lab.ca_pem
        clients = [
            EventSource(lab.sse_url(), ca_pem=ca_pem),
            WebSocket(lab.ws_url(), ca_pem=ca_pem),
            WebSocket(lab.ws_url(), subprotocols=["rtlab.v1"], ca_pem=ca_pem),
            LongPolling(lab.poll_url(), ca_pem=ca_pem),
        ]
        for client in clients:
            client.open()
        lab.publish("x")
        assert {client.receive().data for client in clients} == {"x"}
        lab.stop(timeout_s=3)
        for client in clients:
            client.close()
        with pytest.raises(ConnectionRefusedError):
            raw(port)
        assert not loop_threads()


def test_stopping_ends_connections_that_are_only_half_open(lab, raw):
    raw(lab)
    raw(lab).send(b"GET /sse/news HTTP/1.1\r\n")
    raw(lab).send(b"POST /publish/news HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nab")
    lab.stop(timeout_s=3)


# Blocking calls.


@pytest.mark.parametrize(
    "misuse",
    [
        lambda lab: lab.publish("x"),
        lambda lab: lab.cut(),
        lambda lab: lab.connections,
        lambda lab: lab.log,
        lambda lab: lab.stop(),
        lambda lab: lab._repr_html_(),
        lambda lab: start_lab(lab.name),
        lambda lab: start_lab("another"),
    ],
    ids=["publish", "cut", "connections", "log", "stop", "card", "start again", "start another"],
)
def test_a_blocking_call_on_the_loops_own_thread_is_refused_and_changes_nothing(lab, misuse):
    async def call():
        with pytest.raises(WrongThread):
            misuse(lab)

    shared.call(call, 30)
    assert lab.running
    assert start_lab(lab.name) is lab
    assert lab.publish("x") == "k3f9-1"


def test_a_call_has_a_time_limit(lab):
    go_on, blocked = threading.Event(), threading.Event()

    async def block():
        blocked.set()
        go_on.wait(10)

    shared.submit(block)
    assert blocked.wait(30)
    with pytest.raises(WaitTimeout):
        lab.publish("lost", timeout_s=0.02)
    go_on.set()
    assert lab.publish("x") == "k3f9-1"  # the one that ran out of time was cancelled


def test_an_interrupt_of_a_blocking_call_leaves_the_lab_alive(python, interrupt):
    script = """
        from rtlab.clients.event_source import EventSource
        from rtlab.servers.lab import start_lab

        with start_lab() as lab, EventSource(lab.sse_url()) as source:
            try:
                print("waiting", flush=True)
                source.receive(60)
            except KeyboardInterrupt:
                lab.publish("after the interrupt")
                print(source.receive(10).data)
    """
    process = python("-c", textwrap.dedent(script))
    assert process.stdout.readline() == "waiting\n"
    interrupt(process)
    output, errors = process.communicate(timeout=30)
    assert (process.returncode, output, errors) == (0, "after the interrupt\n", "")


def test_an_interrupt_while_a_lab_starts_leaves_nothing(python, interrupt):
    script = """
        import os, signal, threading
        import psutil
        from rtlab.servers.lab import _labs, start_lab

        def interrupt_when_the_child_is_there():
            while not any(thread.name == "rtlab child output" for thread in threading.enumerate()):
                pass
            os.kill(os.getpid(), signal.SIGINT)

        threading.Thread(target=interrupt_when_the_child_is_there).start()
        try:
            start_lab(isolated=True)
        except KeyboardInterrupt:
            names = [thread.name for thread in threading.enumerate()]
            print(psutil.Process().children(), _labs, "rtlab loop" in names)
    """
    process = python("-c", textwrap.dedent(script))
    output, errors = process.communicate(timeout=30)
    assert (process.returncode, output, errors) == (0, "[] {} False\n", "")


@pytest.mark.parametrize("isolated", [False, True], ids=["in kernel", "isolated"])
def test_an_interpreter_that_ends_without_a_stop_ends_cleanly(python, until, isolated):
    script = f"""
        from rtlab.clients.event_source import EventSource
        from rtlab.servers.lab import start_lab

        lab = start_lab(isolated={isolated})
        source = EventSource(lab.sse_url()).open()
        print(lab.port, flush=True)
    """
    process = python("-c", textwrap.dedent(script))
    output, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (0, "")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(output)), timeout=30)


def test_stop_all_stops_every_lab(make_lab):
    labs = [make_lab(), make_lab()]
    stop_all()
    assert not any(lab.running for lab in labs)


@pytest.mark.parametrize("alone", [True, False], ids=["the last lab", "one of two labs"])
def test_a_stop_that_takes_too_long_says_so_and_goes_on(make_lab, raw, until, alone):
    lab = make_lab()
    if not alone:
        make_lab()
    clients = [raw(lab).open_stream(), raw(lab).open_websocket("/ws/news")]
    idle = raw(lab)
    idle.get("/")
    idle.answer()
    go_on, blocked = threading.Event(), threading.Event()

    async def block():
        blocked.set()
        go_on.wait(10)

    shared.submit(block)
    assert blocked.wait(30)
    threading.Timer(0.1, go_on.set).start()
    with pytest.raises(WaitTimeout, match=r"did not stop within 0\.02 s"):
        lab.stop(timeout_s=0.02)
    assert not lab.running
    assert all(client.is_over() for client in [*clients, idle])
    lab.stop()


def test_a_loop_that_ends_under_a_lab_leaves_nothing_open(raw, on_loop):
    server = LabServer()
    shared.hold()
    on_loop(server.start())
    clients = [raw(server) for _ in range(12)]
    for client in clients[0::3]:
        client.open_stream()
    for client in clients[1::3]:
        client.open_websocket()
    for client in clients[2::3]:
        client.get("/")
        client.answer()
    shared.release()  # the lab has not been stopped
    shared.release()  # on_loop's
    shared.hold()
    assert all(client.is_over() for client in clients)


def test_a_workload_is_played_into_a_channel(lab, raw):
    client = raw(lab).open_stream()
    sent_ns = shared.call(lambda: lab.play("news", Workload(rate_per_s=1_000, count=5), clock.now_ns()), 30)
    assert len(sent_ns) == 5
    assert client.chunk().startswith(b"id: k3f9-1\ndata: 0000000000 ")


def test_a_message_published_on_the_loop_does_not_wait(lab):
    async def publish():
        return await asyncio.gather(*(lab.server.publish("news", "x", "") for _ in range(3)))

    assert shared.call(publish, 30) == ["k3f9-1", "k3f9-2", "k3f9-3"]


@pytest.mark.parametrize("isolated", [False, True], ids=["in kernel", "isolated"])
def test_a_lab_beats_as_often_as_it_was_told(make_lab, raw, isolated):
    lab = make_lab(heartbeat_s=0.05, isolated=isolated)
    stream = raw(lab).open_stream()
    assert [stream.chunk().startswith(b":") for _ in range(3)] == [True] * 3


def test_a_heartbeat_without_pause_is_refused():
    with pytest.raises(InputError, match="heartbeat_s"):
        start_lab("never", heartbeat_s=0.0)
