"""What holds for every client, whatever its transport."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable
from typing import Any

import psutil
import pytest
import trustme

import rtlab
from rtlab import clock
from rtlab.clients.client import Client, Received
from rtlab.clients.event_source import EventSource
from rtlab.clients.peers import SseclientPeer, WebSocketClientPeer
from rtlab.clients.polling import LongPolling, Polling
from rtlab.clients.websocket import WebSocket
from rtlab.codecs.http1 import encode_chunk
from rtlab.codecs.sse import encode_event
from rtlab.codecs.websocket_close import encode_close_payload
from rtlab.codecs.websocket_frames import CLOSE, TEXT, encode_frame
from rtlab.codecs.websocket_handshake import accept_key
from rtlab.errors import ConnectionEnded, ConnectionFailed, InputError, RtlabError, WaitTimeout, WrongThread
from rtlab.loop_thread import shared
from rtlab.servers.lab import Lab

Make = Callable[..., Client]


def short_polling(url: str, **options: Any) -> Polling:
    return Polling(url, interval_s=0.02, **options)


CLIENTS: dict[str, tuple[Make, Callable[[Lab], str]]] = {
    "event source": (EventSource, lambda lab: lab.sse_url()),
    "websocket": (WebSocket, lambda lab: lab.ws_url()),
    "polling": (short_polling, lambda lab: lab.poll_url()),
    "long polling": (LongPolling, lambda lab: lab.poll_url()),
    "sseclient-py": (SseclientPeer, lambda lab: lab.sse_url()),
    "websocket-client": (WebSocketClientPeer, lambda lab: lab.ws_url()),
}


@pytest.fixture(params=CLIENTS)
def make(request: pytest.FixtureRequest) -> Callable[..., Client]:
    """Give a function that makes each kind of client for a lab."""
    kind, url = CLIENTS[request.param]
    return lambda lab, **options: kind(url(lab), **options)


def test_messages_come_in_order_each_once(lab: Lab, make: Make) -> None:
    with make(lab) as client:
        for number in range(50):
            lab.publish(f"message {number}\nwith two lines ä€")
        texts = [message.data for message in client.take(50)]
        with pytest.raises(WaitTimeout, match=r"0\.05"):
            client.receive(0.05)
    assert texts == [f"message {number}\nwith two lines ä€" for number in range(50)]


def test_what_was_published_before_it_opened_does_not_come(lab: Lab, make: Make) -> None:
    lab.publish("before")
    with make(lab) as client:
        lab.publish("after")
        assert client.receive().data == "after"


def test_the_arrival_is_stamped_on_the_shared_clock(lab: Lab, make: Make) -> None:
    with make(lab) as client:
        before_ns = clock.now_ns()
        lab.publish("x")
        received_ns = client.receive().received_ns
        assert before_ns < received_ns < clock.now_ns()


def test_a_callback_gets_the_messages_instead(lab: Lab, make: Make) -> None:
    got: list[Received] = []
    done = threading.Event()

    def on_received(message: Received) -> None:
        got.append(message)
        if len(got) == 3:
            done.set()

    with make(lab, on_received=on_received) as client:
        for text in "abc":
            lab.publish(text)
        assert done.wait(30)
        with pytest.raises(WaitTimeout):
            client.receive(0)
    assert [message.data for message in got] == ["a", "b", "c"]


def test_an_exception_in_the_callback_ends_the_client_and_is_told(
    lab: Lab, make: Make, until: Callable[..., Any]
) -> None:
    def on_received(message: Received) -> None:
        raise ZeroDivisionError("the learner's own mistake")

    with make(lab, on_received=on_received) as client:
        lab.publish("x")
        with pytest.raises(ConnectionEnded, match="the learner's own mistake"):
            client.receive()
        assert isinstance(client.ended, ConnectionEnded)


def test_a_blocking_call_in_the_callback_is_refused_and_told(lab: Lab) -> None:
    for kind, url in (CLIENTS["event source"], CLIENTS["websocket"], CLIENTS["long polling"]):
        client = kind(url(lab), on_received=lambda message: client.close())  # noqa: B023
        with client:
            lab.publish("x")
            with pytest.raises(ConnectionEnded, match="from another thread") as caught:
                client.receive()
            assert isinstance(caught.value.__cause__, WrongThread)


def test_an_open_client_opens_once_and_a_closed_one_closes_once(lab: Lab, make: Make) -> None:
    client = make(lab)
    client.close()
    assert client.open() is client
    assert client.open() is client
    lab.publish("once")
    assert client.receive().data == "once"
    client.close()
    client.close()
    with pytest.raises(ConnectionEnded, match=r"open\(\)"):
        client.receive()


def test_a_closed_client_can_be_opened_again(lab: Lab, make: Make) -> None:
    client = make(lab)
    with client:
        lab.publish("one")
        assert client.receive().data == "one"
    with client:
        lab.publish("two")
        assert client.receive().data == "two"
        assert client.ended is None


def test_it_can_be_opened_again_on_a_new_loop(lab: Lab, make: Make) -> None:
    client = make(lab)
    lab.stop()
    with pytest.raises(RtlabError):
        client.open(0.3)
    with rtlab.start_lab("second life", port=lab.port) as again, client:
        again.publish("x")
        assert client.receive().data == "x"


def test_receive_with_no_time_takes_what_is_there(lab: Lab, make: Make, until: Callable[..., Any]) -> None:
    with make(lab) as client:
        with pytest.raises(WaitTimeout):
            client.receive(0)
        lab.publish("one")
        lab.publish("two")
        assert client.receive().data == "one"
        got: list[str | bytes] = []

        def take() -> bool:
            try:
                got.append(client.receive(0).data)
            except WaitTimeout:
                return False
            return True

        until(take, "the second message did not come")
        assert got == ["two"]


def test_what_is_queued_comes_before_the_end_and_can_be_refused_to_the_loops_own_thread(
    lab: Lab, make: Make, until: Callable[..., Any]
) -> None:
    async def take_on_the_loop() -> None:
        with pytest.raises(WrongThread):
            client.receive()
        with pytest.raises(WrongThread):
            next(client.take(1))

    with make(lab) as client:
        for number in range(3):
            lab.publish(f"{number}")
        assert client.receive().data == "0"
        shared.call(take_on_the_loop, 30)
        assert [message.data for message in client.take(2)] == ["1", "2"]


def test_a_take_that_is_left_early_leaves_the_rest(lab: Lab, make: Make) -> None:
    with make(lab) as client:
        for number in range(4):
            lab.publish(f"{number}")
        taking = client.take(4)
        assert next(taking).data == "0"
        taking.close()
        assert [message.data for message in client.take(3)] == ["1", "2", "3"]
        taking = client.take(2, 0.01)
    with pytest.raises(ConnectionEnded, match=r"open\(\)"):
        next(taking)


@pytest.mark.parametrize("kind", ["event source", "websocket"])
def test_a_fast_server_is_held_back_while_nobody_receives_and_nothing_is_lost(
    serve: Any, until: Callable[..., Any], kind: str
) -> None:
    count, filler = 800, "x" * 65_536
    texts = [f"{number:06} {filler}" for number in range(count)]
    ending = threading.Event()
    server = serve([blast(kind, texts), lambda request: ending.wait(10) and b"", "hold"])
    client = CLIENTS[kind][0](server.url("ws" if kind == "websocket" else "http"))
    with client:
        until(lambda: client.traffic.bytes_down > 16 * 1_048_576, "the queue did not fill")
        # What may have come: 16 MiB of messages, what the connection holds unread, and a piece for each of them.
        assert client.traffic.bytes_down < 19 * 1_048_576
        for expected, message in zip(texts, client.take(count), strict=True):
            assert message.data == expected
        ending.set()


def blast(kind: str, texts: list[str]) -> Callable[[Any], bytes]:
    """Answer a request with all messages at once."""

    def answer(request: Any) -> bytes:
        if kind == "websocket":
            key = request.get(b"Sec-WebSocket-Key").decode()
            head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            accept = b"Sec-WebSocket-Accept: " + accept_key(key).encode() + b"\r\n\r\n"
            return head + accept + b"".join(encode_frame(TEXT, text.encode()) for text in texts)
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
        return head + b"".join(encode_chunk(encode_event(text)) for text in texts)

    return answer


def test_a_websocket_that_nobody_receives_from_closes_in_good_order(serve: Any, until: Callable[..., Any]) -> None:
    close = encode_frame(CLOSE, encode_close_payload(1000))
    server = serve([blast("websocket", ["x" * 65_536] * 800), "read", close, "hold"])
    client = WebSocket(server.url("ws")).open()
    until(lambda: client.traffic.bytes_down > 16 * 1_048_576, "the queue did not fill")
    client.close()
    assert client.close_code == 1000


def test_a_thread_that_waits_is_told_of_the_close(lab: Lab, make: Make) -> None:
    client = make(lab).open()
    errors: list[BaseException] = []
    waiting = threading.Event()

    def wait() -> None:
        waiting.set()
        try:
            client.receive(30)
        except RtlabError as error:
            errors.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    assert waiting.wait(30)
    client.close()
    thread.join(30)
    assert not thread.is_alive()
    assert isinstance(errors[0], ConnectionEnded)


def test_where_nobody_listens_open_fails_and_leaves_nothing(serve: Any, make: Make) -> None:
    server = serve()
    server.stop_listening()

    class Gone:
        sse_url = poll_url = staticmethod(lambda: server.url("http"))
        ws_url = staticmethod(lambda: server.url("ws"))

    with pytest.raises((ConnectionFailed, WaitTimeout), match=r"[Cc]onnection"):
        make(Gone).open(0.3)


def test_a_server_that_never_answers_fails_in_time_and_leaves_nothing(serve: Any, make: Make) -> None:
    server = serve(*[["hold"]] * 3)

    class Silent:
        sse_url = poll_url = staticmethod(lambda: server.url("http"))
        ws_url = staticmethod(lambda: server.url("ws"))

    started_ns = clock.now_ns()
    with pytest.raises((ConnectionFailed, WaitTimeout)):
        make(Silent).open(0.3)
    assert clock.now_ns() - started_ns < 20e9


@pytest.mark.parametrize(
    "url", ["", "127.0.0.1/sse", "ftp://127.0.0.1/", "http://a:b@127.0.0.1/", "ws://a:b@127.0.0.1/", "http://[::1"]
)
def test_a_url_that_cannot_work_is_refused_at_once(make: Make, url: str) -> None:
    class Wrong:
        sse_url = ws_url = poll_url = staticmethod(lambda: url)

    with pytest.raises(InputError):
        make(Wrong)


def test_tls_works_with_the_labs_authority_and_fails_without(make: Make) -> None:
    with rtlab.start_lab("tls", tls=True) as lab:
        with make(lab, ca_pem=lab.ca_pem) as client:
            lab.publish("secret")
            assert client.receive().data == "secret"
        started_ns = clock.now_ns()
        with pytest.raises(ConnectionFailed, match=r"(?i)certificate"):
            make(lab).open(90)
        with pytest.raises(ConnectionFailed, match=r"(?i)certificate"):
            make(lab, ca_pem=trustme.CA().cert_pem.bytes().decode()).open(90)
        assert clock.now_ns() - started_ns < 60e9
        with pytest.raises(RtlabError, match="ca_pem is not a certificate"):
            make(lab, ca_pem="nonsense").open(30)


def test_close_is_quick_while_nothing_happens(lab: Lab, make: Make) -> None:
    client = make(lab).open()
    started_ns = clock.now_ns()
    client.close()
    assert clock.now_ns() - started_ns < 2e9


def test_fifty_clients_open_and_close_and_leave_nothing(lab: Lab, make: Make, until: Callable[..., Any]) -> None:
    process = psutil.Process()
    sockets, threads = len(process.net_connections("inet")), threading.active_count()
    clients = [make(lab).open() for _ in range(50)]
    lab.publish("to all")
    assert [client.receive().data for client in clients] == ["to all"] * 50
    for client in clients:
        client.close()
    until(lambda: len(process.net_connections("inet")) == sockets, "sockets are left")
    # Threads of the loop's pool, which waits for the peers, stay until the loop ends.
    assert threading.active_count() <= threads + 32
    assert lab.connections == ()


def run_python(code: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a program with every warning an error and asyncio's checks on."""
    strict = {**os.environ, "PYTHONASYNCIODEBUG": "0"}
    command = [sys.executable, "-X", "dev", "-W", "error", "-c", textwrap.dedent(code)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env=strict, **options)


