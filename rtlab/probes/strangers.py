"""Who may connect: a page of another origin, a page that rebinds its name, somebody without credentials?

Each is one more connection with one thing changed, closed as soon as the head of the answer is there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from rtlab.codecs.cors import ALLOW_CREDENTIALS, ALLOW_ORIGIN
from rtlab.codecs.http1 import RequestHead, ResponseHead
from rtlab.probes.examination import Examination, field_line, head_line, replaced
from rtlab.probes.finding import Severity
from rtlab.probes.origins import ANOTHER_SITE, FOREIGN_HOST, FOREIGN_ORIGIN, origin_of, wrong_origins

_ALLOW_HEADERS = "Access-Control-Allow-Headers"


async def try_strangers_on_stream(examination: Examination, request: Callable[..., RequestHead]) -> None:
    """Ask for a stream as those who should not have it.

    Args:
        examination: What is under examination.
        request: Makes the request, with further headers.
    """
    answer = await examination.try_head(request(examination, ("Origin", FOREIGN_ORIGIN)))
    await try_foreign_host(examination, request(examination), wanted=200)
    await try_without_credentials(examination, request(examination), wanted=200)
    if answer and not _judge_cors(examination, answer):
        await _try_wrong_origins(examination, request)
    await _try_preflight(examination, request)


def own_origin(examination: Examination) -> str:
    """Give the origin that is welcome: what the user says, or the endpoint's own."""
    given = next((value for name, value in examination.headers if name.lower() == "origin"), "")
    return given if "://" in given else origin_of(examination.address)


async def try_foreign_host(examination: Examination, request: RequestHead, *, wanted: int) -> None:
    """Ask a server on loopback under a name that is not its own, as a page with a rebound name does."""
    if not examination.address.is_loopback:
        return
    host = f"{FOREIGN_HOST}:{examination.address.port}"
    scheme = "https" if examination.address.secure else "http"
    changed = replaced(request.headers, ("Host", host), ("Origin", f"{scheme}://{host}"))
    answer = await examination.try_head(replace(request, headers=changed))
    if answer:
        said = f"Host: {host} got {head_line(answer)}"
        examination.note("HTTP-HOST", "warning" if answer.status == wanted else "fine", said)


async def try_without_credentials(examination: Examination, request: RequestHead, *, wanted: int) -> None:
    """Ask without the credentials that the user gave; nothing to do where there are none."""
    if not examination.credentials:
        return
    kept = tuple(each for each in request.headers if each not in examination.credentials)
    answer = await examination.try_head(replace(request, headers=kept))
    if answer:
        names = ", ".join(name for name, _ in examination.credentials)
        is_open = answer.status == wanted
        severity: Severity = "warning" if is_open else "fine"
        examination.note("HTTP-TOKEN-UNCHECKED", severity, f"without {names}: {head_line(answer)}")


def _judge_cors(examination: Examination, answer: ResponseHead) -> bool:
    """Judge what a page of another site gets; tell whether it may read the stream."""
    allowed, with_cookies = answer.get(ALLOW_ORIGIN), _allows_cookies(answer)
    said = f"Origin: {FOREIGN_ORIGIN} got {answer.status}, {field_line(ALLOW_ORIGIN, allowed)}"
    if with_cookies:
        said += f", {field_line(ALLOW_CREDENTIALS, 'true')}"
    if answer.status != 200 or allowed not in ("*", FOREIGN_ORIGIN):
        examination.note("SSE-CORS-OPEN", "fine", said)
        return False
    if allowed == "*":
        if with_cookies:
            examination.note("SSE-CORS-INVALID", "warning", said)
        examination.note("SSE-CORS-OPEN", "warning" if examination.address.is_loopback else "info", said)
        return True
    examination.note(
        "SSE-CORS-REFLECTED" if with_cookies else "SSE-CORS-OPEN", "error" if with_cookies else "warning", said
    )
    if "origin" not in (answer.get("Vary") or "").lower() and "*" not in (answer.get("Vary") or ""):
        examination.note("SSE-CORS-VARY", "warning", f"{said}, {field_line('Vary', answer.get('Vary'))}")
    return True


async def _try_wrong_origins(examination: Examination, request: Callable[..., RequestHead]) -> None:
    """Try what fools a check that compares only a part."""
    examination.trying = "wrong values of Origin"
    taken, with_cookies = [], False
    for what, origin in wrong_origins(own_origin(examination)).items():
        if what == ANOTHER_SITE:
            continue  # it was asked first, and may not read
        answer = await examination.try_head(request(examination, ("Origin", origin)))
        if answer and answer.status == 200 and answer.get(ALLOW_ORIGIN) == origin:
            taken.append(f"{what} ({origin})")
            with_cookies |= _allows_cookies(answer)
    if taken:
        said = f"allowed{' with credentials' * with_cookies}: {', '.join(taken)}"
        examination.note("SSE-CORS-LAX", "error" if with_cookies else "warning", said)


async def _try_preflight(examination: Examination, request: Callable[..., RequestHead]) -> None:
    """Ask what a browser asks before a page of another site may send a header of its own."""
    fields = (
        ("Origin", FOREIGN_ORIGIN),
        ("Access-Control-Request-Method", "GET"),
        ("Access-Control-Request-Headers", "authorization"),
    )
    # A browser sends no credentials here.
    kept = tuple(each for each in request(examination).headers if each not in examination.credentials)
    answer = await examination.try_head(RequestHead("OPTIONS", examination.address.target, replaced(kept, *fields)))
    if not answer:
        return
    names = {name.strip().lower() for name in (answer.get(_ALLOW_HEADERS) or "").split(",")}
    is_allowed = 200 <= answer.status < 300 and answer.get(ALLOW_ORIGIN) in ("*", FOREIGN_ORIGIN)
    said = f"{head_line(answer)}, {field_line(ALLOW_ORIGIN, answer.get(ALLOW_ORIGIN))}"
    if not (is_allowed and "authorization" in names):  # the star does not stand for this one
        examination.note("SSE-CORS-PREFLIGHT", "fine", said)
        return
    said += f", {field_line(_ALLOW_HEADERS, answer.get(_ALLOW_HEADERS))}"
    with_cookies = _allows_cookies(answer) and answer.get(ALLOW_ORIGIN) != "*"
    examination.note("SSE-CORS-PREFLIGHT", "warning" if with_cookies else "info", said)


def _allows_cookies(answer: ResponseHead) -> bool:
    return (answer.get(ALLOW_CREDENTIALS) or "").strip() == "true"  # other letters do not count
