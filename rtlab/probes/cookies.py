"""Do the cookies that an endpoint sets say who may have them?

Spec: RFC 6265 4.1.2; for SameSite and the prefixes draft-ietf-httpbis-rfc6265bis
"""

from __future__ import annotations

from rtlab.codecs.http1 import ResponseHead
from rtlab.probes.examination import Examination
from rtlab.probes.finding import SEVERITIES, Severity

_MOST_COOKIES = 5


def judge_cookies(examination: Examination, head: ResponseHead) -> None:
    """Note which attributes the cookies of an answer lack.

    Args:
        examination: What is under examination.
        head: The head of the answer.
    """
    told: list[tuple[Severity, str]] = [
        _judge(cookie, secure=examination.address.secure) for cookie in head.get_all("Set-Cookie")[:_MOST_COOKIES]
    ]
    if told:
        gravest = min((severity for severity, _ in told), key=SEVERITIES.index)
        examination.note("COOKIE-ATTRIBUTES", gravest, "; ".join(said for _, said in told))


def _judge(cookie: str, *, secure: bool) -> tuple[Severity, str]:
    """Judge one ``Set-Cookie``; its value is told to nobody."""
    pair, *rest = cookie.split(";")
    name = pair.partition("=")[0].strip()[:40]
    attributes = {key.strip().lower(): value.strip() for key, _, value in (each.partition("=") for each in rest)}
    same_site = attributes.get("samesite", "").lower()
    faults: list[tuple[Severity, str]] = []
    if "secure" not in attributes:
        if same_site == "none":
            faults.append(("error", "SameSite=None without Secure, so browsers drop it"))
        elif name.startswith(("__Secure-", "__Host-")):
            faults.append(("error", "its prefix wants Secure, so browsers drop it"))
        elif secure:
            faults.append(("warning", "no Secure, so it travels in cleartext, too"))
    if same_site == "none" and "secure" in attributes:
        faults.append(("warning", "SameSite=None, so pages of every site use it"))
    elif not same_site:
        faults.append(("info", "no SameSite, so each browser decides"))
    if "httponly" not in attributes:
        faults.append(("info", "no HttpOnly, so scripts read it"))
    if not faults:
        return "fine", f"{name}: {'; '.join(each.strip() for each in rest)[:100]}"
    gravest = min((severity for severity, _ in faults), key=SEVERITIES.index)
    return gravest, f"{name}: {', '.join(said for _, said in faults)}"
