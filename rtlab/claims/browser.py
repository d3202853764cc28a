"""Experiments in a Chromium that the kernel starts, for the claims on browsers: C09, C10, C15, C21, C25 and C51."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from rtlab.claims.evidence import Evidence, Experiment
from rtlab.clients.peers import SseclientPeer
from rtlab.errors import ConnectionEnded, WaitTimeout
from rtlab.experiments.origins import OPENS, carry_cookie, try_origins
from rtlab.experiments.page_schemes import LOOPBACK, OTHER_NAME
from rtlab.pages.page import Page
from rtlab.results.browser_lab import browser_lab
from rtlab.results.page_schemes import schemes
from rtlab.results.page_support import support
from rtlab.servers.lab import Lab, start_lab

_LAB = "claims in a browser"
_GONE_S = 1.5
EDGE_OF_2020 = "79"
"""The version of Edge that was released on 15 January 2020."""


@contextmanager
def _driven(trusted: Lab | None = None) -> Iterator[Page]:
    """A page of a browser of our own; its lab is one that a page can report to, whatever the learner's is."""
    with start_lab(_LAB, retry_ms=100) as lab:
        page = browser_lab(lab, browser="chromium", trusted=trusted)
        try:
            yield page
        finally:
            page.close()


def wss_from_http(lab: Lab) -> Evidence:
    """C10: open wss from a page loaded over http."""
    with start_lab(f"{_LAB}, TLS", tls=True) as trusted, _driven(trusted) as page:
        origin, browser = page.facts.origin, page.facts.browser
        socket = page.websocket("echo", lab=trusted)
        try:
            opened = bool(socket.wait("open"))
            socket.send("over TLS").result()
            came = socket.wait("message")[0].data
        except (ConnectionEnded, WaitTimeout):
            opened, came = False, None
        socket.close()
    plain = origin.startswith("http:")
    return Evidence(
        "C10",
        "wrong" if plain and opened and came == "over TLS" else "holds",
        f"In {browser} a page at {origin.partition(':')[0]} opened a wss socket, and a message came back over TLS."
        if opened
        else f"In {browser} a page at {origin.partition(':')[0]} could not open a wss socket.",
        {"opened": float(opened), "messages": float(came is not None)},
    )


def sockets_of_other_origins(lab: Lab) -> Evidence:
    """C15: open WebSockets of another origin, with a cookie; one server checks, one does not."""
    with _driven() as page:
        origin, browser = page.facts.origin, page.facts.browser
        reaches = {each.attempt: each for each in try_origins(page)}
        told = carry_cookie(page)
    open_to_all = reaches["WebSocket to another port"].outcome == OPENS
    checked = reaches["WebSocket to a server that checks Origin"]
    checkable = checked.arrived and checked.outcome != OPENS and told.origin == origin
    return Evidence(
        "C15",
        "wrong" if not (open_to_all and told.cookie) else "imprecise" if checkable else "holds",
        f"In {browser} a WebSocket to another origin {reaches['WebSocket to another port'].outcome}"
        f"{', and the cookie went with it' if told.cookie else ''}; no CORS check came before. The handshake said "
        f"Origin: {told.origin}, and a server that looks at it answered 403.",
        {"opened": float(open_to_all), "cookie": float(bool(told.cookie)), "refused_by_server": float(checkable)},
    )


def interface_of_the_browser(lab: Lab) -> Evidence:
    """C25: look for EventSource in a page, cut its line, and do the same to a package that parses the stream."""
    channel = f"claim.{secrets.token_hex(6)}"
    with _driven() as page:
        browser = page.facts.browser
        has = "EventSource" in page.ask("facts").result()["has"]
        source = page.event_source(channel)
        with SseclientPeer(page.lab.sse_url(channel)) as parser:
            source.wait("open")
            page.lab.publish("before", channel=channel)
            source.wait("message")
            parser.receive()
            page.lab.cut(channel)
            came_back = len(source.wait("open", 2)) == 2
            page.lab.publish("after", channel=channel)
            source.wait("message", 2)
            try:
                parser_came_back = parser.receive(_GONE_S).data == "after"
            except (ConnectionEnded, WaitTimeout):
                parser_came_back = False
        states = [event.state for event in source.events if event.kind in ("open", "error")]
        source.close()
    # Open, then an error in state CONNECTING, then open again: the interface's own reconnection (9.2.3).
    as_standard = has and came_back and states == [1, 0, 1]
    return Evidence(
        "C25",
        "holds" if as_standard else "wrong",
        f"{browser} has EventSource. Cut, it went through the readyStates {states} and was open again by itself; "
        f"sseclient-py, which parses the same stream, {'came back too' if parser_came_back else 'did not'}.",
        {"has": float(has), "opened": float(states.count(1)), "parser_came_back": float(parser_came_back)},
    )


