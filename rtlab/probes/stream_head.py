"""The head of an event stream's answer: status, type, and what it tells caches and proxies.

Spec: WHATWG HTML 9.2.3, 9.2.5; RFC 9110; RFC 9111 5.2.2
"""

from __future__ import annotations

from rtlab.codecs.http1 import ResponseHead
from rtlab.probes.examination import CannotGoOn, Examination, field_line, head_line


def judge_head(examination: Examination, head: ResponseHead, said: str) -> None:
    """Judge the head of the answer.

    Args:
        examination: What is under examination.
        head: The head.
        said: What a refusal's body says first.

    Raises:
        CannotGoOn: It is no event stream.
    """
    kind, _, parameters = (head.get("Content-Type") or "").partition(";")
    examination.facts["content_type"] = kind.strip()
    if head.version == "HTTP/1.0":
        examination.note("HTTP-VERSION", "warning", head_line(head))
    if head.status != 200:
        examination.note("HTTP-STATUS", "error", _status_says(head) + said)
    elif kind.strip().lower() != "text/event-stream":
        examination.note("HTTP-NOT-A-STREAM", "error", field_line("Content-Type", head.get("Content-Type")))
    if examination.findings and examination.findings[-1].id in ("HTTP-STATUS", "HTTP-NOT-A-STREAM"):
        raise CannotGoOn(examination.findings[-1].title)
    name, _, charset = parameters.strip().partition("=")
    if name.lower() == "charset" and charset.strip('" ').lower() not in ("utf-8", "utf8"):
        examination.note("SSE-CHARSET", "warning", field_line("Content-Type", head.get("Content-Type")))
    cache = (head.get("Cache-Control") or "").lower()
    if "public" in cache or ("max-age" in cache and "max-age=0" not in cache):
        examination.note("SSE-CACHE", "warning", field_line("Cache-Control", cache))
    elif not any(word in cache for word in ("no-store", "no-cache")):
        examination.note("SSE-CACHE", "info", field_line("Cache-Control", head.get("Cache-Control")))
    # nginx takes the field out when it obeys.
    is_nginx = "nginx" in (head.get("Server") or "").lower()
    if not is_nginx and (head.get("X-Accel-Buffering") or "").lower() != "no":
        examination.note("SSE-ACCEL", "info", field_line("X-Accel-Buffering", head.get("X-Accel-Buffering")))
    if head.get("Content-Length"):
        examination.note("SSE-LENGTH", "warning", field_line("Content-Length", head.get("Content-Length")))


def _status_says(head: ResponseHead) -> str:
    meaning = {
        204: "tells an EventSource to stop",
        401: "credentials are missing; give headers",
        403: "refused; perhaps headers are missing",
        426: "the server wants an upgrade: a WebSocket is probed with ws:// or wss://",
    }.get(head.status, "")
    return f"{head_line(head)}{': ' * bool(meaning)}{meaning}"
