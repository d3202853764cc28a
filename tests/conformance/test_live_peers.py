from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from rtlab.codecs.websocket_frames import CLOSE, PONG, FrameDecoder, encode_frame
from rtlab.codecs.websocket_handshake import accept_key, make_key
from rtlab.conformance import probe
from rtlab.conformance.live_peers import LiveServer, tornado
from rtlab.conformance.outcomes import WebSocketOutcome
from rtlab.conformance.vectors import WebSocketVector, feedings, websocket_vectors
from rtlab.errors import ConnectionFailed

HEAD = f"HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: {accept_key(make_key(bytes(16)))}\r\n\r\n"


def websocket_vector(id: str) -> WebSocketVector:
    (found,) = (vector for vector in websocket_vectors() if vector.id == id)
    return found


@pytest.fixture(autouse=True)
def short_stall(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "STALL_S", 0.3)


class ScriptedServer(LiveServer):
    """Accepts the handshake, then does with the connection what a test says."""

    tells_pings = False

    def __init__(
        self, script: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Any], head: str = HEAD
    ) -> None:
        self._script = script
        self._head = head

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(self._head.encode())
        await self._script(reader, writer)
        writer.close()
        self.over.set()


def fed(on_loop: Any, server: LiveServer, id: str) -> WebSocketOutcome:
    outcome, vector = WebSocketOutcome(), websocket_vector(id)

    async def run() -> None:
        await server.start()
        try:
            await server.converse(vector, vector.chunks, outcome)
        finally:
            await server.stop()

    on_loop(run())
    return outcome


async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(-1)


async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1)


async def fail_at_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1)
    writer.write(encode_frame(CLOSE, b"\x03\xea"))


async def answer_pings(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    frames = FrameDecoder()
    while data := await reader.read(65_536):
        for frame in frames.feed(data):
            if frame.opcode == 9:
                writer.write(encode_frame(PONG, frame.payload))


@pytest.mark.parametrize(
    ("script", "ending", "code"),
    [
        (say_nothing, "stalled", None),
        (hang_up, "dropped", None),
        (fail_at_once, "failed", 1002),
        (answer_pings, "open", None),
    ],
)
def test_an_ending_is_told_by_the_wire(on_loop: Any, script: Any, ending: str, code: int | None) -> None:
    outcome = fed(on_loop, ScriptedServer(script), "ping-10-s")
    assert (outcome.ending, outcome.code) == (ending, code)


def test_pings_are_known_by_their_answers_without_those_of_the_probe(on_loop: Any) -> None:
    outcome = fed(on_loop, ScriptedServer(answer_pings), "ping-10-s")
    assert outcome.pings == [b"%d" % number for number in range(10)]


def test_a_server_that_still_answers_after_bad_text_is_late(on_loop: Any) -> None:
    assert fed(on_loop, ScriptedServer(answer_pings), "utf8-bad-first-fragment-s").late
    assert not fed(on_loop, ScriptedServer(fail_at_once), "utf8-bad-first-fragment-s").late


@pytest.mark.parametrize("id", ["len-0-c", "pmd-hello-s"])
def test_a_refused_handshake_is_an_error(on_loop: Any, id: str) -> None:
    head = "HTTP/1.1 403 Forbidden\r\n\r\n" if id == "len-0-c" else HEAD
    with pytest.raises(ConnectionFailed, match="did not agree"):
        fed(on_loop, ScriptedServer(hang_up, head), id)


@pytest.mark.parametrize(
    ("id", "ending", "code"),
    [
        ("close-3000", "closed", 3000),
        ("close-empty-s", "closed", 1005),
        ("limit-fragments", "failed", 1009),
        ("pmd-bomb-4mib", "failed", 1009),
        ("rsv-all-s", "dropped", None),
    ],
)
def test_tornado_is_heard_to_its_end_however_the_bytes_are_cut(id: str, ending: str, code: int | None) -> None:
    vector = websocket_vector(id)
    with tornado() as feed:
        for chunks in feedings(vector).values():
            outcome = WebSocketOutcome()
            feed(vector, chunks, outcome)
            assert (outcome.ending, outcome.code) == (ending, code)
