"""A server on a port of its own that answers from a script, and notes who asked for what and when.

It is an exhibit: a server that refuses, redirects, breaks off or cannot be trusted, always in the same way.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal

from rtlab import clock
from rtlab.codecs.http1 import RequestDecoder, RequestHead
from rtlab.codecs.websocket_handshake import accept_key
from rtlab.errors import RemoteProtocolError
from rtlab.experiments.small_server import SmallServer

MOST_ANSWERS = 5
"""A client that comes more often is left waiting, so that an eager one does no harm."""
_TIMEOUT_S = 30.0
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
_PAUSE_S = 0.05  # a reset must not overtake what was written


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent for one request, and what happens to the connection then.

    Attributes:
        data: The bytes of the answer; of a WebSocket what follows its opening handshake.
        then: ``"end"`` it in order, ``"reset"`` it, or ``"hold"`` it open.
        upgrade: Answer the opening handshake of a WebSocket first.
    """

    data: bytes
    then: Literal["end", "reset", "hold"] = "end"
    upgrade: bool = False


@dataclass(slots=True)
class Asked:
    """One request.

    Attributes:
        target: What was asked for.
        last_event_id: Its ``Last-Event-ID``, or None.
        at_ns: When it had come.
        answered_ns: When the connection was done with; 0 before.
    """

    target: str
    last_event_id: str | None
    at_ns: int
    answered_ns: int = field(default=0)


class ScriptedServer(SmallServer):
    """Answers the requests of each path in the order of a script; the last answer repeats.

    Args:
        script: The answers by path.
        tls: Speak TLS; a client that does not trust the certificate never gets to its request.

    Attributes:
        requests: What was asked, in the order in which it came.
        accepted_ns: When each connection came.
    """

    def __init__(self, script: Mapping[str, Sequence[Answer]], tls: ssl.SSLContext | None = None) -> None:
        super().__init__()
        self._script = script
        self._tls = tls
        self.requests: list[Asked] = []
        self.accepted_ns: list[int] = []

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted_ns.append(clock.now_ns())
        try:
            # The client has gone, does not trust us, says nothing, or says what is no request.
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, RemoteProtocolError):
                async with asyncio.timeout(_TIMEOUT_S):
                    if self._tls:
                        await writer.start_tls(self._tls)
                    await self._answer(reader, writer)
        finally:
            writer.transport.abort()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        (head,) = RequestDecoder().feed(await reader.readuntil(b"\r\n\r\n"))[:1]
        assert isinstance(head, RequestHead)
        asked = Asked(head.target, head.get("Last-Event-ID"), clock.now_ns())
        earlier = sum(1 for request in self.requests if request.target == asked.target)
        self.requests.append(asked)
        answers = self._script.get(head.target)
        if len(self.requests) > MOST_ANSWERS or not answers:
            await reader.read()
            return
        answer = answers[min(earlier, len(answers) - 1)]
        writer.write(_switching(head) * answer.upgrade + answer.data)
        await writer.drain()
        if answer.then == "reset":
            await asyncio.sleep(_PAUSE_S)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
            writer.transport.abort()
        elif answer.then == "end":
            writer.write_eof()
        asked.answered_ns = clock.now_ns()
        await reader.read()  # the client closes first, so that it loses nothing to a reset


def _switching(head: RequestHead) -> bytes:
    accept = accept_key(head.get("Sec-WebSocket-Key") or "")
    return (
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: {accept}\r\n\r\n"
    ).encode()
