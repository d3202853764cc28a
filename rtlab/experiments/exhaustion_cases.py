"""The attacks that want to exhaust a server, each with the guard that stops it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rtlab.experiments import hoarding, strikes

_NEVER_S = 86_400.0
ENDLESS = 1 << 50
"""A limit that limits nothing."""


@dataclass(frozen=True, slots=True)
class Case:
    """One attack, and the guard that stops it.

    Attributes:
        attack: Its name.
        transport: ``"sse"``, ``"websocket"`` or ``"http"``.
        guard: The field of :class:`rtlab.servers.guards.Guards` that stops it.
        off: A value of that guard with which it guards nothing.
        strike: The attack.
        fix: What the guard does, as one sentence.
        spec: Where the rule stands.
        tight: A value that does not wait for long; None for the default.
        options: What else the labs need.
        default_s: After how long the default lab refuses at the latest; None if it allows more than we can try.
        descriptors: How many descriptors the lab's process may have; it is one of its own then. None for a lab in
            this one.
    """

    attack: str
    transport: str
    guard: str
    off: float
    strike: strikes.Attack
    fix: str
    spec: str
    tight: float | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    default_s: float | None = 5.0
    descriptors: int | None = None


_MESSAGE = "A message has a limit, and a frame's header tells its size before its bytes come: close code 1009."
CASES = (
    Case(
        "a decompression bomb",
        "websocket",
        "max_message_bytes",
        ENDLESS,
        strikes.bomb,
        "The limit holds for what comes out of the decompressor, which stops there: close code 1009.",
        "RFC 7692 8; RFC 6455 10.4",
        options={"compression": True},
    ),
    Case(
        "a message of 2^40 bytes",
        "websocket",
        "max_message_bytes",
        ENDLESS,
        strikes.declared,
        _MESSAGE,
        "RFC 6455 10.4",
    ),
    Case(
        "fragments without end",
        "websocket",
        "max_message_bytes",
        ENDLESS,
        strikes.endless_fragments,
        "The limit holds for all fragments of a message together.",
        "RFC 6455 10.4",
    ),
    Case(
        "thousands of tiny fragments",
        "websocket",
        "max_fragments",
        ENDLESS,
        strikes.tiny_fragments,
        "A message has a limited number of fragments, however small.",
        "RFC 6455 10.4",
    ),
    Case(
        "a WebSocket that never answers",
        "websocket",
        "idle_timeout_s",
        _NEVER_S,
        strikes.silent_websocket,
        "Pings go out, and whoever answers none is dropped.",
        "RFC 6455 5.5.2",
        tight=0.3,
        options={"heartbeat_s": 0.2},
        default_s=80.0,
    ),
    Case(
        "a sender that reads nothing",
        "websocket",
        "max_buffered_bytes",
        ENDLESS,
        strikes.deaf_sender,
        "Whoever leaves too much unread is cut at his next message.",
        "RFC 6455 10.4",
    ),
    Case(
        "a reader that reads nothing",
        "sse",
        "max_buffered_bytes",
        ENDLESS,
        hoarding.slow_reader,
        "What waits for one subscriber is bounded; then it is disconnected, and may resume.",
        "HTML, Server-sent events 9.2.4",
    ),
    Case(
        "a reader that resumes and reads nothing",
        "sse",
        "max_buffered_bytes",
        ENDLESS,
        hoarding.deaf_resumer,
        "Whoever takes nothing between two heartbeats, although much waits, is cut.",
        "HTML, Server-sent events 9.2.4",
        tight=65_536,
        options={"heartbeat_s": 0.2},
        default_s=None,
    ),
    Case(
        "a history on every channel",
        "http",
        "max_history_bytes",
        ENDLESS,
        hoarding.many_histories,
        "All histories together have a bound; the largest forgets first.",
        "HTML, Server-sent events 9.2.4",
        tight=4_194_304,
        default_s=None,
    ),
    Case(
        "many event streams",
        "sse",
        "max_connections",
        ENDLESS,
        hoarding.stream_flood,
        "A server has a largest number of connections; one more is closed at once.",
        "RFC 9112 9.5",
        tight=20,
        default_s=None,
    ),
    Case(
        "many event streams of one client",
        "sse",
        "max_connections_per_client",
        ENDLESS,
        hoarding.stream_flood,
        "An address has a largest number of connections.",
        "RFC 9112 9.5",
        tight=20,
        default_s=None,
    ),
    Case(
        "many silent connections",
        "http",
        "max_silent_connections",
        ENDLESS,
        hoarding.silent_flood,
        "Of the connections without a request, the oldest is closed for each one too many.",
        "RFC 9112 9.5",
        tight=20,
        default_s=None,
    ),
    Case(
        "more connections than descriptors",
        "http",
        "spare_descriptors",
        0,
        hoarding.out_of_descriptors,
        "Some descriptors stay free; whoever has been silent for longest makes room.",
        "RFC 9112 9.5",
        descriptors=150,
    ),
    Case(
        "a head without end",
        "http",
        "max_head_bytes",
        ENDLESS,
        strikes.endless_head,
        "A head has a limit; then the connection is closed.",
        "RFC 6585 5; RFC 9110 5.4",
    ),
    Case(
        "100,001 extensions offered",
        "websocket",
        "max_head_bytes",
        ENDLESS,
        strikes.many_extensions,
        "A head has a limit, and within it the list is read in a time that grows with its length only.",
        "RFC 9110 5.4",
    ),
    Case(
        "a body of 2^40 bytes",
        "http",
        "max_body_bytes",
        ENDLESS,
        strikes.large_body,
        "A body has a limit, and its head tells its length.",
        "RFC 9110 15.5.14",
    ),
    Case(
        "a head byte by byte (slowloris)",
        "http",
        "header_timeout_s",
        _NEVER_S,
        strikes.slow_head,
        "The whole head has one time limit, which a further byte does not move.",
        "RFC 9112 9.5",
        tight=0.4,
        default_s=16.0,
    ),
    Case(
        "a body byte by byte",
        "http",
        "body_timeout_s",
        _NEVER_S,
        strikes.slow_body,
        "The whole body has one time limit, which a further byte does not move.",
        "RFC 9112 9.5",
        tight=0.4,
        default_s=16.0,
    ),
    Case(
        "rapid reset",
        "http",
        "max_idle_frames",
        ENDLESS,
        strikes.rapid_reset,
        "Frames that bring nothing but work have an allowance; beyond it: ENHANCE_YOUR_CALM.",
        "CVE-2023-44487; RFC 9113 10.5",
        options={"http2": True},
    ),
)
"""All attacks of this family; each field of the guards that limits something has one."""
