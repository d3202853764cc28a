"""A proxy that reads HTTP between client and server, as a reverse proxy does, and can change headers.

It is an exhibit. What it understands is HTTP/1.1: a request head, an answer's head and an answer's body. It notes
what it could read, and what went through that was no HTTP.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from rtlab.clients.client import end_task
from rtlab.clients.wire import Address
from rtlab.codecs.http1 import (
    BodyData,
    Headers,
    RequestDecoder,
    RequestHead,
    ResponseDecoder,
    ResponseHead,
    encode_request_head,
    encode_response_head,
)
from rtlab.errors import InputError, RemoteProtocolError
from rtlab.experiments.small_server import SmallServer
from rtlab.servers.lab import Lab

Edit = Callable[[Headers], Headers]
_HEAD_END = b"\r\n\r\n"
_TIMEOUT_S = 10.0
_PIECE_BYTES = 65_536


def pass_on(headers: Headers) -> Headers:
    """Leave the headers as they are, as a proxy does that was set up for WebSocket."""
    return headers


@dataclass(slots=True)
class Seen:
    """What the intermediary could read of one exchange.

    Attributes:
        target: Path and query of the request.
        lost: Names of the header fields that it took out of the request.
        status: The answer's status; 0 before there is one.
        body_bytes: Bytes of the answer's body so far.
        other_bytes: Bytes of the server so far that were no HTTP any more.
    """

    target: str
    lost: tuple[str, ...]
    status: int = 0
    body_bytes: int = 0
    other_bytes: int = 0


class Intermediary(SmallServer):
    """Passes one exchange a connection on to a lab, and edits the heads on their way.

    Args:
        lab: The running lab, without TLS: what is encrypted cannot be read.
        edit_request: What happens to the headers of each request.
        edit_answer: What happens to the headers of each answer.

    Attributes:
        seen: The exchanges, in the order in which they came.

    Raises:
        InputError: The lab speaks TLS.
    """

    def __init__(self, lab: Lab, *, edit_request: Edit = pass_on, edit_answer: Edit = pass_on) -> None:
        super().__init__()
        address = Address.parse(lab.http_url, ("http", "https"))
        if address.secure:
            raise InputError("An intermediary that reads HTTP needs a lab without TLS.")
        self._target = address.host, address.port
        self._edit_request, self._edit_answer = edit_request, edit_answer
        self.seen: list[Seen] = []

    def http_url(self, target: str) -> str:
        """Give the address of a path through the intermediary."""
        return f"http://127.0.0.1:{self.port}{target}"

    def ws_url(self, target: str) -> str:
        """Give the address of a WebSocket's path through the intermediary."""
        return self.http_url(target).replace("http", "ws", 1)

    async def _serve(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        to_server = None
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                server, to_server = await asyncio.open_connection(*self._target)
                seen = self._pass_request(await client.readuntil(_HEAD_END), to_server)
                decoder = self._pass_answer(await server.readuntil(_HEAD_END), to_client, seen)
            up = asyncio.create_task(_copy(client, to_server))
            try:
                await self._pass_rest(server, to_client, decoder, seen)
            finally:
                await end_task(up)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, RemoteProtocolError):
            pass  # one side has gone, or spoke no HTTP; both lines end below
        finally:
            to_client.close()
            if to_server:
                to_server.close()

    def _pass_request(self, data: bytes, to_server: asyncio.StreamWriter) -> Seen:
        head = RequestDecoder().feed(data)[0]
        assert isinstance(head, RequestHead)
        kept = self._edit_request(head.headers)
        names = {name for name, _ in kept}
        self.seen.append(Seen(head.target, tuple(name for name, _ in head.headers if name not in names)))
        to_server.write(encode_request_head(replace(head, headers=kept)))
        return self.seen[-1]

    def _pass_answer(self, data: bytes, to_client: asyncio.StreamWriter, seen: Seen) -> ResponseDecoder:
        decoder = ResponseDecoder()
        head = decoder.feed(data)[0]
        assert isinstance(head, ResponseHead)
        seen.status = head.status
        to_client.write(encode_response_head(replace(head, headers=self._edit_answer(head.headers))))
        return decoder

    async def _pass_rest(
        self, server: asyncio.StreamReader, to_client: asyncio.StreamWriter, decoder: ResponseDecoder, seen: Seen
    ) -> None:
        while data := await server.read(_PIECE_BYTES):
            # Counted before it goes on: whoever has it at the other end finds it here.
            seen.body_bytes += sum(len(item.data) for item in decoder.feed(data) if isinstance(item, BodyData))
            seen.other_bytes = len(decoder.rest)
            to_client.write(data)
            await to_client.drain()


async def _copy(client: asyncio.StreamReader, to_server: asyncio.StreamWriter) -> None:
    while data := await client.read(_PIECE_BYTES):
        to_server.write(data)
        await to_server.drain()
    to_server.close()  # the client has gone, and the server shall know
