"""rtlab's client and server against those of the websockets library, over real sockets and with compression."""

import asyncio
import threading
from contextlib import contextmanager

import pytest
from websockets.asyncio.client import connect as connect_soon
from websockets.extensions.permessage_deflate import (
    ClientPerMessageDeflateFactory,
    ServerPerMessageDeflateFactory,
)
from websockets.sync.client import connect
from websockets.sync.server import serve

from rtlab.clients.websocket import WebSocket
from rtlab.codecs.permessage_deflate import DeflateOptions

PATIENCE_S = 30
MESSAGES = ["", "héllo " * 500, "héllo " * 500, b"", bytes(70_000), "again", "again", "again"]


def theirs(options):
    """The same settings for the other library; it asks for what it names."""
    return {
        "server_no_context_takeover": options.server_no_context_takeover,
        "client_no_context_takeover": options.client_no_context_takeover,
        "server_max_window_bits": options.server_max_window_bits,
        "client_max_window_bits": options.client_max_window_bits,
    }


OPTIONS = {
    "default": DeflateOptions(),
    "server alone": DeflateOptions(server_no_context_takeover=True),
    "client alone": DeflateOptions(client_no_context_takeover=True),
    "both alone": DeflateOptions(server_no_context_takeover=True, client_no_context_takeover=True),
    "small windows": DeflateOptions(server_max_window_bits=9, client_max_window_bits=10),
}
each_option = pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)


@contextmanager
def their_server(handler, options):
    """Run a server of the other library in a thread; give its port."""
    extensions = [ServerPerMessageDeflateFactory(**theirs(options))]
    with serve(handler, "127.0.0.1", 0, extensions=extensions, compression=None) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.socket.getsockname()[1]
        finally:
            server.shutdown()
            thread.join(PATIENCE_S)
    assert not thread.is_alive()


def echo(connection):
    for message in connection:
        connection.send(message)


@each_option
def test_our_client_and_their_server_understand_each_other(options):
    with their_server(echo, options) as port, WebSocket(f"ws://127.0.0.1:{port}/", compression=options) as ws:
        assert ws.compression == options
        for message in MESSAGES:
            ws.send(message)
            assert ws.receive().data == message


@each_option
def test_their_server_restricts_a_client_of_ours_that_wants_nothing(options):
    with their_server(echo, options) as port, WebSocket(f"ws://127.0.0.1:{port}/", compression=True) as ws:
        assert ws.compression == options
        for message in MESSAGES:
            ws.send(message)
        assert [received.data for received in ws.take(len(MESSAGES))] == MESSAGES


def test_our_client_reads_the_fragments_of_their_server():
    def speak(connection):
        for _ in range(2):
            connection.send(["one ", "", "two ", "three"])
            connection.ping()
        connection.recv(timeout=PATIENCE_S)

    with (
        their_server(speak, DeflateOptions()) as port,
        WebSocket(f"ws://127.0.0.1:{port}/", compression=True) as ws,
    ):
        assert [received.data for received in ws.take(2)] == ["one two three"] * 2
        ws.send("thanks")


@contextmanager
def their_client(url, options):
    extensions = [ClientPerMessageDeflateFactory(**theirs(options))]
    with connect(url, extensions=extensions, compression=None, close_timeout=PATIENCE_S) as connection:
        yield connection


@each_option
def test_our_server_and_their_client_understand_each_other(make_lab, options):
    lab = make_lab(compression=True)
    with their_client(lab.echo_url(), options) as connection:
        assert [extension.name for extension in connection.protocol.extensions] == ["permessage-deflate"]
        for message in MESSAGES:
            connection.send(message)
            assert connection.recv(timeout=PATIENCE_S) == message
        connection.send(["one ", "", "two"])
        assert connection.recv(timeout=PATIENCE_S) == "one two"


@each_option
def test_our_channel_reaches_their_clients_with_and_without_context(make_lab, until, options):
    lab = make_lab(compression=options)
    with (
        their_client(lab.ws_url(), OPTIONS["default"]) as one,
        their_client(lab.ws_url(), OPTIONS["both alone"]) as other,
    ):
        until(lambda: len(lab.connections) == 2)
        texts = [f"message number {number}" for number in range(20)]
        for text in texts:
            lab.publish(text)
        assert [one.recv(timeout=PATIENCE_S) for _ in texts] == texts
        assert [other.recv(timeout=PATIENCE_S) for _ in texts] == texts


def test_our_server_and_their_asyncio_client_understand_each_other(make_lab):
    async def talk(url):
        async with asyncio.timeout(PATIENCE_S), connect_soon(url) as connection:
            got = []
            for message in MESSAGES:
                await connection.send(message)
                got.append(await connection.recv())
            return got, len(connection.protocol.extensions)

    with asyncio.Runner() as runner:
        assert runner.run(talk(make_lab(compression=True).echo_url())) == (MESSAGES, 1)
