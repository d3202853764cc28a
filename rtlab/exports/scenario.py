"""What a load script needs to know: where to connect, how often, and what to expect."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from rtlab.errors import InputError

MIN_PAYLOAD_BYTES = 48
"""A message starts with two times and a number (:func:`stamped_payload`)."""
_SCHEMES = {"sse_url": ("http", "https"), "ws_url": ("ws", "wss")}


@dataclass(frozen=True, slots=True)
class Scenario:
    """Some connections that each listen to a server until they have had their messages, or too long a time.

    A message whose data has ``@`` and the time at which it was sent, in milliseconds since 1970, has an age on
    arrival; every load script here reports it. Other messages are counted only. The two clocks must agree: so this
    is for a server and a tool on one machine.

    Args:
        sse_url: The event stream (http, https); empty to leave event streams out.
        ws_url: The WebSocket (ws, wss); empty to leave WebSocket out.
        connections: How many connections of each kind, 1 to 10,000.
        messages: How many messages each connection shall get, 1 to 100,000.
        rate_per_s: How many messages a second the server sends to each connection, above 0 to 10,000.
        payload_bytes: How large each message is, 48 to 65,536.
        patience_s: How long a connection may last beyond its schedule, above 0 to 600 seconds.
        p95_limit_ms: A check: 95 of 100 messages must be younger on arrival; None for no such check. That every
            message arrives is checked always.

    Raises:
        InputError: A setting is out of its range, or both addresses are empty.
    """

    sse_url: str = ""
    ws_url: str = ""
    connections: int = 5
    messages: int = 40
    rate_per_s: float = 20.0
    payload_bytes: int = 64
    patience_s: float = 15.0
    p95_limit_ms: float | None = None

    def __post_init__(self) -> None:
        if not (self.sse_url or self.ws_url):
            raise InputError("A scenario needs an sse_url, a ws_url or both.")
        for name, schemes in _SCHEMES.items():
            _require_address(name, getattr(self, name), schemes)
        checks = (
            ("connections", _whole(self.connections, 1, 10_000), "a whole number from 1 to 10,000"),
            ("messages", _whole(self.messages, 1, 100_000), "a whole number from 1 to 100,000"),
            ("rate_per_s", 0 < self.rate_per_s <= 10_000, "above 0 and at most 10,000"),
            (
                "payload_bytes",
                _whole(self.payload_bytes, MIN_PAYLOAD_BYTES, 65_536),
                f"a whole number from {MIN_PAYLOAD_BYTES} to 65,536",
            ),
            ("patience_s", 0 < self.patience_s <= 600, "above 0 and at most 600"),
            ("p95_limit_ms", self.p95_limit_ms is None or self.p95_limit_ms > 0, "None or above 0"),
        )
        for name, fine, wanted in checks:
            if not fine:
                raise InputError(f"A scenario's {name} must be {wanted}, not {getattr(self, name)!r}.")

    @property
    def seconds(self) -> int:
        """The longest that a connection may last, in whole seconds."""
        return int(self.messages / self.rate_per_s + self.patience_s + 0.999)

    @property
    def expected(self) -> int:
        """How many messages the connections of one kind get together."""
        return self.connections * self.messages


def stamped_payload(due_ns: int, due_ms: float, number: int, size_bytes: int) -> str:
    """Write a message that every tool can age: ``00000012345678901234@1790000000000.125 000007 xxxx``.

    Args:
        due_ns: When it is due on the shared clock; ``rtlab.swarm()`` reads it.
        due_ms: The same instant in milliseconds since 1970; the load tools read it.
        number: Which message it is.
        size_bytes: How long it is, at least 48.
    """
    return f"{due_ns:020d}@{due_ms:.3f} {number:06d} ".ljust(size_bytes, "x")


def _require_address(name: str, url: str, schemes: tuple[str, ...]) -> None:
    # It stands in scripts of five languages and in XML, so nothing may end a string or begin an expression there.
    if not url:
        return
    try:
        parts = urlsplit(url)
        fine = parts.scheme in schemes and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        fine = False
    if not fine or not url.isascii() or any(sign <= " " or sign in "\"'`\\<>{}$^|" for sign in url):
        raise InputError(
            f"{name} must be an address that begins with {schemes[0]}:// or {schemes[1]}://, not {url!r}."
        )


def _whole(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
