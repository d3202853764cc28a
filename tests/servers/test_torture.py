"""Everything at once on tiny socket buffers: broadcast, partial writes, pings, pongs, comings and goings."""

import asyncio
import random
import socket
import threading

import pytest

from rtlab.codecs.http1 import BodyData, ResponseDecoder
from rtlab.codecs.permessage_deflate import DeflateOptions
from rtlab.codecs.sse import EventStreamDecoder
from rtlab.codecs.websocket_session import PongReceived, TextMessage, WebSocketSession
from rtlab.loop_thread import shared
from rtlab.servers.backpressure import Backpressure

MESSAGES = 1_500
READERS = 4
SMALL_BYTES = 4_608


def texts(seed):
    chance = random.Random(seed)
    sizes = [chance.choice((0, 1, 30, 125, 126, 1_000, 9_000)) for _ in range(MESSAGES)]
    return [f"{number} {'é' * (size // 2)}" for number, size in enumerate(sizes)]


class Reader(threading.Thread):
    """Reads a socket in pieces of any size, with pauses, until it has the last message."""

    def __init__(self, client, last, seed):
        super().__init__()
        self.client, self.last, self.chance = client, last, random.Random(seed)
        self.got, self.pings, self.pongs, self.failure = [], 0, 0, None

    def run(self):
        try:
            early, self.client._buffer = self.client._buffer, b""
            self.take(early)
            while not self.got or self.got[-1] != self.last:
                data = self.client.sock.recv(self.chance.choice((1, 7, 512, 4_096, 65_536)))
                assert data, "the connection ended"
                self.take(data)
                if self.chance.random() < 0.002:
                    threading.Event().wait(0.02)
        except Exception as error:
            self.failure = error


class StreamReader(Reader):
    def __init__(self, client, last, seed):
        super().__init__(client, last, seed)
        client.get("/sse/news")
        self.http, self.events = ResponseDecoder(), EventStreamDecoder()

    def take(self, data):
        for item in self.http.feed(data):
            if isinstance(item, BodyData):
                self.got += [event.data for event in self.events.feed(item.data)]


class SocketReader(Reader):
    def __init__(self, client, last, seed, compression):
        super().__init__(client, last, seed)
        offer = ("Sec-WebSocket-Extensions: permessage-deflate",) if compression else ()
        client.open_websocket("/ws/news", *offer)
        self.session = WebSocketSession("client", compression=compression)

    def take(self, data):
        for event in self.session.feed(data):
            if isinstance(event, TextMessage):
                self.got.append(event.text)
            self.pongs += isinstance(event, PongReceived)
        if self.chance.random() < 0.01:
            self.client.send(self.session.send_ping(b"are you there?"))
            self.pings += 1
        if output := self.session.take_output():
            self.client.send(output)


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize(
    "compression",
    [None, DeflateOptions(), DeflateOptions(server_no_context_takeover=True)],
    ids=["uncompressed", "compressed for each", "compressed once"],
)
def test_nothing_is_lost_doubled_or_out_of_order_under_torture(make_server, raw, on_loop, until, tls, compression):
    server = make_server(
        tls=tls, compression=compression, backpressure=Backpressure("wait", max_bytes=20_000), heartbeat_s=0.02
    )
    for listening in server._http._sockets.values():
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SMALL_BYTES)
    channel, all_texts = server.channel("news"), texts(7)
    small = {"receive_buffer_bytes": SMALL_BYTES}
    readers = [StreamReader(raw(server, **small), all_texts[-1], seed) for seed in range(READERS)]
    readers += [SocketReader(raw(server, **small), all_texts[-1], seed, compression) for seed in range(READERS)]
    until(lambda: on_loop(lambda: channel.subscribers) == len(readers))

    async def publish():
        chance = random.Random(5)
        for text in all_texts:
            await channel.room(10)
            channel.publish(text)
            if chance.random() < 0.5:
                await asyncio.sleep(0)

    over = asyncio.Event()

    async def come_and_go():
        chance = random.Random(9)
        while not over.is_set():
            client = await asyncio.to_thread(raw, server, **small)
            await asyncio.to_thread(client.open_websocket, "/ws/news")
            await asyncio.sleep(chance.random() / 100)
            await asyncio.to_thread(client.reset if chance.random() < 0.5 else client.close)

    async def torture():
        guests = asyncio.create_task(come_and_go())
        try:
            await asyncio.wait_for(publish(), 60)
        finally:
            over.set()
            await guests

    for reader in readers:
        reader.start()
    try:
        shared.call(torture, 90)
    finally:
        for reader in readers:
            reader.join(30)
    assert [reader.failure for reader in readers] == [None] * len(readers)
    for reader in readers:
        assert reader.got == all_texts
    assert sum(reader.pongs for reader in readers) > 0
