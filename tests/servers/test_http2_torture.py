"""Everything at once on one HTTP/2 connection with tiny buffers: windows open by chance, streams come and go."""

import random
import threading

import pytest
from h2.errors import ErrorCodes

from rtlab.codecs.permessage_deflate import DeflateOptions
from rtlab.codecs.sse import EventStreamDecoder
from rtlab.codecs.websocket_session import TextMessage, WebSocketSession
from rtlab.servers.backpressure import Backpressure

MESSAGES = 250
STREAMS = SOCKETS = 5


def texts(chance):
    sizes = [chance.choice((0, 1, 125, 126, 1_000, 9_000, 20_000)) for _ in range(MESSAGES)]
    return [f"{number} {'é' * (size // 2)}" for number, size in enumerate(sizes)]


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("compression", [None, DeflateOptions()], ids=["plain", "compressed"])
def test_every_stream_gets_every_message_in_order(make_lab, dial, seed, compression):
    chance = random.Random(seed)
    lab = make_lab(
        http2=True, compression=compression, heartbeat_s=0.02, backpressure=Backpressure("wait", 100_000)
    )
    client = dial(lab, receive_buffer_bytes=32_768)
    offer = [("sec-websocket-extensions", "permessage-deflate")] if compression else []
    events = {client.open_stream(): EventStreamDecoder() for _ in range(STREAMS)}
    sockets = {
        client.open_websocket("/ws/news", *offer): WebSocketSession("client", compression=compression)
        for _ in range(SOCKETS)
    }
    streams = [*events, *sockets]
    client.unread.update(streams)
    sent = texts(chance)
    got = {stream: [] for stream in streams}
    owed = dict.fromkeys(streams, 0)
    failure = []

    def publish():
        try:
            for text in sent:
                lab.publish(text, timeout_s=20)
        except Exception as error:
            failure.append(error)

    def take(stream):
        data, client.data[stream] = client.data[stream], b""
        owed[stream] += len(data)
        if stream in events:
            got[stream] += [event.data for event in events[stream].feed(data)]
        else:
            session = sockets[stream]
            got[stream] += [event.text for event in session.feed(data) if isinstance(event, TextMessage)]
            if (pongs := session.take_output()) and client.h2.local_flow_control_window(stream) >= len(pongs):
                client.h2.send_data(stream, pongs)

    publisher = threading.Thread(target=publish)
    publisher.start()
    try:
        while any(len(each) < MESSAGES for each in got.values()) and not failure:
            client.receive()
            for stream in streams:
                take(stream)
            full = sum(owed.values()) > 16_000  # or else the connection's window would stay shut
            for stream in streams if full else chance.sample(streams, 4):
                if owed[stream]:
                    client.h2.acknowledge_received_data(owed[stream], stream)
                    owed[stream] = 0
            if chance.random() < 0.1:
                passing = client.ask("/sse/news")
                client.h2.reset_stream(passing, ErrorCodes.CANCEL)
            client.flush()
    finally:
        publisher.join()
    assert not failure
    assert all(each == sent for each in got.values())
    assert not client.is_over
