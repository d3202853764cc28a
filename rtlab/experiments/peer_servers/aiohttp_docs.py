"""aiohttp as its documentation has it: a set of responses, ``await send_str()`` and ``await write()`` for each.

Both wait by themselves while a subscriber has more than 64 KiB unsent.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import suppress

from aiohttp import WSMsgType, web

from rtlab.experiments.peer_servers.pouring import HOST, STREAM, PeerServer, main


class AiohttpServer(PeerServer):
    """An application with four routes."""

    def __init__(self) -> None:
        self._streams: defaultdict[str, set[web.StreamResponse]] = defaultdict(set)
        self._sockets: defaultdict[str, set[web.WebSocketResponse]] = defaultdict(set)
        self._compress = False
        application = web.Application()
        application.add_routes(
            [
                web.get("/sse/{channel}", self._stream),
                web.get("/ws/{channel}", self._socket),
                web.get("/echo", self._echo),
                web.post("/publish/{channel}", self._publish),
            ]
        )
        self._runner = web.AppRunner(application, handler_cancellation=True, shutdown_timeout=0.5)

    async def start(self, port: int, *, compress: bool) -> int:
        """Listen; see :meth:`PeerServer.start`."""
        self._compress = compress
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, port).start()
        return int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Stop; see :meth:`PeerServer.stop`."""
        await self._runner.cleanup()

    def count(self) -> int:
        """Count; see :meth:`PeerServer.count`."""
        return len(self._streams[STREAM]) + len(self._sockets[STREAM])

    async def send(self, channel: str, text: str) -> None:
        """Send; see :meth:`PeerServer.send`."""
        for stream in tuple(self._streams[channel]):
            with suppress(ConnectionError):
                await stream.write(f"data: {text}\n\n".encode())
        for socket in tuple(self._sockets[channel]):
            with suppress(ConnectionError):
                await socket.send_str(text)

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        await response.prepare(request)
        streams = self._streams[request.match_info["channel"]]
        streams.add(response)
        try:
            await asyncio.Event().wait()  # aiohttp cancels this when the client goes
        finally:
            streams.discard(response)
        return response

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(compress=self._compress)
        await socket.prepare(request)
        sockets = self._sockets[request.match_info["channel"]]
        sockets.add(socket)
        try:
            async for _ in socket:
                pass
        finally:
            sockets.discard(socket)
        return socket

    async def _echo(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(compress=self._compress)
        await socket.prepare(request)
        async for message in socket:
            if message.type == WSMsgType.TEXT:
                await socket.send_str(message.data)
        return socket

    async def _publish(self, request: web.Request) -> web.Response:
        await self.send(request.match_info["channel"], await request.text())
        return web.json_response({"id": ""})


if __name__ == "__main__":
    main(AiohttpServer())