def test_a_program_with_every_client_ends_without_a_warning() -> None:
    done = run_python(
        """
        import gc, rtlab
        from rtlab.clients.peers import SseclientPeer, WebSocketClientPeer

        for tls in (False, True):
            with rtlab.start_lab("strict", tls=tls) as lab:
                ca = {"ca_pem": lab.ca_pem}
                clients = [
                    rtlab.EventSource(lab.sse_url(), **ca),
                    rtlab.WebSocket(lab.ws_url(), **ca),
                    rtlab.Polling(lab.poll_url(), interval_s=0.02, **ca),
                    rtlab.LongPolling(lab.poll_url(), **ca),
                    SseclientPeer(lab.sse_url(), **ca),
                    WebSocketClientPeer(lab.ws_url(), **ca),
                ]
                for client in clients:
                    client.open()
                with rtlab.Publisher(lab.publish_url(), **ca) as publisher:
                    publisher.send("hello")
                print([client.receive().data for client in clients])
                for client in clients[:3]:
                    client.close()
            for client in clients[3:]:
                client.close()
            del client, clients, publisher, lab
            gc.collect()
        """
    )
    assert (done.stdout, done.stderr, done.returncode) == ((str(["hello"] * 6) + "\n") * 2, "", 0)


def test_a_program_that_forgets_to_close_still_ends() -> None:
    done = run_python(
        """
        import rtlab
        from rtlab.clients.peers import SseclientPeer
        lab = rtlab.start_lab("forgotten")
        kept = [rtlab.EventSource(lab.sse_url()).open(), rtlab.WebSocket(lab.ws_url()).open(),
                rtlab.LongPolling(lab.poll_url()).open(), SseclientPeer(lab.sse_url()).open()]
        print("end")
        """
    )
    assert (done.stdout, done.returncode) == ("end\n", 0)
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs POSIX signals")
def test_an_interrupted_call_leaves_every_client_usable() -> None:
    done = run_python(
        """
        import signal, rtlab
        from rtlab.clients.peers import SseclientPeer, WebSocketClientPeer

        signal.signal(signal.SIGALRM, signal.default_int_handler)

        def interrupted(call):
            signal.setitimer(signal.ITIMER_REAL, 0.1)
            try:
                call()
            except KeyboardInterrupt:
                return True

        with rtlab.start_lab("interrupted") as lab:
            for client in (
                rtlab.EventSource(lab.sse_url()),
                rtlab.WebSocket(lab.ws_url()),
                rtlab.Polling(lab.poll_url(), interval_s=0.02),
                rtlab.LongPolling(lab.poll_url()),
                SseclientPeer(lab.sse_url()),
                WebSocketClientPeer(lab.ws_url()),
            ):
                with client:
                    assert interrupted(lambda: client.receive(30))
                    lab.publish("still here")
                    print(client.receive().data)
        """
    )
    assert (done.stdout, done.stderr, done.returncode) == ("still here\n" * 6, "", 0)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs POSIX signals")
