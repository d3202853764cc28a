"""The client's end of HTTP/2 connections to a lab: over TLS, which agrees on the version (ALPN)."""

from __future__ import annotations

import asyncio
import ssl
from types import TracebackType
from typing import Self

from h2.connection import H2Connection

from rtlab.clients.http2 import HOST, Http2End
from rtlab.errors import InputError
from rtlab.servers.lab import Lab


class _Unbound(H2Connection):
    """The rules, but for one: it opens streams whatever the server allows."""

    @property
    def open_outbound_streams(self) -> int:
        super().open_outbound_streams  # noqa: B018  # it forgets closed streams, too
        return 0


class ImpatientEnd(Http2End):
    """A client's end that does not wait until the server allows one more stream."""

    _rules = _Unbound


class Http2Client:
    """Opens HTTP/2 connections to a lab; used on the event loop, with ``async with``, at whose end all are closed.

    Args:
        lab: A running lab that speaks HTTP/2.
        port: Another port that leads to it, such as a relay's; 0 for its own.

    Attributes:
        ends: The client's ends of the connections, in the order of their opening.

    Raises:
        InputError: The lab speaks HTTP/1.1 only.
    """

    def __init__(self, lab: Lab, port: int = 0) -> None:
        if not lab.server.http2:
            raise InputError("This lab speaks HTTP/1.1 only; start one with rtlab.start_lab(..., http2=True).")
        self._port = port or lab.port
        self._context = ssl.create_default_context(cadata=lab.ca_pem)
        self._context.set_alpn_protocols(["h2"])
        self.ends: list[Http2End] = []

    async def connect(self, kind: type[Http2End] = Http2End) -> Http2End:
        """Open one TCP connection, shake hands, and wait until each end knows the settings of the other.

        Args:
            kind: What the client's end does beyond the rules.

        Raises:
            WaitTimeout: The server did not do its part.
        """
        loop = asyncio.get_running_loop()
        origin = ("https", f"{HOST}:{self._port}")
        _, end = await loop.create_connection(
            lambda: kind(None, origin), HOST, self._port, ssl=self._context, server_hostname=HOST
        )
        self.ends.append(end)
        await end.ready()
        return end

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for end in self.ends:
            end.abort()
        for end in self.ends:
            await end.closed()
