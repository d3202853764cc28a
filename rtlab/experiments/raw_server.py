"""A server that sends a body exactly as it was written down, right or wrong.

It is an exhibit: what a careless server sends, and what a client makes of it. The lab's own streams go through an
encoder that refuses such bytes.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress

from rtlab.codecs.http1 import LAST_CHUNK, ResponseHead, encode_chunk, encode_response_head
from rtlab.experiments.small_server import SmallServer

_TIMEOUT_S = 10.0


class RawServer(SmallServer):
    """Answers the first request of each path with the same pieces, and each further one with 204: do not come back.

    Args:
        pieces: The body; each becomes one chunk. Empty pieces are left out, for an empty chunk ends a body.
        content_type: What the answer says it is.

    Attributes:
        requests: How many requests came, by path.
    """

    def __init__(self, *pieces: bytes, content_type: str = "text/event-stream") -> None:
        super().__init__()
        head = (("Content-Type", content_type), ("Transfer-Encoding", "chunked"), ("Connection", "close"))
        body = b"".join(encode_chunk(piece) for piece in pieces if piece)
        self._answer = encode_response_head(ResponseHead(200, "OK", head)) + body + LAST_CHUNK
        self._no_more = encode_response_head(ResponseHead(204, "No Content", (("Connection", "close"),)))
        self.requests: Counter[str] = Counter()

    def url(self, path: str = "/") -> str:
        """Give the address of a path."""
        return f"http://127.0.0.1:{self.port}{path}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(OSError, asyncio.IncompleteReadError):  # the client has gone, or says nothing
                async with asyncio.timeout(_TIMEOUT_S):
                    request = await reader.readuntil(b"\r\n\r\n")
                    path = request.split(b" ", 2)[1].decode("latin-1")
                    self.requests[path] += 1
                    writer.write(self._answer if self.requests[path] == 1 else self._no_more)
                    writer.write_eof()
                    await reader.read()  # the client closes first, so that it loses nothing to a reset
        finally:
            writer.close()
