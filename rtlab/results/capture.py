"""``through()``: put a relay before a lab, and see every byte that crosses it."""

from __future__ import annotations

from ipaddress import ip_address
from types import TracebackType
from typing import Self
from urllib.parse import quote

from rtlab.clients.wire import Address
from rtlab.errors import InputError, LabNotRunning
from rtlab.loop_thread import shared
from rtlab.network.relay import MAX_BYTES, Relay
from rtlab.records import WireChunk
from rtlab.servers.lab import Lab

START_TIMEOUT_S = 5.0


class Capture:
    """A relay before a server, with the addresses to use instead of the server's own; made by :func:`through`.

    Args:
        address: The server.
        max_bytes: How much is kept, in bytes.
    """

    def __init__(self, address: Address, max_bytes: int) -> None:
        self._address = address
        self._relay = Relay(address.host, address.port, max_bytes=max_bytes)
        self._held = False

    @property
    def port(self) -> int:
        """The relay's port on 127.0.0.1."""
        return self._relay.port

    @property
    def http_url(self) -> str:
        """The address of the server's HTTP paths through the relay, without a slash at the end."""
        return f"{'https' if self._address.secure else 'http'}://127.0.0.1:{self.port}"

    def sse_url(self, channel: str = "news") -> str:
        """Give the address of a lab's event stream."""
        return f"{self.http_url}/sse/{quote(channel)}"

    def ws_url(self, channel: str = "news") -> str:
        """Give the address of a lab's channel over WebSocket."""
        return f"{self.http_url.replace('http', 'ws', 1)}/ws/{quote(channel)}"

    def echo_url(self) -> str:
        """Give the address of the lab's WebSocket that sends each message back."""
        return f"{self.http_url.replace('http', 'ws', 1)}/echo"

    def poll_url(self, channel: str = "news") -> str:
        """Give the address for polling a lab's channel."""
        return f"{self.http_url}/poll/{quote(channel)}"

    def publish_url(self, channel: str = "news") -> str:
        """Give the address that publishes what is posted to it."""
        return f"{self.http_url}/publish/{quote(channel)}"

    @property
    def chunks(self) -> tuple[WireChunk, ...]:
        """What has crossed so far, in the order in which it came; asterisks stand for secrets."""
        return self._relay.chunks

    @property
    def connections(self) -> int:
        """How many connections have come so far; they are numbered from 0."""
        return self._relay.accepted

    def connection(self, number: int = 0) -> tuple[WireChunk, ...]:
        """Give what has crossed one connection so far.

        Args:
            number: Which one, from 0, in the order in which they came.

        Returns:
            Its chunks, both directions, ready for ``dissect()``.

        Raises:
            InputError: No such connection has come.
        """
        if not 0 <= number < self.connections:
            raise InputError(f"There is no connection {number}; so far {self.connections} came, numbered from 0.")
        return tuple(chunk for chunk in self.chunks if chunk.connection_id == number)

    @property
    def truncated(self) -> bool:
        """True once more has crossed than is kept; the rest still passes."""
        return self._relay.truncated

    @property
    def log(self) -> tuple[tuple[int, str], ...]:
        """What happened when, oldest first: ``(at_ns, what)``; also why a connection failed."""
        return self._relay.log

    def cut(self, timeout_s: float = 5.0) -> int:
        """Reset every connection of this moment, both ends; new ones may come.

        Args:
            timeout_s: How long it may take, in seconds.

        Returns:
            How many there were.

        Raises:
            LabNotRunning: The relay was stopped.
            WrongThread: Called on the event loop's own thread.
        """
        if not self._held:
            raise LabNotRunning("The relay was stopped; call rtlab.through() again.")

        async def cut() -> int:
            return self._relay.cut()

        return shared.call(cut, timeout_s)

    def stop(self, timeout_s: float = 5.0) -> None:
        """Break every connection and stop listening; what was captured stays. A second call does nothing.

        Args:
            timeout_s: How long it may take, in seconds.

        Raises:
            WrongThread: Called on the event loop's own thread.
        """
        if not self._held:
            return
        shared.refuse_own_thread()
        self._held = False
        try:
            shared.call(self._relay.stop, timeout_s)
        finally:
            shared.release()

    def _start(self) -> None:
        shared.hold()
        self._held = True
        try:
            shared.call(self._relay.start, START_TIMEOUT_S)
        except BaseException:
            self.stop()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        state = f"at {self.http_url}" if self._held else "stopped"
        chunks = self.chunks
        kept = f"{self.connections} connections, {sum(len(chunk.data) for chunk in chunks)} bytes"
        cut_off = ", truncated" if self.truncated else ""
        return f"<Capture of {self._address.host_header}: {state}, {kept} in {len(chunks)} chunks{cut_off}>"


def through(to: Lab | str, *, max_bytes: int = MAX_BYTES, consent: bool = False) -> Capture:
    """Put a relay before a lab, or before any server, and keep what crosses it.

    The relay listens on 127.0.0.1. It passes TCP on, both ways, byte for byte; clients use its addresses instead of
    the server's own. A client tells the server the relay's address in ``Host``, and with TLS what is kept is
    encrypted.

    In what is kept, asterisks replace the values of ``Cookie``, ``Set-Cookie``, ``Authorization``,
    ``Proxy-Authorization`` and ``X-Rtlab-Nonce``. A secret in a URL or in a body stays as it is.

    Args:
        to: The running lab, or a URL; of a URL only scheme, host and port count.
        max_bytes: How much is kept, from 0 bytes; the rest passes, and ``truncated`` tells so.
        consent: True if you may send traffic to a server that is not on this machine.

    Returns:
        The relay, running; use it in a ``with`` block or call ``stop()``.

    Raises:
        InputError: The URL cannot be used, or names another machine and ``consent`` is not given.
        LabNotRunning: The lab was stopped.
    """
    if max_bytes < 0:
        raise InputError("max_bytes must be 0 or more.")
    if isinstance(to, Lab) and not to.running:
        raise LabNotRunning(f"The lab {to.name!r} is not running; call rtlab.start_lab().")
    address = Address.parse(to.http_url if isinstance(to, Lab) else to, ("http", "https", "ws", "wss"))
    if isinstance(to, str) and not consent and not _is_loopback(address.host):
        raise InputError(
            f"{address.host} is not this machine, and a relay sends your clients' traffic there. "
            "If that server is yours, or its owner agrees, give consent=True."
        )
    capture = Capture(address, max_bytes)
    capture._start()
    return capture


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
