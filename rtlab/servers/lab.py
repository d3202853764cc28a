"""``start_lab()``: a lab that is found again by its name. Calls block, but never the event loop's own thread."""

from __future__ import annotations

import atexit
import secrets
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Self

from rtlab.codecs.permessage_deflate import DeflateOptions
from rtlab.errors import LabNotRunning, RtlabError, WaitTimeout
from rtlab.loop_thread import shared
from rtlab.servers import card
from rtlab.servers.address import Addresses
from rtlab.servers.backpressure import Backpressure, Policy
from rtlab.servers.guards import Guards
from rtlab.servers.http2_options import Http2Options
from rtlab.servers.isolated import IsolatedServer
from rtlab.servers.log import LogLine
from rtlab.servers.peers import OpenConnection
from rtlab.servers.resumption import Resumption
from rtlab.servers.server import HEARTBEAT_S, LabServer
from rtlab.servers.settings import require_settings
from rtlab.workload import Workload

STOP_TIMEOUT_S = 5.0
_labs: dict[str, Lab] = {}
_labs_lock = threading.RLock()


class Lab(Addresses):
    """A running server for event streams, WebSockets and polling; made by :func:`start_lab`.

    Attributes:
        name: What it is found by.
        isolated: True if it runs in a process of its own.
        resumption: What clients that come back get.
        server: What serves, for experiments.
        when_stopped: What else to end with it; each is called once.
    """

    def __init__(self, name: str, server: LabServer | IsolatedServer, options: dict[str, Any]) -> None:
        self.name = name
        self.isolated = isinstance(server, IsolatedServer)
        self.resumption = server.resumption
        self.server = server
        self.when_stopped: list[Callable[[], object]] = []
        self._options = options
        self._running = False

    @property
    def running(self) -> bool:
        """True until it is stopped, or its process is gone."""
        return self._running and (not isinstance(self.server, IsolatedServer) or self.server.pid is not None)

    @property
    def port(self) -> int:
        """The port that the system chose."""
        return self.server.port

    @property
    def nonce(self) -> str:
        """The lab's secret; whoever has it may use the lab from any page."""
        return self.server.nonce

    @property
    def token(self) -> str:
        """What each request must carry, and the lab's addresses do; empty for none."""
        return self.server.token

    @property
    def ca_pem(self) -> str:
        """The authority that a TLS client must trust, as PEM text; empty without TLS."""
        return self.server.ca_pem

    @property
    def http_url(self) -> str:
        """The address of the lab's HTTP paths, without a slash at the end."""
        return self.server.http_url

    def publish(self, data: str, *, channel: str = "news", event: str = "", timeout_s: float = 5.0) -> str:
        """Send one message to everybody who listens on a channel.

        Args:
            data: The text.
            channel: The channel's name.
            event: The event's name; empty for a plain message.
            timeout_s: How long to wait, in seconds.

        Returns:
            The message's id, such as ``"k3f9-17"``: the epoch of this lab and a number; empty without ids.

        Raises:
            InputError: The text cannot travel.
            LabNotRunning: The lab was stopped.
        """
        self._require_running()
        return shared.call(lambda: self.publish_soon(data, channel, event), timeout_s)

    async def publish_soon(self, data: str, channel: str, event: str = "") -> str:
        """Send one message; runs on the loop."""
        return await self.server.publish(channel, data, event)

    async def play(self, channel: str, workload: Workload, start_ns: int) -> list[int]:
        """Send a workload into a channel on its schedule; runs on the event loop, for experiments.

        Returns:
            For each message when it was handed over, in nanoseconds of the shared clock.
        """
        self._require_running()
        return await self.server.play(channel, workload, start_ns)

    def cut(self, channel: str = "news", timeout_s: float = 5.0) -> int:
        """Break every open event stream and WebSocket of a channel, as a failing network does.

        Args:
            channel: The channel's name.
            timeout_s: How long to wait, in seconds.

        Returns:
            How many were broken.

        Raises:
            LabNotRunning: The lab was stopped.
        """
        self._require_running()
        return shared.call(lambda: self.server.cut(channel), timeout_s)

    async def cut_soon(self, channel: str) -> int:
        """Break the open connections of a channel; runs on the loop, for experiments."""
        return await self.server.cut(channel)

    async def clock_offset_ns(self) -> tuple[int, int]:
        """Tell how far the server's clock is ahead and how sure that is; zero in the same process."""
        return await self.server.clock_offset_ns() if isinstance(self.server, IsolatedServer) else (0, 0)

    @property
    def connections(self) -> tuple[OpenConnection, ...]:
        """The open event streams and WebSockets, oldest first."""
        return self._state()[0]

    async def connections_soon(self) -> tuple[OpenConnection, ...]:
        """Give the open connections; runs on the loop, for experiments."""
        return (await self.server.state())[0]

    @property
    def log(self) -> tuple[LogLine, ...]:
        """What happened, oldest first; secrets are taken out."""
        return self._state()[1]

    def stop(self, timeout_s: float = STOP_TIMEOUT_S) -> None:
        """Stop the lab: no socket, thread, task or process of it is left. A second call does nothing.

        Args:
            timeout_s: How long it may take, in seconds.

        Raises:
            WaitTimeout: It takes longer; it goes on by itself.
            WrongThread: Called on the event loop's own thread.
        """
        shared.refuse_own_thread()
        with _labs_lock:
            if not self._running:
                return
            self._running = False
            if _labs.get(self.name) is self:
                del _labs[self.name]
        try:
            self._end(timeout_s)
        finally:
            while self.when_stopped:
                self.when_stopped.pop()()

    def _start(self, timeout_s: float) -> None:
        shared.hold()
        try:
            if isinstance(self.server, IsolatedServer):
                self.server.start_process(timeout_s)
            else:
                shared.call(self.server.start, timeout_s)
        except BaseException:
            self._end(STOP_TIMEOUT_S)  # an interrupt may come when it has started already
            raise
        self._running = True

    def _end(self, timeout_s: float) -> None:
        try:
            if isinstance(self.server, IsolatedServer):
                self.server.stop_process(timeout_s)
            else:
                shared.submit(self.server.stop).result(timeout_s)  # not call(): it goes on although it is late
        except TimeoutError as error:
            raise WaitTimeout(f"The lab {self.name!r} did not stop within {timeout_s} s.") from error
        finally:
            shared.release()

    def _state(self) -> tuple[tuple[OpenConnection, ...], tuple[LogLine, ...]]:
        if self.running:
            return shared.call(self.server.state, 5.0)
        return (), self.server.log.lines() if isinstance(self.server, LabServer) else ()

    def _require_running(self) -> None:
        if not self.running:
            raise LabNotRunning(f"The lab {self.name!r} is not running; call rtlab.start_lab().")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        state = f"running at {self.http_url}" if self.running else "stopped"
        return f"<Lab {self.name!r}: {state}{', own process' if self.isolated else ''}>"

    def _repr_html_(self) -> str:
        return card.lab_card(self, *self._state())


