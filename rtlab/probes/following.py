"""The way to a stream: the request that a browser makes, and redirects until something else comes.

Spec: WHATWG HTML 9.2.3, RFC 9110 15.4
"""

from __future__ import annotations

from urllib.parse import urljoin

from rtlab import clock
from rtlab.clients.http import HttpConnection
from rtlab.clients.wire import Address
from rtlab.codecs.dissect_fields import hide_parameters
from rtlab.codecs.http1 import RequestHead, ResponseHead
from rtlab.probes.cookies import judge_cookies
from rtlab.probes.examination import CannotGoOn, Examination, replaced
from rtlab.probes.listening import OFFERED_CODINGS

MOST_REDIRECTS = 5
PLAIN = "identity"
_REDIRECTS = (301, 302, 303, 307, 308)


def stream_request(
    examination: Examination, *further: tuple[str, str], coding: str = OFFERED_CODINGS
) -> RequestHead:
    """Make the request that a browser's EventSource makes."""
    own = (("Accept", "text/event-stream"), ("Cache-Control", "no-cache"), ("Accept-Encoding", coding))
    headers = replaced(examination.headers, *further)
    return RequestHead("GET", examination.address.target, (*own, *headers))


async def follow(examination: Examination) -> tuple[HttpConnection, ResponseHead, int]:
    """Ask for the stream, through redirects.

    Args:
        examination: What is under examination; its URL moves on.

    Returns:
        The open connection, the head of the answer, and when the request left.

    Raises:
        CannotGoOn: There is no answer, or the redirects lead nowhere.
    """
    chain = [examination.url]
    while True:
        start_ns = clock.now_ns()
        try:
            http, head = await examination.ask(stream_request(examination))
        except CannotGoOn:
            if examination.findings[-1].id == "HTTP-NO-ANSWER":
                await _ask_without_compression(examination)
            raise
        # The request left when the connection stood; before that is the way to the server.
        asked_ns = examination.traffic.request_times_ns[-1]
        location = head.get("Location")
        judge_cookies(examination, head)
        if head.status not in _REDIRECTS or not location:
            break
        http.close()
        _move_on(examination, chain, location)
    examination.facts |= {
        "status": head.status,
        "http_version": head.version,
        "connect_ms": (asked_ns - start_ns) / 1e6,
        "first_byte_ms": examination.since_ms(asked_ns),
    }
    if len(chain) > 1:
        examination.facts["redirects"] = len(chain) - 1
        examination.note("HTTP-REDIRECT", "info", " to ".join(chain))
    return http, head, asked_ns


def _move_on(examination: Examination, chain: list[str], location: str) -> None:
    """Go where a redirect leads, if that is allowed."""
    told = f"{examination.url} to {location}"
    here = examination.address
    try:
        url = urljoin(examination.url, location)
        there = Address.parse(url, ("http", "https"))
    except ValueError as error:
        examination.note("HTTP-REDIRECT-BAD", "error", f"{told}: {error}")
        raise CannotGoOn(told) from error
    if url in chain or len(chain) > MOST_REDIRECTS:
        examination.note("HTTP-REDIRECT-LOOP", "error", f"{len(chain)} redirects, the last from {told}")
        raise CannotGoOn(told)
    chain.append(url)
    if hide_parameters(url) and not hide_parameters(examination.url):
        examination.note("HTTP-TOKEN-IN-URL", "warning", f"a redirect leads to {url}")
    if there.host != here.host and not (there.is_loopback and here.is_loopback):
        examination.note("HTTP-REDIRECT-AWAY", "warning", told)
        raise CannotGoOn(told)
    if here.secure and not there.secure:
        examination.note("HTTP-REDIRECT-CLEARTEXT", "error", told)
    if there.origin != here.origin:
        examination.headers = ()  # they were meant for the first one alone
    examination.url = url


async def _ask_without_compression(examination: Examination) -> None:
    """Find out whether it is compression that keeps even the head back."""
    start_ns = clock.now_ns()
    if await examination.try_head(stream_request(examination, coding=PLAIN)):
        said = f"no answer; without Accept-Encoding one after {examination.since_ms(start_ns):,.0f} ms"
        examination.note("SSE-COMPRESSED", "error", said)
