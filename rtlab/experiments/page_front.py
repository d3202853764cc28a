"""One port in front of two servers: pages come from a lab, and everything else from the server under attack.

So a page can be of the attacked server's own origin. And a name that leads to this port does what a rebound name
does: the page came from the attacker, and then the same name and port lead to somebody else's server. Names and
cookies pass as they are.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from rtlab.clients.client import end_task
from rtlab.experiments.small_server import SmallServer

PAGES = "/page"
_LINE_S = 300.0
_PIECE_BYTES = 65_536


class PageFront(SmallServer):
    """Passes each connection on by the path of its first request; use it in a ``with`` block.

    Args:
        pages: The port of the lab that serves ``/page/``, on 127.0.0.1.
        others: The port of the server that gets all else.

    Attributes:
        requests: The heads that went to that server, byte for byte.
    """

    def __init__(self, pages: int, others: int) -> None:
        super().__init__()
        self._pages, self._others = pages, others
        self.requests: list[bytes] = []

    async def _serve(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        to_server, up = None, None
        try:
            # A browser may open a line in reserve, and either side may go.
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
                async with asyncio.timeout(_LINE_S):
                    head = await client.readuntil(b"\r\n\r\n")
                    for_pages = head.split(b" ", 2)[1].startswith(PAGES.encode())
                    if not for_pages:
                        self.requests.append(head)
                    port = self._pages if for_pages else self._others
                    server, to_server = await asyncio.open_connection("127.0.0.1", port)
                    to_server.write(_last_on_its_line(head))
                    up = asyncio.create_task(_copy(client, to_server))
                    await _copy(server, to_client)
        finally:
            await end_task(up)
            for writer in (to_server, to_client):
                if writer:
                    writer.close()


def _last_on_its_line(head: bytes) -> bytes:
    """Ask the server to end the line after this request, for the next one may be for the other server."""
    lines = head[:-4].split(b"\r\n")
    if any(line.lower().startswith(b"upgrade:") for line in lines):
        return head
    kept = [line for line in lines if not line.lower().startswith(b"connection:")]
    return b"\r\n".join((*kept, b"Connection: close", b"", b""))


async def _copy(source: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await source.read(_PIECE_BYTES):
            to.write(data)
            await to.drain()
        to.close()  # the other side shall know that this one has gone
