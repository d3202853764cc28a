"""A server on a port of its own that does to a page's connections what a script says, path by path.

A lab refuses, answers and closes as its rules want. An experiment in a page needs servers that stand still, close
with any code or cut the line. The port is of loopback, and a secret in each path keeps other pages out.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

from rtlab import clock
from rtlab.codecs.http1 import Headers, RequestDecoder, RequestHead, ResponseHead, encode_response_head
from rtlab.codecs.websocket_frames import CLOSE, encode_frame
from rtlab.codecs.websocket_handshake import check_opening_request, opening_response
from rtlab.codecs.websocket_session import Event, WebSocketSession
from rtlab.errors import PortUnavailable, RemoteProtocolError, WaitTimeout
from rtlab.experiments.small_server import SmallServer
from rtlab.loop_thread import shared

MAX_LINES = 100
RECEIVE_BUFFER_BYTES = 65_536
"""Small, so that what a script does not read soon waits in the page."""
_LINE_S = 60.0
_READ_BYTES = 262_144


class ExhibitLine:
    """One connection of a page.

    Attributes:
        head: What the page asked with.
        session: What was said on it, once it is a WebSocket.
        ended_ns: When the script was done with it; 0 before.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: RequestHead) -> None:
        self._reader = reader
        self._writer = writer
        self.head = head
        self.session = WebSocketSession("server")
        self.ended_ns = 0

    async def answer(self, status: int, headers: Headers = (), body: bytes = b"") -> None:
        """Answer a plain request, or refuse a WebSocket, and end the connection."""
        framing = (("Content-Length", str(len(body))), ("Connection", "close"))
        self._writer.write(encode_response_head(ResponseHead(status, "", (*headers, *framing))) + body)
        await self._writer.drain()
        self._writer.write_eof()
        await self._reader.read()  # the client closes first, so that it loses nothing to a reset

    async def open(self, headers: Headers = ()) -> None:
        """Answer the opening handshake of a WebSocket.

        Args:
            headers: Further header fields of the answer.

        Raises:
            RemoteProtocolError: It is none.
        """
        self._writer.write(
            encode_response_head(opening_response(check_opening_request(self.head), headers=headers))
        )
        await self._writer.drain()

    async def read(self) -> list[Event]:
        """Take what comes next, answering pings and a close frame; empty when the page has gone."""
        while data := await self._reader.read(_READ_BYTES):
            events = self.session.feed(data)
            await self.write(self.session.take_output())
            if events:
                return events
        self.session.end()
        return []

    async def write(self, data: bytes) -> None:
        """Send bytes as they are."""
        self._writer.write(data)
        await self._writer.drain()

    async def close(self, code: int | None, reason: str = "") -> None:
        """Send a close frame, without a code if it is None, and wait for the page's."""
        if code:
            await self.write(self.session.send_close(code, reason))
        else:
            self.session.can_send = False  # our close frame, which the session cannot make, is the last we send
            await self.write(encode_frame(CLOSE, b""))
        await self.wait_closed()

    async def wait_closed(self) -> None:
        """Read on until the page has closed or has gone."""
        while self.session.close_code is None:
            await self.read()

    def cut(self) -> None:
        """End the connection without a word."""
        self._writer.transport.abort()


Script = Callable[[ExhibitLine], Awaitable[None]]


class PageExhibit(SmallServer):
    """Serves each path by a script; use it in a ``with`` block.

    Args:
        scripts: What to do with a connection, by path.
        ports: Ports to listen on, the first that is free; 0 lets the system choose.
        tls: Speak TLS.

    Attributes:
        accepted: How many connections came, whatever they asked for.
    """

    def __init__(
        self, scripts: Mapping[str, Script], *, ports: tuple[int, ...] = (0,), tls: ssl.SSLContext | None = None
    ) -> None:
        super().__init__()
        self._scripts = {f"/{secrets.token_hex(8)}/{path}": script for path, script in scripts.items()}
        self._targets = {target.rsplit("/", 1)[1]: target for target in self._scripts}
        self._ports = ports
        self._tls = tls
        self._lines: dict[str, ExhibitLine] = {}
        self._news = asyncio.Event()
        self.accepted = 0

    def url(self, path: str, scheme: str = "ws", host: str = "127.0.0.1") -> str:
        """Give the address of a path."""
        return f"{scheme}://{host}:{self.port}{self._targets[path]}"

    def line(self, path: str) -> ExhibitLine | None:
        """Give the newest connection to a path; None if none came."""
        return self._lines.get(self._targets[path])

    def ended(self, path: str, timeout_s: float = 5.0) -> ExhibitLine:
        """Wait until the script of a path is done with its connection.

        Raises:
            WaitTimeout: It is not done in time, or nobody came.
        """
        return shared.call(lambda: self._ended_soon(path, timeout_s), timeout_s + 1.0)

    async def _ended_soon(self, path: str, timeout_s: float) -> ExhibitLine:
        try:
            async with asyncio.timeout(timeout_s):
                while not ((line := self.line(path)) and line.ended_ns):
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError as error:
            raise WaitTimeout(f"The connection to {path!r} has not ended within {timeout_s:g} s.") from error
        return line

    async def start_soon(self) -> None:
        """Begin to listen on the first port that is free; runs on the loop."""
        for port in self._ports:
            listener = socket.socket()
            try:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
                listener.bind(("127.0.0.1", port))
            except OSError:
                listener.close()
                continue
            limit = RECEIVE_BUFFER_BYTES
            self._server = await asyncio.start_server(self._accept, sock=listener, limit=limit)
            return
        raise PortUnavailable(f"None of the ports {self._ports} is free.")

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        if self.accepted > MAX_LINES:
            writer.transport.abort()
            return
        super()._accept(reader, writer)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = None
        try:
            # The page has gone, does not trust us, says nothing, or says what is no request.
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, RemoteProtocolError):
                async with asyncio.timeout(_LINE_S):
                    if self._tls:
                        await writer.start_tls(self._tls)
                    (head,) = RequestDecoder().feed(await reader.readuntil(b"\r\n\r\n"))[:1]
                    assert isinstance(head, RequestHead)
                    if script := self._scripts.get(head.target):
                        line = self._lines[head.target] = ExhibitLine(reader, writer, head)
                        await script(line)
        finally:
            writer.transport.abort() if line is None or line.session.close_code is None else writer.close()
            if line:
                line.ended_ns = clock.now_ns()
            self._news.set()
