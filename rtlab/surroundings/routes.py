"""The ways a page has to a lab, and what each of them changes on the way.

A page reaches a lab on its own port, or through the notebook server's proxy. The proxy ends every connection and
opens another one, so the page measures the proxy where a feature does not pass it. These are the features.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from rtlab.errors import InputError

Route = Literal["direct", "proxy", "kernel only"]
"""``direct``: the page opens the lab's own port. ``proxy``: through the notebook server, by jupyter-server-proxy.
``kernel only``: no page reaches the lab; Python clients in the kernel do."""

_MEASURED = "measured 2026-11-22 with JupyterLab 4.6.6, jupyter-server-proxy 4.6.0 and Chromium 156"
_READ = "read in jupyter-server-proxy 4.6.0, handlers.py"


@dataclass(frozen=True, slots=True)
class Distortion:
    """One thing that is not what it is on the lab's own port.

    Attributes:
        route: The route that changes it.
        feature: A short key, such as ``"close_code"``.
        name: The feature's name for people.
        happens: What a page or the lab sees on this route, in one sentence.
        source: How we know.
    """

    route: Route
    feature: str
    name: str
    happens: str
    source: str


DISTORTIONS = (
    Distortion(
        "proxy",
        "close_code",
        "WebSocket close code and reason",
        "The page sees 1005 without a reason whatever the lab sent, and the lab sees no code from the page.",
        _MEASURED,
    ),
    Distortion(
        "proxy",
        "subprotocol",
        "WebSocket sub-protocol",
        "The page is told the first one it offered, also when the lab chose another one or none.",
        f"{_MEASURED}; jupyter-server-proxy issue 459",
    ),
    Distortion(
        "proxy",
        "compression",
        "WebSocket compression",
        "Messages reach the page without permessage-deflate, though the proxy and the lab may use it.",
        _MEASURED,
    ),
    Distortion(
        "proxy",
        "ping",
        "WebSocket ping and pong",
        "The proxy answers the lab's pings itself, so a pong does not show that the page is there.",
        "measured 2026-11-22 with jupyter-server-proxy 4.6.0",
    ),
    Distortion(
        "proxy",
        "disconnect",
        "end of an event stream, seen by the lab",
        "The lab does not notice that the page closed an EventSource: it was still writing 12 seconds later.",
        _MEASURED,
    ),
    Distortion(
        "proxy",
        "refused",
        "reconnection after the lab stopped",
        "The proxy says 500, and every EventSource gives up; directly, Chromium's would try again.",
        f"{_MEASURED}; {_READ}",
    ),
    Distortion(
        "proxy",
        "opening",
        "when a WebSocket is open",
        "The page's WebSocket is open before the lab has the connection, and also if the lab refuses it later.",
        f"{_MEASURED}; {_READ}",
    ),
    Distortion(
        "proxy",
        "reset",
        "a line that breaks",
        "The page is not told: its EventSource stays open and waits for ever.",
        _MEASURED,
    ),
    Distortion(
        "proxy",
        "backpressure",
        "a lab that does not read",
        "The proxy reads on for it and keeps what it gets; a WebSocket that closes meanwhile may lose messages.",
        _MEASURED,
    ),
    Distortion(
        "proxy",
        "stream_limit",
        "number of event streams",
        "They share the six connections that JupyterLab itself needs: the sixth stream stops saving and opening.",
        _MEASURED,
    ),
    Distortion(
        "proxy",
        "accept",
        "fetch with a stream reader",
        "The answer comes whole at its end, unless the Accept header is exactly text/event-stream.",
        f"{_MEASURED}; {_READ}",
    ),
    Distortion(
        "proxy",
        "headers",
        "request headers, seen by the lab",
        "Host and Origin are those of the notebook server, and its login cookie comes along.",
        _MEASURED,
    ),
    Distortion(
        "proxy",
        "latency",
        "latency",
        "Each message passes one more process: most come about a millisecond later, some much more.",
        _MEASURED,
    ),
)


def distortions(route: Route) -> tuple[Distortion, ...]:
    """List what a route changes, so that a result can say what it does not show.

    Args:
        route: ``"direct"``, ``"proxy"`` or ``"kernel only"``.

    Returns:
        One record a feature; empty for ``"direct"``, and for ``"kernel only"``, on which no page measures.

    Raises:
        InputError: There is no such route.
    """
    if route not in get_args(Route):
        raise InputError(f"There is no route {route!r}; the routes are {', '.join(get_args(Route))}.")
    return tuple(each for each in DISTORTIONS if each.route == route)