def limits_on_sockets(lab: Lab) -> Evidence:
    """C51: try addresses of other origins, a forbidden port, and a frame under a policy."""
    with _driven() as page:
        browser = page.facts.browser
        reaches = try_origins(page)
    sockets = [each for each in reaches if each.attempt.startswith("WebSocket")]
    opened = [each for each in sockets if each.outcome == OPENS]
    stopped = [each for each in sockets if not each.arrived]
    return Evidence(
        "C51",
        "wrong" if not opened else "imprecise" if stopped else "holds",
        f"In {browser} {len(opened)} of {len(sockets)} WebSockets of other origins opened. The browser itself "
        f"stopped {len(stopped)}, and their servers were not asked: "
        f"{', '.join(f'{each.attempt} ({each.rule})' for each in stopped) or 'none'}.",
        {"tried": len(sockets), "opened": len(opened), "stopped_by_browser": len(stopped)},
    )


def plain_from_https(lab: Lab) -> Evidence:
    """C09: open ws from a page loaded over https, to loopback and to another name; and the same over http."""
    found = schemes()
    sockets = {(each.page, each.scheme, each.host): each for each in found.tries if each.what == "WebSocket"}
    elsewhere = sockets["https", "ws", OTHER_NAME]
    reachable = sockets["http", "ws", OTHER_NAME].opened  # so it is the page's scheme that stops it
    loopback = sockets["https", "ws", LOOPBACK]
    return Evidence(
        "C09",
        "holds" if reachable and not elsewhere.opened else "wrong",
        f"In {found.facts.browser} a page loaded over https tried ws to another host: it {elsewhere.seen}; from a "
        f"page loaded over http the same {'opened' if reachable else 'did not open'}. To {LOOPBACK}, which counts "
        f"as trustworthy, ws from https {'opened' if loopback.opened else 'did not open'}.",
        {
            "opened, ws from https": elsewhere.opened,
            "opened, ws from http": reachable,
            "opened, ws from https to loopback": loopback.opened,
        },
    )


def in_all_browsers(lab: Lab) -> Evidence:
    """C21: ask a page for EventSource, and the published data for the version that brought it to each browser."""
    with _driven() as page:
        found = support(page)
    here = {each.feature: bool(each.here) for each in found.found}
    published = found.published[lambda rows: rows["feature"] == "EventSource"].set_index("browser")["since"]
    has_all = here["EventSource"] and bool(published.notna().all())
    return Evidence(
        "C21",
        "wrong" if not has_all else "holds" if published["Edge"] == EDGE_OF_2020 else "imprecise",
        f"{found.facts.browser} {'has' if here['EventSource'] else 'lacks'} EventSource. The published data names "
        f"a first version for {int(published.notna().sum())} of {len(published)} browsers; for Edge it is "
        f"{published['Edge']}, where {EDGE_OF_2020} is the one of 15 January 2020.",
        {"here": here["EventSource"], "browsers": int(published.notna().sum()), "edge": float(published["Edge"])},
    )


EXPERIMENTS: dict[str, Experiment] = {
    "C09": plain_from_https,
    "C10": wss_from_http,
    "C15": sockets_of_other_origins,
    "C21": in_all_browsers,
    "C25": interface_of_the_browser,
    "C51": limits_on_sockets,
}
"""They need a Chromium, Chrome or Edge; ``rtlab.pages.browsers.has_browser`` tells whether one is there."""
