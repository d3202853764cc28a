"""The learner's page as an instrument: native EventSource, WebSocket and fetch, on command from Python."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypeVar
from urllib.parse import urlencode

from rtlab.errors import InputError, LabNotRunning
from rtlab.loop_thread import shared
from rtlab.pages.answer import Answer
from rtlab.pages.connection import PageConnection, PageEventSource, PageFetch, PageWebSocket
from rtlab.pages.desk import Desk
from rtlab.pages.records import PageFacts
from rtlab.servers.lab import Lab
from rtlab.servers.server import LabServer

READY_S = 30.0
"""How long the first command waits for a page to come."""

C = TypeVar("C", bound=PageConnection)


class Page:
    """A page that obeys; ``rtlab.browser_lab()`` gives it.

    Args:
        lab: The lab where the page reports, a plain one in this kernel.
        trusted: Whether the page trusts the lab's certificate, so that it may be one with TLS.

    Attributes:
        on_close: Called by ``close()`` in the end.
    """

    def __init__(self, lab: Lab, *, trusted: bool = False) -> None:
        server = lab.server
        if not isinstance(server, LabServer) or (server.tls and not trusted):
            raise InputError("A page reports to a lab of this kernel without TLS; others it may open: lab=other.")
        self.lab = lab
        self._server = server
        self.on_close: Callable[[], object] = lambda: None
        self._connections: dict[int, PageConnection] = {}
        self.desk = shared.call(self._open_desk, 5.0)

    @property
    def facts(self) -> PageFacts:
        """What the page is: browser, origin, route; waits for it.

        Raises:
            WaitTimeout: No page came.
            LabNotRunning: The lab was stopped.
        """
        self._require_lab()
        return shared.call(lambda: self.desk.ready(READY_S), READY_S + 1.0)

    @property
    def here(self) -> bool:
        """True if a page is there now."""
        return bool(self.desk.pages)

    @property
    def route(self) -> str:
        """``"direct"``, or ``"proxy"`` through the notebook server."""
        return self.facts.route

    @property
    def connections(self) -> tuple[PageConnection, ...]:
        """What is open in the page, oldest first."""
        return tuple(self._connections.values())

    def event_source(
        self,
        channel: str = "news",
        *,
        lab: Lab | None = None,
        url: str | None = None,
        types: Sequence[str] = (),
        with_credentials: bool = False,
        init: Mapping[str, Any] | None = None,
        timeout_s: float = 10.0,
    ) -> PageEventSource:
        """Open a native EventSource in the page.

        Args:
            channel: The channel to listen to.
            lab: Its lab; None for the one that the page reports to.
            url: Another address instead.
            types: Event types to listen to beside ``message``.
            with_credentials: Send cookies to another origin, too.
            init: What else the constructor is told; no browser heeds it.
            timeout_s: How long the page may take to begin, in seconds.

        Returns:
            The connection; ``wait("open")`` waits until it is open.

        Raises:
            InputError: The page refuses, as it does for a fifth stream through the proxy.
            WaitTimeout: There is no page, or it does not answer.
        """
        path = url or (lab or self.lab).sse_url(channel)
        wanted = {"types": list(types), "with_credentials": with_credentials, "init": dict(init or {})}
        return self._open(PageEventSource, "open_event_source", path, lab, wanted, timeout_s)

    def websocket(
        self,
        channel: str = "news",
        *,
        lab: Lab | None = None,
        url: str | None = None,
        protocols: Sequence[str] = (),
        binary_type: Literal["blob", "arraybuffer"] = "blob",
        timeout_s: float = 10.0,
    ) -> PageWebSocket:
        """Open a native WebSocket in the page.

        Args:
            channel: The channel to join; ``"echo"`` for what sends each message back.
            lab: Its lab; None for the one that the page reports to.
            url: Another address instead.
            protocols: Sub-protocols to offer.
            binary_type: What the script gets for a binary message.
            timeout_s: How long the page may take to begin, in seconds.

        Returns:
            The connection; ``wait("open")`` waits until it is open.

        Raises:
            InputError: The page refuses, as it does for the 201st.
            WaitTimeout: There is no page, or it does not answer.
        """
        chosen = lab or self.lab
        path = url or (chosen.echo_url() if channel == "echo" else chosen.ws_url(channel))
        path = f"http{path[2:]}" if path.startswith("ws") else path
        wanted = {"protocols": list(protocols), "binary_type": binary_type}
        return self._open(PageWebSocket, "open_websocket", path, lab, wanted, timeout_s)

    def fetch(
        self,
        channel: str = "news",
        *,
        lab: Lab | None = None,
        url: str | None = None,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        body: str | None = None,
        with_credentials: bool = False,
        timeout_s: float = 10.0,
    ) -> PageFetch:
        """Begin a ``fetch()`` in the page; its body is read piece by piece.

        Args:
            channel: The channel whose event stream to fetch.
            lab: Its lab; None for the one that the page reports to.
            url: Another address instead.
            method: The request's method.
            headers: Header fields, which an EventSource cannot set.
            body: The request's body.
            with_credentials: Send cookies to another origin, too.
            timeout_s: How long the page may take to begin, in seconds.

        Returns:
            The connection, with events ``open``, ``chunk``, ``end`` and ``error``.

        Raises:
            InputError: The page refuses.
            WaitTimeout: There is no page, or it does not answer.
        """
        path = url or (lab or self.lab).sse_url(channel)
        wanted = {
            "method": method,
            "headers": dict(headers or {}),
            "body": body,
            "with_credentials": with_credentials,
        }
        return self._open(PageFetch, "open_fetch", path, lab, wanted, timeout_s)

    def ask(
        self,
        verb: str,
        arguments: Mapping[str, Any] | None = None,
        *,
        connection: PageConnection | None = None,
        timeout_s: float = 10.0,
    ) -> Answer[dict[str, Any]]:
        """Give the page a command; experiments use it.

        Args:
            verb: What to do, such as ``"facts"`` or ``"ticks"``; ``static/page.js`` has the list.
            arguments: With what.
            connection: The connection it is about.
            timeout_s: How long the answer may take, in seconds; a page that is not there yet gets 30 s more.

        Returns:
            An answer on its way: ``.result()`` in a cell, ``await``, or ``add_done_callback()``.

        Raises:
            LabNotRunning: The lab was stopped.
        """
        self._require_lab()
        future = shared.submit(lambda: self.desk.ask(verb, arguments or {}, connection, ready_s=READY_S))
        return Answer(future, timeout_s + (0.0 if self.here else READY_S))

    def forget(self, connection: PageConnection) -> None:
        """Take a connection that has ended out of the books, and off the server.

        The notebook server's proxy keeps a stream that its page has closed.
        """
        self._connections.pop(connection.number, None)
        self.desk.forget(connection)
        lab = connection.lab
        if connection.route == "proxy" and lab and lab.running and isinstance(lab.server, LabServer):
            shared.loop.call_soon_threadsafe(lab.server.cut_tagged, self._tag(connection))

    def close(self) -> None:
        """Close everything that the page has open, and let the page go."""
        if self.lab.running and self.desk.token in self._server.desks:
            shared.call(self._close_desk, 5.0)
        self._connections.clear()
        self.on_close()

    def _open(
        self, kind: type[C], verb: str, url: str, lab: Lab | None, wanted: dict[str, Any], timeout_s: float
    ) -> C:
        own = lab or (self.lab if url.startswith(f"{self.lab.http_url}/") else None)
        connection = kind(self, self.desk.number(), url, own)
        secret = {"nonce": own.nonce, "tag": self._tag(connection)} if own else {}
        full = f"{url}{'&' if '?' in url else '?'}{urlencode(secret)}" if secret else url
        self._connections[connection.number] = connection
        try:
            answer = self.ask(verb, {"url": full, **wanted}, connection=connection, timeout_s=timeout_s).result()
            connection.began_ms = float(answer["at_ms"])
            connection.route = self.desk.route_of(connection)
        except BaseException:
            self.forget(connection)
            raise
        return connection

    def _require_lab(self) -> None:
        if not self.lab.running:
            raise LabNotRunning("The lab that this page reports to was stopped; call browser_lab() again.")

    def _tag(self, connection: PageConnection) -> str:
        return f"{self.desk.token}.{connection.number}"

    async def _open_desk(self) -> Desk:
        desk = Desk()
        self._server.desks[desk.token] = desk
        return desk

    async def _close_desk(self) -> None:
        del self._server.desks[self.desk.token]
        self.desk.leave()

    def __repr__(self) -> str:
        if not self.here:
            return "<Page: not there>"
        facts = self.desk.pages[-1]
        return f"<Page at {facts.origin}, {facts.route}: {len(self._connections)} connections>"
