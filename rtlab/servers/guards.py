"""What the lab refuses by default, because a server on a learner's machine is still a server.

* Host list: a page that rebinds its own name to 127.0.0.1 comes with a foreign ``Host`` and is refused.
* Origin list: a page of another origin may not open a socket here or read a stream.
* Nonce: a secret of this lab. A request that carries it has seen the notebook, so it may come from any page and
  through any proxy; the control paths need it always.
* Token, if the lab has one: a second secret that every path needs, for machines with several users. It opens no
  list. No cookie carries it: cookies know no ports, so a browser would show it to all other servers of the machine,
  which is just what it guards against.
* Limits on heads, bodies, messages, connections and waiting times.

tornado's ``check_origin`` is not enough: since 6.6 it is skipped for requests that look same-origin, and an
attack by DNS rebinding looks just so. Therefore the checks stand in ``prepare()``.
"""

from __future__ import annotations

import asyncio
import hmac
from dataclasses import dataclass
from http.client import responses as REASONS
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus, urlsplit

from tornado.httputil import HTTPServerRequest
from tornado.web import HTTPError, RequestHandler

from rtlab.codecs.dissect_fields import SECRET_PARAMETERS, is_secret_field
from rtlab.codecs.http1 import RequestHead
from rtlab.errors import InputError

if TYPE_CHECKING:
    from rtlab.servers.channel import Channel
    from rtlab.servers.server import LabServer

DEFAULT_HEADERS = (("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"))
LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True)
class Guards:
    """The lab's guards and limits; the defaults are the safe ones.

    Args:
        check_host: Refuse requests whose ``Host`` is not a loopback name, the lab's own or in ``hosts``.
        check_origin: Refuse requests whose ``Origin`` is neither the lab's own nor in ``origins``.
        hosts: Further host names to accept, without port.
        origins: Further origins to accept, such as ``"http://127.0.0.1:8888"``.
        header_timeout_s: How long a request head may take, and how long a kept connection may idle.
        body_timeout_s: How long a request body may take.
        max_head_bytes: Largest request head.
        max_body_bytes: Largest request body.
        max_message_bytes: Largest WebSocket message.
        max_fragments: Most fragments of one WebSocket message.
        max_buffered_bytes: What one subscriber may leave unread before it is disconnected.
        max_history_bytes: How much text all channels keep together for those who come back.
        idle_timeout_s: A WebSocket that answers no ping for this long is dropped.
        max_connections: Most open connections.
        max_connections_per_client: Most open connections from one address. All programs of this machine share one,
            so it is as high as the limit before; lower it for a lab that other machines reach.
        max_silent_connections: Most connections that have not sent a whole request yet; for one more, the one that
            has been silent for longest is closed.
        spare_descriptors: How many of the process's descriptors the lab leaves to others.
        max_idle_frames: Most frames of HTTP/2 at once that bring nothing but work; a twentieth comes back a second.
    """

    check_host: bool = True
    check_origin: bool = True
    hosts: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    header_timeout_s: float = 15.0
    body_timeout_s: float = 15.0
    max_head_bytes: int = 32_768
    max_body_bytes: int = 1_048_576
    max_message_bytes: int = 1_048_576
    max_fragments: int = 1_024
    max_buffered_bytes: int = 1_048_576
    max_history_bytes: int = 67_108_864
    idle_timeout_s: float = 60.0
    max_connections: int = 50_000
    max_connections_per_client: int = 50_000
    max_silent_connections: int = 4_096
    spare_descriptors: int = 64
    max_idle_frames: int = 1_000

    @property
    def weakened(self) -> bool:
        """True if a check is switched off."""
        return not (self.check_host and self.check_origin)


