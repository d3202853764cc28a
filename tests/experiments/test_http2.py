"""One end of HTTP/2 against the other, over a real TCP connection on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from rtlab.clients.http2 import Http2End
from rtlab.codecs.http2_frames import DATA, PREFACE, Http2Frame, Http2FrameDecoder, encode_http2_frame
from rtlab.errors import ConnectionFailed, LocalProtocolError
from rtlab.experiments.http2_server import Http2Server, deliver, open_event_stream, open_websocket

Script = Callable[[Http2End, Http2End], Awaitable[None]]


@pytest.fixture
def play(on_loop):
    """Run a script on both ends of a new connection."""

    def run(script: Script, max_streams: int = 100) -> None:
        async def connected() -> None:
            async with Http2Server(max_streams) as listening:
                await script(*await listening.connect())

        on_loop(connected())

    return run


def test_what_crosses_is_a_preface_and_whole_frames(play) -> None:
    async def script(client: Http2End, server: Http2End) -> None:
        await deliver(server, client, await open_event_stream(client, server), b"data: Hello\n\n")
        for end in (client, server):
            sent = {
                way: b"".join(data for direction, data in end.wire if direction == way) for way in ("up", "down")
            }
            assert sent["up"].startswith(PREFACE)
            for data in (sent["up"].removeprefix(PREFACE), sent["down"]):
                decoder = Http2FrameDecoder()
                assert decoder.feed(data)[0].name == "SETTINGS"
                assert decoder.unfinished_bytes == 0

    play(script)


def test_streams_of_one_connection_carry_their_own_bytes(play) -> None:
    async def script(client: Http2End, server: Http2End) -> None:
        news, echo = await open_event_stream(client, server), await open_websocket(client, server)
        assert (news, echo) == (1, 3)
        await deliver(client, server, echo, b"up")
        await deliver(server, client, news, b"one")
        await deliver(server, client, echo, b"two")
        assert (client.data[news], client.data[echo], server.data[echo]) == (b"one", b"two", b"up")
        assert (":protocol", "websocket") in server.heads[echo]

    play(script)


def test_more_than_the_window_waits_until_the_reader_takes_it(play) -> None:
    async def script(client: Http2End, server: Http2End) -> None:
        stream = await open_event_stream(client, server)
        client.unread.add(stream)
        server.send(stream, bytes(100_000))
        await client.until(lambda: len(client.data[stream]) >= 65_535)
        await client.round_trip()
        assert len(client.data[stream]) == 65_535
        client.take(stream)
        await client.until(lambda: len(client.data[stream]) == 100_000)

    play(script)


def test_a_stream_beyond_the_servers_limit_waits_for_one_to_end(play) -> None:
    async def script(client: Http2End, server: Http2End) -> None:
        first = await open_event_stream(client, server)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await client.ask("/")
        assert len(server.heads) == 1
        server.end(first)
        assert await client.ask("/") == first + 2

    play(script, 1)


def test_a_cancelled_stream_leaves_the_others_alone(play) -> None:
    async def script(client: Http2End, server: Http2End) -> None:
        one, two = await open_event_stream(client, server), await open_event_stream(client, server)
        client.cancel(one)
        await deliver(server, client, two, b"data: still here\n\n")

    play(script)


def test_a_paused_end_gets_nothing_until_it_goes_on(play) -> None:
    async def script(client: Http2End, server: Http2End) -> None:
        stream = await open_event_stream(client, server)
        client.pause()
        server.send(stream, b"data: Hello\n\n")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await client.round_trip()
        assert not client.data[stream]
        client.resume()
        await client.until(lambda: client.data[stream])

    play(script)


def test_without_the_servers_setting_no_websocket_is_asked_for(play) -> None:
    async def script(client: Http2End, server: Http2End) -> None:
        with pytest.raises(LocalProtocolError, match=r"RFC 8441 3"):
            await server.open_websocket("/echo")  # clients allow none

    play(script)


def test_whoever_waits_for_an_end_that_is_gone_is_told(play) -> None:
    async def script(client: Http2End, server: Http2End) -> None:
        server.abort()
        with pytest.raises(ConnectionFailed, match="is over"):
            await client.until(lambda: False)

    play(script)


def test_a_frame_that_breaks_the_rules_ends_the_connection(play) -> None:
    async def script(client: Http2End, server: Http2End) -> None:
        assert client._transport
        client._transport.write(encode_http2_frame(Http2Frame(DATA, 0, 99, b"on a stream that nobody opened")))
        with pytest.raises(ConnectionFailed):
            await server.until(lambda: False)
        with pytest.raises(ConnectionFailed):
            await client.until(lambda: False)

    play(script)
