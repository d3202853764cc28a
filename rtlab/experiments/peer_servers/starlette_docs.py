"""starlette on uvicorn as their documentation has it: ``send_text()`` for each, and ``EventSourceResponse``.

``send_text()`` waits by itself for a subscriber that is far behind; the queue of an event stream has a bound.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator

from sse_starlette import EventSourceResponse
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect
from uvicorn import Config, Server

from rtlab.experiments.peer_servers.pouring import HOST, STREAM, PeerServer, main

_LOOK_S = 0.01


class StarletteServer(PeerServer):
    """An application with four routes."""

    def __init__(self) -> None:
        self._queues: defaultdict[str, set[asyncio.Queue[str]]] = defaultdict(set)
        self._sockets: defaultdict[str, set[WebSocket]] = defaultdict(set)
        self._serving: asyncio.Task[None] | None = None
        self._application = Starlette(
            routes=[
                Route("/sse/{channel}", self._stream),
                WebSocketRoute("/ws/{channel}", self._socket),
                WebSocketRoute("/echo", self._echo),
                Route("/publish/{channel}", self._publish, methods=["POST"]),
            ]
        )

    async def start(self, port: int, *, compress: bool) -> int:
        """Listen; see :meth:`PeerServer.start`."""
        config = Config(
            self._application, HOST, port, log_level="warning", lifespan="off", ws_per_message_deflate=compress
        )
        self._uvicorn = Server(config)
        self._serving = asyncio.create_task(self._uvicorn.serve())
        while not self._uvicorn.started:
            if self._serving.done():
                self._serving.result()
            await asyncio.sleep(_LOOK_S)
        return int(self._uvicorn.servers[0].sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Stop; see :meth:`PeerServer.stop`."""
        self._uvicorn.should_exit = self._uvicorn.force_exit = True
        if self._serving:
            await self._serving

    def count(self) -> int:
        """Count; see :meth:`PeerServer.count`."""
        return len(self._queues[STREAM]) + len(self._sockets[STREAM])

    async def send(self, channel: str, text: str) -> None:
        """Send; see :meth:`PeerServer.send`."""
        for queue in tuple(self._queues[channel]):
            await queue.put(text)
        for socket in tuple(self._sockets[channel]):
            try:
                await socket.send_text(text)
            except (WebSocketDisconnect, RuntimeError):  # it went away while others were served
                self._sockets[channel].discard(socket)

    async def _stream(self, request: Request) -> EventSourceResponse:
        return EventSourceResponse(self._events(request.path_params["channel"]))

    async def _events(self, channel: str) -> AsyncIterator[dict[str, str]]:
        queue: asyncio.Queue[str] = asyncio.Queue(maxsize=64)
        self._queues[channel].add(queue)
        try:
            while True:
                yield {"data": await queue.get()}
        finally:
            self._queues[channel].discard(queue)
            while not queue.empty():  # a sender may wait for room
                queue.get_nowait()

    async def _socket(self, socket: WebSocket) -> None:
        await socket.accept()
        sockets = self._sockets[socket.path_params["channel"]]
        sockets.add(socket)
        try:
            while True:
                await socket.receive_text()
        except WebSocketDisconnect:
            pass
        finally:
            sockets.discard(socket)

    async def _echo(self, socket: WebSocket) -> None:
        await socket.accept()
        try:
            while True:
                await socket.send_text(await socket.receive_text())
        except WebSocketDisconnect:
            pass

    async def _publish(self, request: Request) -> JSONResponse:
        await self.send(request.path_params["channel"], (await request.body()).decode())
        return JSONResponse({"id": ""})


if __name__ == "__main__":
    main(StarletteServer())
