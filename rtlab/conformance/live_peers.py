"""WebSocket servers that cannot be fed without a socket: each listens on the loopback and gets the bytes there."""

from __future__ import annotations

import asyncio
import importlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, ClassVar

from rtlab.conformance.outcomes import WebSocketOutcome
from rtlab.conformance.probe import AT_THE_END, OUR_PINGS, STALL_S, Probe
from rtlab.conformance.vectors import WebSocketVector
from rtlab.loop_thread import shared

_CALL_S = 30.0
_DEFAULT_MAX_BYTES = 1_048_576
_NO_CODE = 1005
_HOST = "127.0.0.1"

Feed = Callable[[WebSocketVector, Sequence[bytes], WebSocketOutcome], None]


@contextmanager
def tornado() -> Iterator[Feed]:
    """Run a tornado server and give the function that feeds it."""
    with _listening(TornadoServer) as feed:
        yield feed


@contextmanager
def aiohttp() -> Iterator[Feed]:
    """Run an aiohttp server and give the function that feeds it."""
    with _listening(AiohttpServer) as feed:
        yield feed


@contextmanager
def _listening(kind: type[LiveServer]) -> Iterator[Feed]:
    shared.hold()
    try:
        server = kind()
        shared.call(server.start, _CALL_S)
        try:
            yield lambda *fed: shared.call(lambda: server.converse(*fed), _CALL_S)
        finally:
            shared.call(server.stop, _CALL_S)
    finally:
        shared.release()


class LiveServer(ABC):
    """A server on the loopback whose application notes what it is told; it has one connection at a time.

    Attributes:
        tells_pings: Whether the application is told of pings; if not, they are known by their answers.
        port: Where it listens.
        vector: The vector that is being sent.
        outcome: Where the application notes messages, pings and pongs.
        told_code: The code in the client's close frame as the application is told it, 1005 for none in it; None
            if the application is not told of a close frame.
        over: Set when the application knows that the connection has ended.
    """

    tells_pings: ClassVar[bool]
    port: int
    vector: WebSocketVector
    outcome: WebSocketOutcome
    told_code: int | None
    over: asyncio.Event

    @abstractmethod
    async def start(self) -> None:
        """Listen on a free port."""

    @abstractmethod
    async def stop(self) -> None:
        """Stop listening; what is open is closed."""

    @property
    def max_message_bytes(self) -> int:
        """The limit for the vector that is being sent."""
        return self.vector.max_message_bytes or _DEFAULT_MAX_BYTES

    async def converse(self, vector: WebSocketVector, chunks: Sequence[bytes], outcome: WebSocketOutcome) -> None:
        """Send a vector over a connection of its own.

        Args:
            vector: The vector.
            chunks: Its bytes, as they shall be written.
            outcome: Where to note what becomes of it.

        Raises:
            ConnectionFailed: The opening handshake did not succeed.
        """
        self.vector, self.outcome, self.told_code, self.over = vector, outcome, None, asyncio.Event()
        probe = Probe(self.port)
        try:
            await probe.open(vector.needs_deflate)
            outcome.late = await probe.play(chunks, vector.due_bytes)
            if probe.over:
                await probe.wait_for_end()
                await self._wait_for_over()
            self._note_ending(probe)
        finally:
            await probe.close()
            await self._wait_for_over()

    def _note_ending(self, probe: Probe) -> None:
        payload = probe.close_payload
        sent_code = None if payload is None else int.from_bytes(payload[:2]) if payload else _NO_CODE
        if self.told_code is not None:
            self.outcome.close(self.told_code, sent_code)
        elif sent_code == _NO_CODE:  # an empty close frame can only be the answer to one
            self.outcome.close(_NO_CODE, _NO_CODE)
        elif sent_code is not None:
            self.outcome.fail(sent_code)
        elif probe.ended:
            self.outcome.drop()
        elif AT_THE_END not in probe.pongs:
            self.outcome.ending = "stalled"
        if not self.tells_pings:
            self.outcome.pings = [payload for payload in probe.pongs if payload not in OUR_PINGS]

    async def _wait_for_over(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self.over.wait(), STALL_S)


class TornadoServer(LiveServer):
    """tornado's ``WebSocketHandler``."""

    tells_pings = True

    async def start(self) -> None:
        """Listen on a free port."""
        base: Any = importlib.import_module("tornado.websocket").WebSocketHandler
        server = self

        class Handler(base):  # type: ignore[misc]  # imported by name, so mypy does not see it
            @property
            def max_message_size(self) -> int:
                return server.max_message_bytes

            def get_compression_options(self) -> dict[str, Any] | None:
                return {} if server.vector.needs_deflate else None

            def on_message(self, message: str | bytes) -> None:
                server.outcome.deliver(message)

            def on_ping(self, data: bytes) -> None:
                if data not in OUR_PINGS:
                    server.outcome.pings.append(data)

            def on_pong(self, data: bytes) -> None:
                if server.outcome.pongs is not None:
                    server.outcome.pongs.append(data)

            def on_close(self) -> None:
                server.told_code = self.close_code
                server.over.set()

        application = importlib.import_module("tornado.web").Application([("/", Handler)])
        self._http = importlib.import_module("tornado.httpserver").HTTPServer(application)
        sockets = importlib.import_module("tornado.netutil").bind_sockets(0, _HOST)
        self.port = sockets[0].getsockname()[1]
        self._http.add_sockets(sockets)

    async def stop(self) -> None:
        """Stop listening; what is open is closed."""
        self._http.stop()
        await self._http.close_all_connections()


class AiohttpServer(LiveServer):
    """aiohttp's ``WebSocketResponse``, which answers pings by itself and tells its application nothing of pongs."""

    tells_pings = False

    async def start(self) -> None:
        """Listen on a free port."""
        self._web = importlib.import_module("aiohttp.web")
        self._runner = self._web.ServerRunner(self._web.Server(self._serve, access_log=None), shutdown_timeout=1.0)
        await self._runner.setup()
        await self._web.TCPSite(self._runner, _HOST, 0).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Stop listening; what is open is closed."""
        await self._runner.cleanup()

    async def _serve(self, request: Any) -> Any:
        over, kinds = self.over, self._web.WSMsgType
        self.outcome.pongs = None
        socket = self._web.WebSocketResponse(
            max_msg_size=self.max_message_bytes, compress=self.vector.needs_deflate
        )
        try:
            await socket.prepare(request)
            while True:
                message = await socket.receive()
                if message.type in (kinds.TEXT, kinds.BINARY):
                    self.outcome.deliver(message.data)
                    continue
                if message.type == kinds.CLOSE:
                    self.told_code = int(message.data) or _NO_CODE  # 0 stands for none
                return socket
        finally:
            over.set()
