"""One lab's server: tornado's HTTP server, the channels and the open connections, all on one event loop."""

from __future__ import annotations

import asyncio
import re
import secrets
import socket
from functools import partial

from tornado.httputil import HTTPServerRequest
from tornado.iostream import SSLIOStream
from tornado.web import Application

from rtlab.codecs.permessage_deflate import DeflateOptions
from rtlab.errors import InputError, PortUnavailable
from rtlab.servers.address import http_url
from rtlab.servers.backpressure import Backpressure
from rtlab.servers.certificates import Certificates, make_certificates
from rtlab.servers.channel import ROOM_TIMEOUT_S, Channel
from rtlab.servers.control import CutHandler, PlayHandler, StateHandler
from rtlab.servers.door import Door
from rtlab.servers.exchange import Router
from rtlab.servers.guards import Guards, redact_target
from rtlab.servers.histories import Histories
from rtlab.servers.http import HttpServer
from rtlab.servers.http2_options import Http2Options
from rtlab.servers.http2_session import Http2Session
from rtlab.servers.index import IndexHandler, UnknownPathHandler
from rtlab.servers.log import LogLine, RingLog, loop_logs
from rtlab.servers.page import BarePageHandler, Desk, PageExchange, PagePeer, PageScriptHandler
from rtlab.servers.peers import OpenConnection, Peer
from rtlab.servers.play import play
from rtlab.servers.polling import PollHandler, PublishExchange
from rtlab.servers.resumption import Resumption
from rtlab.servers.sse import EventStreamExchange
from rtlab.servers.stream_connection import StreamConnection
from rtlab.servers.websocket import ChannelSocketExchange, EchoExchange
from rtlab.workload import Workload

HEARTBEAT_S = 15.0
"""How often a silent connection shows life; the HTML standard advises about this much."""
FLUSH_TIMEOUT_S = 0.5
"""How long a stopping server lets its last bytes travel."""
MAX_CHANNELS = 1_000
_BEATS_IN_A_ROW = 200
_NO_PORTS = "where no program may listen, RTLAB_REPLAY=1 replays the recordings of the course"
_CHANNEL = r"([A-Za-z0-9._-]{1,64})"


