"""Which conversations are held to compare the relay's faults with real proxies, and how the proxies are set up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rtlab.experiments.proxy_conversations import (
    IDLE_S,
    Place,
    broken_off,
    large_event,
    silence,
    silent_websocket,
    slow_events,
    small_events,
    small_events_for_gzip,
    speaking_client,
    status_only,
    websocket,
)
from rtlab.network.faults import Answer, BufferingProxy, Fault, GzipProxy, IdleCut, StripUpgrade
from rtlab.network.real_proxies import ProxySettings

Talk = Callable[[Place], str]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One conversation, and the settings to hold it with.

    Attributes:
        conversation: What is done.
        setting: What the proxies were told beside their defaults.
        talk: Holds it.
        faults: The relay's faults.
        nginx: nginx's settings; None if it has none for this.
        haproxy: HAProxy's settings; likewise.
        note: What a reader must know.
        nobody: Whether nobody listens behind the real proxies; the relay then answers by its fault.
    """

    conversation: str
    setting: str
    talk: Talk
    faults: tuple[Fault, ...]
    nginx: ProxySettings | None = None
    haproxy: ProxySettings | None = None
    note: str = ""
    nobody: bool = False


_TOLD = ProxySettings(upgrade=True)
_PASSING = ProxySettings(buffering=False, upgrade=True, no_delay=True, read_timeout_s=IDLE_S)
_SQUEEZING = ProxySettings(honours_accel=False, http_1_1=True, compression=True)
_SMALL, _GZIPPED, _ONE, _SOCKET = (
    "small events",
    "small events, the client takes gzip",
    "one event, then silence",
    "a WebSocket",
)
_BROKEN = "one event, then the server breaks off"
_ALONE = "a request, and no server"

COMPARISONS = (
    Comparison(
        _SMALL,
        "nginx: proxy_buffering on, as it comes before 1.29.7",
        small_events,
        (BufferingProxy(honours_accel=False),),
        nginx=ProxySettings(honours_accel=False),
    ),
    Comparison(
        "one event of 6 kB",
        "nginx: the same",
        large_event,
        (BufferingProxy(honours_accel=False),),
        nginx=ProxySettings(honours_accel=False),
        note="What does not fill a buffer waits: the end of a large event, too, and with it the event.",
    ),
    Comparison(
        _SMALL,
        "nginx: the same; the server says X-Accel-Buffering: no",
        small_events,
        (BufferingProxy(),),
        nginx=ProxySettings(),
    ),
    Comparison(
        _SMALL,
        "nginx: the same; proxy_http_version 1.1",
        small_events,
        (),
        nginx=ProxySettings(honours_accel=False, http_1_1=True),
        note="Over HTTP/1.1 the answer is chunked, and nginx passes each chunk on: the default since 1.29.7.",
    ),
    Comparison(
        _SMALL,
        "nginx: proxy_buffering off; HAProxy: option http-no-delay",
        small_events,
        (),
        nginx=ProxySettings(buffering=False, honours_accel=False),
        haproxy=ProxySettings(no_delay=True),
    ),
    Comparison(
        _SMALL,
        "HAProxy: as it comes",
        small_events,
        (),
        haproxy=ProxySettings(),
        note="HAProxy lets the system collect small pieces for up to 0.2 s. No fault of the relay stands for that.",
    ),
    Comparison(_GZIPPED, "nginx: gzip on, buffering on", small_events_for_gzip, (GzipProxy(),), nginx=_SQUEEZING),
    Comparison(
        _GZIPPED,
        "nginx: gzip on, buffering off",
        small_events_for_gzip,
        (),
        nginx=ProxySettings(buffering=False, compression=True),
        note="With buffering off nginx flushes its compressor after each piece.",
    ),
    Comparison(
        _GZIPPED,
        "HAProxy: compression algo gzip, http-no-delay",
        small_events_for_gzip,
        (),
        haproxy=ProxySettings(compression=True, no_delay=True),
        note="HAProxy built with libslz keeps the last bytes back, so the blank line that ends an event comes with "
        "the next one. No fault of the relay stands for that.",
    ),
    Comparison(_ONE, "idle limit 1 s", silence, (IdleCut(IDLE_S),), nginx=_PASSING, haproxy=_PASSING),
    Comparison(
        _ONE,
        "idle limit 1 s; nginx: buffering on",
        silence,
        (BufferingProxy(honours_accel=False), IdleCut(IDLE_S)),
        nginx=ProxySettings(honours_accel=False, read_timeout_s=IDLE_S),
        note="What nginx has collected goes down with the connection.",
    ),
    Comparison(
        _BROKEN,
        "nginx: HTTP/1.1, buffering off; HAProxy: http-no-delay",
        broken_off,
        (),
        nginx=_PASSING,
        haproxy=_PASSING,
    ),
    Comparison(
        _BROKEN,
        "nginx: HTTP/1.0, buffering off",
        broken_off,
        (),
        nginx=ProxySettings(buffering=False),
        note="Over HTTP/1.0 nginx cannot tell a broken answer from a whole one, and ends it in order. No fault of "
        "the relay stands for that.",
    ),
    Comparison(
        "an event every 0.4 s",
        "idle limit 1 s",
        slow_events,
        (IdleCut(IDLE_S),),
        nginx=_PASSING,
        haproxy=_PASSING,
    ),
    Comparison(
        _SOCKET,
        "nginx: not told, its default; HAProxy: del-header Upgrade",
        websocket,
        (StripUpgrade(),),
        nginx=ProxySettings(),
        haproxy=ProxySettings(),
    ),
    Comparison(_SOCKET, "nginx: told of Upgrade; HAProxy: its default", websocket, (), nginx=_TOLD, haproxy=_TOLD),
    Comparison(
        "a silent WebSocket",
        "idle limit 1 s",
        silent_websocket,
        (IdleCut(IDLE_S),),
        nginx=_PASSING,
        haproxy=_PASSING,
    ),
    Comparison(
        "a WebSocket, only the client speaks",
        "idle limit 1 s",
        speaking_client,
        (IdleCut(IDLE_S),),
        nginx=_PASSING,
        haproxy=_PASSING,
    ),
    Comparison(_ALONE, "nginx: its default", status_only, (Answer(status=502),), nginx=_TOLD, nobody=True),
    Comparison(_ALONE, "HAProxy: its default", status_only, (Answer(status=503),), haproxy=_TOLD, nobody=True),
)
"""What is compared, in the order of the table."""
