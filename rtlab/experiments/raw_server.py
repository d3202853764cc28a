"""A server that sends a body exactly as it was written down, right or wrong.

It is an exhibit: what a careless server sends, and what a client makes of it. The lab's own streams go through an
encoder that refuses such bytes.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from types import TracebackType
from typing import Self

from rtlab.clients.client import end_task
from rtlab.codecs.http1 import LAST_CHUNK, ResponseHead, encode_chunk, encode_response_head
from rtlab.loop_thread import shared

_TIMEOUT_S = 10.0


class RawServer:
    """Answers the first request of each path with the same pieces, and each further one with 204: do not come back.

    Args:
        pieces: The body; each becomes one chunk. Empty pieces are left out, for an empty chunk ends a body.
        content_type: What the answer says it is.

    Attributes:
        requests: How many requests came, by path.
    """

    def __init__(self, *pieces: bytes, content_type: str = "text/event-stream") -> None:
        head = (("Content-Type", content_type), ("Transfer-Encoding", "chunked"), ("Connection", "close"))
        body = b"".join(encode_chunk(piece) for piece in pieces if piece)
        self._answer = encode_response_head(ResponseHead(200, "OK", head)) + body + LAST_CHUNK
        self._no_more = encode_response_head(ResponseHead(204, "No Content", (("Connection", "close"),)))
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None] | None] = set()
        self.requests: Counter[str] = Counter()

    def url(self, path: str = "/") -> str:
        """Give the address of a path."""
        assert self._server
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}{path}"

    async def start_soon(self) -> None:
        """Listen on a free port of loopback; runs on the loop."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)

    async def stop_soon(self) -> None:
        """Stop listening and end every connection; runs on the loop."""
        if self._server:
            self._server.close()
        await asyncio.gather(*(end_task(task) for task in tuple(self._open)))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        self._open.add(task)
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                request = await reader.readuntil(b"\r\n\r\n")
                path = request.split(b" ", 2)[1].decode("latin-1")
                self.requests[path] += 1
                writer.write(self._answer if self.requests[path] == 1 else self._no_more)
                writer.write_eof()
                await reader.read()  # the client closes first, so that it loses nothing to a reset
        except (OSError, asyncio.IncompleteReadError):
            pass  # the client has gone, or says nothing
        finally:
            self._open.discard(task)
            writer.close()

    def __enter__(self) -> Self:
        shared.hold()
        try:
            shared.call(self.start_soon, _TIMEOUT_S)
        except BaseException:
            shared.release()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            shared.call(self.stop_soon, _TIMEOUT_S)
        finally:
            shared.release()