class LabServer:
    """The server of one lab; every method runs on the event loop's thread.

    Args:
        host: Address to bind; loopback unless the user says otherwise.
        port: Port to bind; 0 lets the system choose.
        tls: Speak TLS with a certificate of a throw-away authority.
        http2: Speak HTTP/2, too, and so TLS; None speaks HTTP/1.1 only.
        guards: What is refused.
        compression: How to compress WebSocket messages for clients that offer permessage-deflate; None never does.
        resumption: What clients that come back get.
        backpressure: What happens to subscribers that read too slowly; None disconnects them at the guards' bound.
        nonce: The lab's secret; made anew if None.
        token: What every request must carry; empty for none.
        heartbeat_s: How often comments and pings go out, in seconds.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        tls: bool = False,
        http2: Http2Options | None = None,
        guards: Guards | None = None,
        compression: DeflateOptions | None = None,
        resumption: Resumption | None = None,
        backpressure: Backpressure | None = None,
        nonce: str | None = None,
        token: str = "",
        heartbeat_s: float = HEARTBEAT_S,
    ) -> None:
        self.host = host
        self.port = port
        self.tls = tls or http2 is not None
        self.http2 = http2
        self.guards = guards or Guards()
        self.compression = compression
        self.resumption = resumption or Resumption()
        self.backpressure = backpressure or Backpressure("disconnect", self.guards.max_buffered_bytes)
        self.nonce = nonce or secrets.token_urlsafe(24)
        self.token = token
        self.ca_pem = self.key_sha256 = ""
        self.log = RingLog()
        self.door = Door(self.guards, self.log)
        self.desks: dict[str, Desk] = {}
        self._heartbeat_s = heartbeat_s
        self._channels: dict[str, Channel] = {}
        self._histories = Histories(self.guards.max_history_bytes)
        self._peers: set[Peer] = set()
        self._sessions: set[Http2Session] = set()
        self._http: HttpServer | None = None
        self._serving: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Bind and listen.

        Raises:
            PortUnavailable: Somebody else has the port.
        """
        certificates: Certificates | None = make_certificates(http2=bool(self.http2)) if self.tls else None
        guards, router = self.guards, self._router()
        http = HttpServer(
            router,
            door=self.door,
            take_http2=partial(self._open_session, router, self.http2) if self.http2 else None,
            ssl_options=certificates.server_context if certificates else None,
            idle_connection_timeout=guards.header_timeout_s,
            max_header_size=guards.max_head_bytes,
            max_body_size=guards.max_body_bytes,
        )
        try:
            family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
            listening = socket.create_server((self.host, self.port), family=family, backlog=4_096)
        except (OSError, UnicodeError) as error:
            hint = "use port=0 to get a free one" if self.port else _NO_PORTS
            raise PortUnavailable(f"Port {self.port} on {self.host} cannot be used ({error}); {hint}.") from error
        listening.setblocking(False)
        http.add_socket(listening)
        self._http = http
        self.port = listening.getsockname()[1]
        if certificates:
            self.ca_pem, self.key_sha256 = certificates.ca_pem, certificates.key_sha256
        loop_logs.lead_into(self.log)
        self._serving = asyncio.create_task(self._serve(http))
        self.log.add(f"listening on {self.host}:{self.port}")

    async def stop(self) -> None:
        """Say goodbye to everybody, close every socket and end every task."""
        if self._http is None or self._serving is None:
            return
        http, self._http = self._http, None
        http.stop()
        for session in tuple(self._sessions):
            session.leave()
        await http.close_all_connections()
        for peer in tuple(self._peers):
            peer.goodbye()
        loop = asyncio.get_running_loop()
        deadline_s = loop.time() + FLUSH_TIMEOUT_S
        while self._peers and loop.time() < deadline_s:
            await asyncio.sleep(0.002)
        for session in tuple(self._sessions):
            session.close()
        self._serving.cancel()
        await asyncio.wait({self._serving})
        self.log.add("stopped")

    @property
    def http_url(self) -> str:
        """The address of the server's paths, without a slash at the end."""
        return http_url(self.host, self.port, tls=self.tls)

    def channel(self, name: str) -> Channel:
        """Give the channel of that name, made at its first use.

        Raises:
            InputError: The name cannot stand in a path, or there are too many channels already.
        """
        if name not in self._channels:
            if not re.fullmatch(_CHANNEL, name):
                raise InputError(f"A channel's name has 1 to 64 letters, digits and . _ -, not {name!r}.")
            if len(self._channels) >= MAX_CHANNELS:
                raise InputError(f"A lab has at most {MAX_CHANNELS} channels.")
            self._channels[name] = Channel(
                name, backpressure=self.backpressure, resumption=self.resumption, histories=self._histories
            )
        return self._channels[name]

    async def publish(self, channel: str, data: str, event: str) -> str:
        """Publish one message, as soon as the channel's policy lets it go, and give its id.

        Raises:
            WaitTimeout: A subscriber does not read, and the policy is to wait for it.
        """
        topic = self.channel(channel)
        await topic.room(ROOM_TIMEOUT_S)
        return topic.publish(data, event).id

    async def play(self, channel: str, workload: Workload, start_ns: int) -> list[int]:
        """Send a workload into a channel; see :func:`rtlab.servers.play.play`."""
        return await play(self.channel(channel), workload, start_ns)

    async def state(self) -> tuple[tuple[OpenConnection, ...], tuple[LogLine, ...]]:
        """Give the open connections and the log."""
        return self.connections(), self.log.lines()

    def peers(self) -> tuple[Peer, ...]:
        """Give the open streams and sockets, oldest first."""
        return tuple(sorted(self._peers, key=lambda peer: peer.opened_ns))

    def connections(self) -> tuple[OpenConnection, ...]:
        """Describe the open streams and sockets, oldest first; the lines of pages are not the lab's business."""
        return tuple(peer.described() for peer in self.peers() if not isinstance(peer, PagePeer))

    def cut_tagged(self, tag: str) -> None:
        """Cut the connections that carry a tag: a proxy may keep them although their page has closed them."""
        for peer in self.peers():
            if peer.tag == tag:
                peer.drop("its page has closed it")

    async def cut(self, channel: str) -> int:
        """Break every open connection of a channel without a goodbye, as a failing network does.

        Returns:
            How many were broken.
        """
        broken = [peer for peer in self._peers if peer.channel == channel]
        for peer in broken:
            peer.drop("on purpose")
        return len(broken)

    def admit(self, peer: Peer) -> None:
        """Keep a connection in the books from now until it ends."""
        self._peers.add(peer)
        self.log.add(f"{peer.transport} {peer.channel}: opened")
        peer.connection.start(peer.received, peer.closed)
        if self._http is None:
            peer.connection.abort()  # the lab was stopped while this connection changed hands

    def forget(self, peer: Peer) -> None:
        """Take a connection that has ended out of the books."""
        self._peers.discard(peer)
        self.log.add(f"{peer.transport} {peer.channel}: gone")

    def _open_session(self, router: Router, options: Http2Options, stream: SSLIOStream) -> None:
        line = StreamConnection(stream)
        self.door.hand_over(stream, line)
        self._sessions.add(Http2Session(line, router, self, options.max_streams, self._sessions.discard))
        self.log.add("HTTP/2: connection opened")

    def _router(self) -> Router:
        application = Application(
            [
                (r"/", IndexHandler),
                (rf"/poll/{_CHANNEL}", PollHandler),
                (r"/page/", BarePageHandler),
                (r"/page/page\.js", PageScriptHandler),
                (r"/control/state", StateHandler),
                (r"/control/play", PlayHandler),
                (rf"/control/cut/{_CHANNEL}", CutHandler),
            ],
            default_handler_class=UnknownPathHandler,
            server=self,
            log_function=lambda handler: self.log_request(handler.request, handler.get_status()),
        )
        paths = (
            (rf"/sse/{_CHANNEL}", EventStreamExchange),
            (rf"/ws/{_CHANNEL}", ChannelSocketExchange),
            (r"/echo", EchoExchange),
            (r"/page", PageExchange),
            (rf"/publish/{_CHANNEL}", PublishExchange),
        )
        return Router(self, paths, application)

    def log_request(self, request: HTTPServerRequest, status: int) -> None:
        """Log an answer; what the notebook asks for is not worth a line."""
        target = redact_target(request.uri or "")
        if not target.startswith("/control/"):
            self.log.add(f"{request.method} {target} {status}", "warning" if status >= 400 else "info")

    async def _serve(self, http: HttpServer) -> None:
        """Send heartbeats; in the end, even if the loop ends without a stop, leave nothing open."""
        try:
            while True:
                await asyncio.sleep(self._heartbeat_s)
                for number, peer in enumerate(tuple(self._peers)):
                    if self.backpressure.policy == "disconnect" and peer.is_stuck():
                        peer.drop("reads nothing of what waits for it")
                    elif not peer.connection.closed:
                        peer.beat()
                    if number % _BEATS_IN_A_ROW == 0:
                        await asyncio.sleep(0)  # ten thousand in a row would hold everybody up
        finally:
            self._http = None
            http.stop()
            for peer in tuple(self._peers):
                peer.connection.abort()
            http.close_streams()
            await asyncio.sleep(0)  # the aborted transports report themselves in the next turn
            loop_logs.leave(self.log)