def start_lab(
    name: str = "default",
    *,
    port: int = 0,
    tls: bool = False,
    http2: bool | Http2Options = False,
    isolated: bool = False,
    token: bool = False,
    guards: Guards | None = None,
    compression: bool | DeflateOptions = False,
    ids: bool = True,
    history_messages: int = 1_000,
    retry_ms: int = 1_000,
    backpressure: Policy | Backpressure | None = None,
    heartbeat_s: float = HEARTBEAT_S,
    host: str = "127.0.0.1",
    timeout_s: float = 30.0,
) -> Lab:
    """Start a lab: one server for event streams, WebSockets and polling, in this kernel.

    The same call in a cell that is run again gives the lab that is running; other settings stop that lab first.

    Args:
        name: What the lab is found by.
        port: Port to listen on; 0 lets the system choose a free one.
        tls: Speak TLS with a certificate of a throw-away authority (``lab.ca_pem``).
        http2: Speak HTTP/2, too, with clients that choose it in the TLS handshake: True, or ``Http2Options``.
        isolated: Run in a process of its own, so that the kernel's work is not part of a figure.
        token: Serve only who has the lab's token: on a machine with several users, all of them reach its ports.
        guards: What is refused; a weakened guard needs a lab with a name of its own.
        compression: Compress WebSocket messages for clients that offer it: True, or ``DeflateOptions``.
        ids: Give each message an id; without, nobody who comes back can say what he saw last.
        history_messages: How many messages each channel keeps to replay, from 0 to 1,000,000.
        retry_ms: How long event streams ask clients to wait before they come back, in milliseconds from 1.
        backpressure: What happens to subscribers that read too slowly (:mod:`rtlab.servers.backpressure`).
        heartbeat_s: How often each connection gets a sign of life, a comment or a ping, in seconds from 0.01.
        host: Address to listen on; loopback unless you say otherwise.
        timeout_s: How long the start may take, in seconds.

    Returns:
        The running lab; use it in a ``with`` block or call ``lab.stop()``.

    Raises:
        PortUnavailable: The port is taken.
        InputError: The settings do not fit together.
    """
    settings: dict[str, Any] = {
        "tls": tls,
        "http2": Http2Options() if http2 is True else http2 or None,
        "compression": DeflateOptions() if compression is True else compression or None,
        "resumption": Resumption(ids, history_messages, retry_ms),
        "backpressure": Backpressure(backpressure) if isinstance(backpressure, str) else backpressure,
        "heartbeat_s": heartbeat_s,
        "guards": guards or Guards(),
    }
    options = {"host": host, "port": port, "isolated": isolated, "token": token, **settings}
    require_settings(name, port=port, guards=guards, heartbeat_s=heartbeat_s)
    shared.refuse_own_thread()
    with _labs_lock:
        found = _labs.get(name)
        if found and found.running and found._options == options:
            return found
        if found:
            found.stop()
        make: Any = IsolatedServer if isolated else LabServer
        server = make(host, port, token=secrets.token_urlsafe(24) if token else "", **settings)
        lab = Lab(name, server, options)
        lab._start(timeout_s)
        _labs[name] = lab
        return lab


@atexit.register
def stop_all() -> None:
    """Stop every lab of this process; runs by itself when the interpreter ends."""
    for lab in tuple(_labs.values()):
        with suppress(RtlabError):  # the process ends anyway; the next lab still deserves its goodbye
            lab.stop(1.0)