def test_interrupts_lose_no_message_that_is_queued() -> None:
    done = run_python(
        """
        import asyncio, signal
        from rtlab.clients.client import Client, Received

        signal.signal(signal.SIGALRM, signal.default_int_handler)

        class Full(Client):
            async def start(self, timeout_s):
                for first in range(0, 100_000, 5_000):
                    self._deliver_all([Received(str(number), 0) for number in range(first, first + 5_000)])
                    await asyncio.sleep(0)

            async def finish(self, timeout_s):
                pass

        got, interrupts = [], 0
        with Full("") as client:
            while len(got) < 100_000:
                try:
                    signal.setitimer(signal.ITIMER_REAL, 0.0002)
                    while len(got) < 100_000:
                        got.append(client.receive())
                    signal.setitimer(signal.ITIMER_REAL, 0)
                except KeyboardInterrupt:
                    interrupts += 1
        print([int(message.data) for message in got] == list(range(100_000)), interrupts > 10)
        """
    )
    assert (done.stdout, done.stderr, done.returncode) == ("True True\n", "", 0)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs POSIX signals")
def test_an_interrupted_open_leaves_nothing() -> None:
    done = run_python(
        """
        import gc, signal, socket, threading, rtlab
        from rtlab.clients.peers import SseclientPeer, WebSocketClientPeer

        signal.signal(signal.SIGALRM, signal.default_int_handler)
        with socket.create_server(("127.0.0.1", 0)) as silent:
            at = f"://127.0.0.1:{silent.getsockname()[1]}/"
            for client in (
                rtlab.EventSource("http" + at),
                rtlab.WebSocket("ws" + at),
                rtlab.Polling("http" + at),
                rtlab.LongPolling("http" + at),
                SseclientPeer("http" + at),
                WebSocketClientPeer("ws" + at),
            ):
                signal.setitimer(signal.ITIMER_REAL, 0.1)
                try:
                    client.open(30)
                except KeyboardInterrupt:
                    print("interrupted", threading.active_count())
                gc.collect()
        """
    )
    assert (done.stdout, done.stderr, done.returncode) == ("interrupted 1\n" * 6, "", 0)
