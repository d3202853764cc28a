"""Who may connect: a page of another origin, a page that rebinds its name, somebody without credentials?

Each is one more connection with one thing changed, closed as soon as the head of the answer is there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from rtlab.codecs.http1 import RequestHead, ResponseHead
from rtlab.probes.examination import FOREIGN_HOST, FOREIGN_ORIGIN, Examination, field_line, head_line, replaced
from rtlab.probes.finding import Severity

_ALLOW, _WITH_COOKIES = "Access-Control-Allow-Origin", "Access-Control-Allow-Credentials"


async def try_strangers_on_stream(examination: Examination, request: Callable[..., RequestHead]) -> None:
    """Ask for a stream as those who should not have it.

    Args:
        examination: What is under examination.
        request: Makes the request, with further headers.
    """
    answer = await examination.try_head(request(examination, ("Origin", FOREIGN_ORIGIN)))
    if answer:
        _judge_cors(examination, answer)
    await try_foreign_host(examination, request(examination), wanted=200)
    await try_without_credentials(examination, request(examination), wanted=200)


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


def _judge_cors(examination: Examination, answer: ResponseHead) -> None:
    allowed, with_cookies = answer.get(_ALLOW), (answer.get(_WITH_COOKIES) or "").lower() == "true"
    said = f"Origin: {FOREIGN_ORIGIN} got {answer.status}, {field_line(_ALLOW, allowed)}"
    if with_cookies:
        said += f", {field_line(_WITH_COOKIES, 'true')}"
    if answer.status != 200 or allowed not in ("*", FOREIGN_ORIGIN):
        examination.note("SSE-CORS-OPEN", "fine", said)
        return
    if allowed == "*":
        if with_cookies:
            examination.note("SSE-CORS-INVALID", "warning", said)
        examination.note("SSE-CORS-OPEN", "warning" if examination.address.is_loopback else "info", said)
        return
    examination.note(
        "SSE-CORS-REFLECTED" if with_cookies else "SSE-CORS-OPEN", "error" if with_cookies else "warning", said
    )
    if "origin" not in (answer.get("Vary") or "").lower() and "*" not in (answer.get("Vary") or ""):
        examination.note("SSE-CORS-VARY", "warning", f"{said}, {field_line('Vary', answer.get('Vary'))}")
