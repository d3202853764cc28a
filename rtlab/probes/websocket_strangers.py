"""Who may open a WebSocket: pages of other origins, somebody without credentials, somebody with a wrong handshake?

Spec: RFC 6455 4.2.1, 10.2
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

from rtlab.clients.http import HttpConnection
from rtlab.codecs.http1 import RequestHead
from rtlab.codecs.websocket_session import CloseReceived, WebSocketSession
from rtlab.errors import ConnectionFailed, WaitTimeout
from rtlab.probes.examination import Examination, field_line, head_line
from rtlab.probes.finding import Severity
from rtlab.probes.opening import new_key, websocket_request
from rtlab.probes.origins import ANOTHER_SITE, FOREIGN_ORIGIN, OTHER_SCHEME, wrong_origins
from rtlab.probes.strangers import own_origin, try_foreign_host, try_without_credentials

_SECOND_THOUGHT_S = 0.3
"""Some servers say 101 first, and look at Origin then."""
_WRONG: dict[str, tuple[str, str | None]] = {
    "no key": ("Sec-WebSocket-Key", None),
    "a key of 8 bytes": ("Sec-WebSocket-Key", "AAAAAAAAAAA="),
    "a key that is no base64": ("Sec-WebSocket-Key", "not base64, not at all!!"),
    "no version": ("Sec-WebSocket-Version", None),
    "no Upgrade": ("Upgrade", None),
    "no Connection": ("Connection", None),
}
_HARMLESS = {"a key of 8 bytes", "a key that is no base64", "two keys", "no Connection", "HEAD"}
"""A key proves nothing about who asks, and a proxy that passes WebSockets writes Connection itself."""


async def try_strangers_on_websocket(examination: Examination, *, waits: bool) -> None:
    """Open WebSockets as those who should not, and with handshakes that are wrong.

    Args:
        examination: What is under examination.
        waits: Whether an end soon after the 101 means a refusal; not if every conversation ends so.
    """
    right = websocket_request(examination, new_key())
    await _try_wrong_origins(examination, waits)
    await _try_without_origin(examination, right, waits)
    await try_foreign_host(examination, right, wanted=101)
    await try_without_credentials(examination, right, wanted=101)
    await _try_wrong_handshakes(examination, right)


async def _try_wrong_origins(examination: Examination, waits: bool) -> None:
    examination.trying = "wrong values of Origin"
    taken: list[str] = []
    refused = ""
    for what, origin in wrong_origins(own_origin(examination)).items():
        said = await _opens(examination, websocket_request(examination, new_key(), origin=origin), waits)
        if said == "no answer":
            continue
        if said == "open":
            taken.append(what)
        elif not refused:
            refused = f"Origin: {origin} got {said}"
        if taken == [ANOTHER_SITE]:
            break  # whoever lets everybody in compares nothing
    has_cookie = any(name.lower() == "cookie" for name, _ in examination.credentials)
    grave: Severity = "error" if has_cookie else "warning"
    if taken == [ANOTHER_SITE]:
        examination.note("WS-ORIGIN", grave, f"Origin: {FOREIGN_ORIGIN} got 101 Switching Protocols")
        return
    if refused:
        examination.note("WS-ORIGIN", "fine", refused)
    if taken:
        # A page of https beside an endpoint without TLS is the same people's; the other way round it is anybody's.
        is_light = taken == [OTHER_SCHEME] and not examination.address.secure
        examination.note("WS-ORIGIN-LAX", "info" if is_light else grave, f"let in: {', '.join(taken)}")


async def _try_without_origin(examination: Examination, right: RequestHead, waits: bool) -> None:
    """See whether a client that is no browser is let in; only credentials could keep it out."""
    said = "open"
    if right.get("Origin"):
        said = await _opens(examination, _changed(right, "Origin", None), waits)
    if said == "open":
        if not examination.credentials:
            examination.note("WS-ORIGIN-MISSING", "info", "no Origin got 101")
    elif said != "no answer":
        examination.note("WS-ORIGIN-MISSING", "fine", f"no Origin got {said}")


async def _opens(examination: Examination, request: RequestHead, waits: bool) -> str:
    """Tell what comes of an opening handshake: ``"open"``, ``"no answer"``, or the refusal."""
    http = HttpConnection(examination.address, examination.traffic, ca_pem=examination.ca_pem)
    try:
        head = await http.request(request, timeout_s=examination.answer_s)
        if head.status != 101:
            return head_line(head)
        if not waits:
            return "open"
        wire, data, _ = http.take_wire()
    except (ConnectionFailed, WaitTimeout):
        return "no answer"
    finally:
        http.close()
    session = WebSocketSession("client")
    try:
        async with asyncio.timeout(_SECOND_THOUGHT_S):
            while True:
                for event in session.read(data):
                    if isinstance(event, CloseReceived):
                        return f"101, and then close code {session.close_code or 1005}"
                data, _ = await wire.read()
                if not data:
                    return "101, and then the end of the line"
    except TimeoutError:
        return "open"
    finally:
        wire.abort()


async def _try_wrong_handshakes(examination: Examination, right: RequestHead) -> None:
    examination.trying = "wrong opening handshakes"
    wrong = {what: _changed(right, name, value) for what, (name, value) in _WRONG.items()}
    wrong["two keys"] = replace(right, headers=(*right.headers, ("Sec-WebSocket-Key", new_key())))
    wrong["HEAD"] = replace(right, method="HEAD")
    taken: list[str] = []
    for what, request in wrong.items():
        answer = await examination.try_head(request)
        if answer and answer.status == 101:
            taken.append(what)
    answer = await examination.try_head(_changed(right, "Sec-WebSocket-Version", "12"))
    if answer and answer.status == 101:
        taken.append("version 12")
    elif answer and "13" not in (answer.get("Sec-WebSocket-Version") or ""):
        said = f"{head_line(answer)}, {field_line('Sec-WebSocket-Version', answer.get('Sec-WebSocket-Version'))}"
        examination.note("WS-VERSION", "info", said)
    is_grave = bool(set(taken) - _HARMLESS)
    said = f"accepted: {', '.join(taken)}" if taken else f"{len(wrong) + 1} tried"
    severity: Severity = "warning" if is_grave else "info" if taken else "fine"
    examination.note("WS-HANDSHAKE", severity, said)


def _changed(request: RequestHead, name: str, value: str | None) -> RequestHead:
    """Replace a header field, or leave it out."""
    fields = [(each, value if each == name else said) for each, said in request.headers]
    return replace(request, headers=tuple((each, said) for each, said in fields if said is not None))
