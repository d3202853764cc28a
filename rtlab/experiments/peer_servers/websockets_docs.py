"""websockets as its documentation has it: a set of connections and ``broadcast()``.

``broadcast()`` waits for nobody, so the sender looks at what each connection has left unsent.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict

from websockets.asyncio.server import Server, ServerConnection, broadcast, serve

from rtlab.experiments.peer_servers.pouring import BEHIND_BYTES, HOST, STREAM, PeerServer, main

_LOOK_S = 0.001


class WebsocketsServer(PeerServer):
    """A server with two paths; the library has no event streams."""

    offers = ("websocket",)

    def __init__(self) -> None:
        self._connections: defaultdict[str, set[ServerConnection]] = defaultdict(set)
        self._server: Server | None = None

    async def start(self, port: int, *, compress: bool) -> int:
        """Listen; see :meth:`PeerServer.start`."""
        self._server = await serve(self._serve, HOST, port, compression="deflate" if compress else None)
        return int(next(iter(self._server.sockets)).getsockname()[1])

    async def stop(self) -> None:
        """Stop; see :meth:`PeerServer.stop`."""
        if self._server:
            self._server.close()
            await self._server.wait_closed()

    def count(self) -> int:
        """Count; see :meth:`PeerServer.count`."""
        return len(self._connections[STREAM])

    async def send(self, channel: str, text: str) -> None:
        """Send; see :meth:`PeerServer.send`."""
        connections = self._connections[channel]
        broadcast(connections, text)
        while any(each.transport.get_write_buffer_size() > BEHIND_BYTES for each in connections):
            await asyncio.sleep(_LOOK_S)

    async def _serve(self, connection: ServerConnection) -> None:
        assert connection.request
        if connection.request.path == "/echo":
            async for message in connection:
                await connection.send(message)
            return
        connections = self._connections[connection.request.path.removeprefix("/ws/")]
        connections.add(connection)
        try:
            await connection.wait_closed()
        finally:
            connections.discard(connection)


if __name__ == "__main__":
    main(WebsocketsServer())
