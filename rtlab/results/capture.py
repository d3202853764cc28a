"""``through()``: put a relay before a lab, and see every byte that crosses it."""

from __future__ import annotations

from contextlib import suppress
from types import TracebackType
from typing import Self

from rtlab.clients.wire import Address
from rtlab.errors import InputError, LabNotRunning
from rtlab.loop_thread import shared
from rtlab.network.faults.fault import Fault
from rtlab.network.relay import MAX_BYTES, Relay
from rtlab.records import WireChunk
from rtlab.servers.address import Addresses
from rtlab.servers.lab import Lab

START_TIMEOUT_S = 5.0


class Capture(Addresses):
    """A relay before a server, with the addresses to use instead of the server's own; made by :func:`through`.

    Args:
        address: The server.
        faults: What is done to each connection, in this order.
        seed: Chooses the random numbers of the faults.
        port: Where the relay listens; 0 lets the system choose.
        max_bytes: How much is kept, in bytes.
    """

    def __init__(
        self, address: Address, faults: tuple[Fault, ...], seed: int, port: int, max_bytes: int, token: str
    ) -> None:
        self._address = address
        self._token = token
        self._require_possible(faults)
        self._relay = Relay(
            address.host, address.port, faults=faults, seed=seed, listen_port=port, max_bytes=max_bytes
        )
        self._held = False

    @property
    def port(self) -> int:
        """The relay's port on 127.0.0.1."""
        return self._relay.port

    @property
    def http_url(self) -> str:
        """The address of the server's HTTP paths through the relay, without a slash at the end."""
        return f"{'https' if self._address.secure else 'http'}://127.0.0.1:{self.port}"

    @property
    def token(self) -> str:
        """See :attr:`rtlab.servers.address.Addresses.token`."""
        return self._token

    @property
    def chunks(self) -> tuple[WireChunk, ...]:
        """What has come so far, in order, as it was before any fault; asterisks stand for secrets."""
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
        """What happened when, oldest first: ``(at_ns, what)``; what each fault did, and why a connection failed."""
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

        async def cut() -> int:
            return self._relay.cut()

        self._require_running()
        return shared.call(cut, timeout_s)

    def apply(self, *faults: Fault, timeout_s: float = 5.0) -> None:
        """Replace the faults, at once, for the connections that are there and those that will come.

        What a removed fault still holds goes on: bytes that a ``Stall`` or a ``BufferingProxy`` held are not lost.
        A fault that was there before, with the same settings, goes on with what it has counted.

        Args:
            *faults: The new ones, in this order; none removes all.
            timeout_s: How long it may take, in seconds.

        Raises:
            InputError: One of them reads HTTP, and the server speaks TLS.
            LabNotRunning: The relay was stopped.
            PortUnavailable: The relay refused connections, and cannot listen again.
            WrongThread: Called on the event loop's own thread.
        """
        self._require_possible(faults)
        self._require_running()
        shared.call(lambda: self._relay.apply(*faults), timeout_s)

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
        except BaseException:
            with suppress(LabNotRunning):
                shared.submit(self._relay.stop)  # an interrupt may have cancelled the first one before it began
            raise
        finally:
            shared.release()

    def _require_running(self) -> None:
        if not self._held:
            raise LabNotRunning("The relay was stopped; call rtlab.through() again.")

    def _require_possible(self, faults: tuple[Fault, ...]) -> None:
        for fault in faults:
            if not isinstance(fault, Fault):
                raise InputError(f"{fault!r:.60} is no fault; give one such as Latency(latency_ms=80).")
            if fault.reads_http and self._address.secure:
                raise InputError(
                    f"{type(fault).__name__} reads HTTP, and TLS hides it; use a server without TLS, or a fault of "
                    "TCP such as Latency."
                )

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


def through(
    to: Lab | str,
    *faults: Fault,
    seed: int = 0,
    port: int = 0,
    max_bytes: int = MAX_BYTES,
    consent: bool = False,
) -> Capture:
    """Put a relay before a lab, or before any server: keep what crosses it, and do to it what faults say.

    The relay listens on 127.0.0.1. Without a fault it passes TCP on, both ways, byte for byte; clients use its
    addresses instead of the server's own. A client tells the server the relay's address in ``Host``, and with TLS
    what is kept is encrypted.

    In what is kept, asterisks replace the values of ``Cookie``, ``Set-Cookie``, ``Authorization``,
    ``Proxy-Authorization`` and ``X-Rtlab-Nonce``. A secret in a URL or in a body stays as it is.

    Args:
        to: The running lab, or a URL; of a URL only scheme, host and port count.
        *faults: What is done to each connection, such as ``Latency(latency_ms=80)``; ``apply()`` changes it later.
        seed: Chooses the random numbers of the faults: the same seed gives the same schedule.
        port: Where the relay listens on 127.0.0.1; 0 lets the system choose.
        max_bytes: How much is kept, from 0 bytes; the rest passes, and ``truncated`` tells so.
        consent: True if you may send traffic to a server that is not on this machine.

    Returns:
        The relay, running; use it in a ``with`` block or call ``stop()``.

    Raises:
        InputError: The URL cannot be used, or names another machine and ``consent`` is not given; or a fault that
            reads HTTP meets TLS.
        LabNotRunning: The lab was stopped.
        PortUnavailable: The port is taken.
    """
    if max_bytes < 0:
        raise InputError("max_bytes must be 0 or more.")
    if isinstance(to, Lab) and not to.running:
        raise LabNotRunning(f"The lab {to.name!r} is not running; call rtlab.start_lab().")
    if not 0 <= port <= 65_535:
        raise InputError("port must be from 0 to 65,535; 0 lets the system choose.")
    address = Address.parse(to.http_url if isinstance(to, Lab) else to, ("http", "https", "ws", "wss"))
    if isinstance(to, str) and not consent and not address.is_loopback:
        raise InputError(
            f"{address.host} is not this machine, and a relay sends your clients' traffic there. "
            "If that server is yours, or its owner agrees, give consent=True."
        )
    capture = Capture(address, faults, seed, port, max_bytes, to.token if isinstance(to, Lab) else "")
    capture._start()
    return capture
