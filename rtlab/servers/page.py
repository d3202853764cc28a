"""``/page``: where a page in somebody's browser reports, and gets its commands.

A desk is what such a page reports to. Its token is a secret of one widget and opens nothing but its own line, so a
page may come from any origin and through any proxy. ``/page/`` is a bare page for a browser that the kernel drives.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Protocol

from tornado.web import HTTPError

from rtlab.codecs.permessage_deflate import DeflateOptions
from rtlab.errors import RemoteProtocolError
from rtlab.resources import page_script
from rtlab.servers.connection import Connection
from rtlab.servers.guards import GuardedHandler
from rtlab.servers.websocket import WebSocketExchange, WebSocketPeer

_BARE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>rtlab: a page that is driven</title>
<link rel="icon" href="data:,"><p role="status" id="status"></p>
<script type="module">
import { startAlone } from "./page.js";
globalThis.page = startAlone(document.getElementById("status"));
</script></html>
"""


class Desk(Protocol):
    """What pages report to; its methods run on the event loop's thread."""

    @property
    def token(self) -> str:
        """What a page must show."""

    @property
    def proof(self) -> str:
        """What the lab shows in return: another program on that port could not."""

    def said(self, page: PagePeer, message: Mapping[str, Any]) -> None:
        """Take a report."""

    def left(self, page: PagePeer) -> None:
        """Take note that a page is gone."""


class PagePeer(WebSocketPeer):
    """The line to one page."""

    __slots__ = ("desk",)

    desk: Desk

    def say(self, message: Mapping[str, Any]) -> None:
        """Send a command."""
        if self.session.can_send:
            self.connection.send(self.session.send_text(json.dumps(message)))

    def closed(self) -> None:
        """See :meth:`Peer.closed`."""
        super().closed()
        self.desk.left(self)


class PageExchange(WebSocketExchange):
    """Opens the line of a page that knows a desk's token."""

    def check(self) -> None:
        """Let in who knows a desk; where the page comes from does not matter then.

        Raises:
            HTTPError: 403 without a desk's token.
        """
        if self._token not in self.server.desks:
            raise HTTPError(403, "No widget of this lab has that token.")

    @property
    def _token(self) -> str:
        return self.request.query_arguments.get("desk", [b""])[-1].decode(errors="replace")

    def make_peer(self, connection: Connection, name: str, compression: DeflateOptions | None) -> PagePeer:
        """See :meth:`WebSocketExchange.make_peer`."""
        return PagePeer(connection, name, self.server, compression)

    def handle(self, name: str) -> None:
        """Greet the page, and hand what it says to its desk."""
        if (opened := self.open_peer("page")) is None:
            return
        peer, _ = opened
        assert isinstance(peer, PagePeer)
        peer.desk = desk = self.server.desks[self._token]

        def hear(message: str | bytes) -> None:
            try:
                said = json.loads(message)
                desk.said(peer, said)
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise RemoteProtocolError("A page reports in objects of JSON.", close_code=1008) from error

        peer.on_message = hear
        peer.say({"proof": desk.proof})
        self.server.admit(peer)


class BarePageHandler(GuardedHandler):
    """Serves the bare page."""

    needs_token = False

    def get(self) -> None:
        """Answer with the page."""
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(_BARE)


class PageScriptHandler(GuardedHandler):
    """Serves the script that the bare page and the notebook's widget share."""

    needs_token = False

    def get(self) -> None:
        """Answer with the script."""
        self.set_header("Content-Type", "text/javascript; charset=utf-8")
        self.finish(page_script().read_bytes())