def redact_headers(headers: list[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Take the secrets out of request headers before anything shows or stores them.

    The notebook's proxy forwards the learner's login cookie to the lab.

    Args:
        headers: Names and values as received.

    Returns:
        The same names; secret values replaced by ``(redacted, N bytes)``.
    """
    return tuple(
        (name, f"(redacted, {len(value)} bytes)" if is_secret_field(name) else value) for name, value in headers
    )


def redact_target(target: str) -> str:
    """Take secret parameters out of a request target before it is logged."""
    path, mark, query = target.partition("?")
    shown = []
    for parameter in query.split("&"):
        name, sign, _ = parameter.partition("=")
        is_secret = unquote_plus(name).lower() in SECRET_PARAMETERS
        shown.append(f"{name}=(redacted)" if sign and is_secret else parameter)
    return path + mark + "&".join(shown)


def host_name(host: str) -> str:
    """Take the port off a ``Host`` value; an IPv6 address loses its brackets."""
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""


class Guarded:
    """What the guards need of a request, whoever answers it.

    Attributes:
        methods: The methods that the path knows.
        needs_nonce: True if the path is for the notebook only.
        needs_token: False if the path gives nothing away, or has a secret of its own.
        request: The request.
    """

    methods: tuple[str, ...] = ("GET",)
    needs_nonce = False
    needs_token = True
    request: HTTPServerRequest
    server: LabServer

    @property
    def request_head(self) -> RequestHead:
        """The request's head as the codecs understand it."""
        request = self.request
        return RequestHead(
            request.method or "", request.uri or "", tuple(request.headers.get_all()), request.version
        )

    @property
    def has_nonce(self) -> bool:
        """True if the request carries this lab's nonce, in the query or in ``X-Rtlab-Nonce``."""
        in_query = self.request.query_arguments.get("nonce", [b""])[-1]
        sent = self.request.headers.get("X-Rtlab-Nonce", "").encode() or in_query
        return hmac.compare_digest(sent, self.server.nonce.encode())

    @property
    def has_token(self) -> bool:
        """True if the lab has no token, or the request carries it: in the query, or as ``Authorization: Bearer``.

        Spec: RFC 6750 2.1
        """
        if not self.server.token:
            return True
        scheme, _, in_header = self.request.headers.get("Authorization", "").partition(" ")
        in_query = self.request.query_arguments.get("token", [b""])[-1]
        sent = in_header.strip().encode() if scheme.lower() == "bearer" else in_query
        return hmac.compare_digest(sent, self.server.token.encode())

    def check(self) -> None:
        """Refuse what the guards refuse.

        Raises:
            HTTPError: 405 for the method, 403 for host, origin, a missing nonce or a missing token.
        """
        if self.request.method not in self.methods:
            raise HTTPError(405, reason="Method Not Allowed")
        if self.has_nonce:
            return
        if self.needs_nonce:
            raise HTTPError(403, "This path needs the lab's nonce.")
        if self.needs_token and not self.has_token:
            raise HTTPError(403, "This lab needs its token; lab.sse_url() and the like carry it.")
        guards = self.server.guards
        if guards.check_host and not self._own_host():
            raise HTTPError(403, "The Host header names a host that this lab does not serve.")
        if guards.check_origin and not self.own_origin():
            raise HTTPError(403, "A page of another origin may not use this lab.")

    def channel(self, name: str) -> Channel:
        """Give the channel that the path names.

        Raises:
            HTTPError: 503 if the lab has too many channels already.
        """
        try:
            return self.server.channel(name)
        except InputError as error:
            raise HTTPError(503, str(error)) from error

    def own_origin(self) -> bool:
        """True if no page asks (no ``Origin``), or a page of an origin on the list.

        Spec: RFC 6455 10.2; RFC 6454 for what an origin is: scheme, host and port.
        """
        origins = self.request.headers.get_list("Origin")
        if not origins:
            return True
        own = f"{'https' if self.server.tls else 'http'}://{self.request.host}".lower()
        allowed = {own, *map(str.lower, self.server.guards.origins)}
        return len(origins) == 1 and origins[0].lower() in allowed

    def cross_origin_headers(self) -> tuple[tuple[str, str], ...]:
        """Give the headers that let an accepted page of another origin read the answer."""
        origin = self.request.headers.get("Origin")
        if not origin:
            return ()
        return (("Access-Control-Allow-Origin", origin), ("Vary", "Origin"))

    def error_body(self, error: Exception) -> tuple[int, str]:
        """Give the status of an error, and one line for people that gives nothing away."""
        if not isinstance(error, HTTPError):
            return 500, f"500 {REASONS[500]}\n"
        return error.status_code, f"{error.status_code} {error.get_message() or error.reason}\n"

    def log_error(self, error: Exception | None) -> None:
        """Lead errors into the lab's log instead of a cell."""
        level = "info" if isinstance(error, HTTPError) and error.status_code < 500 else "error"
        self.server.log.add(f"{self.request.method} {redact_target(self.request.uri or '')}: {error}", level)

    def _own_host(self) -> bool:
        name, guards = host_name(self.request.host), self.server.guards
        return name in LOOPBACK_HOSTS or name in guards.hosts or name == urlsplit(self.server.http_url).hostname


class GuardedHandler(Guarded, RequestHandler):
    """The base of the handlers of tornado: checks first, then one path's work."""

    _work: asyncio.Task[Any] | None = None

    @property
    def server(self) -> LabServer:  # type: ignore[override]  # tornado makes handlers, so it comes by the settings
        """The server that this request came to."""
        server: LabServer = self.settings["server"]
        return server

    def prepare(self) -> None:
        """Check, see :meth:`Guarded.check`."""
        self._work = asyncio.current_task()
        self.check()

    def on_connection_close(self) -> None:
        """Stop the work for a client that has gone, such as a long poll."""
        if self._work:
            self._work.cancel()

    def set_default_headers(self) -> None:
        """Say less about the server than tornado would, and keep answers out of caches."""
        self.clear_header("Server")
        for name, value in DEFAULT_HEADERS:
            self.set_header(name, value)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer an error with one line of plain text."""
        _, text = self.error_body(kwargs.get("exc_info", (None, None, None))[1])
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        if status_code == 405:
            self.set_header("Allow", ", ".join(self.methods))
        self.finish(text)

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """Log it; see :meth:`Guarded.log_error`."""
        self.log_error(value)
