"""The opening handshake of a WebSocket, judged rule by rule instead of as a whole.

Spec: RFC 6455 4
"""

from __future__ import annotations

import secrets
from dataclasses import replace

from rtlab.clients.http import HttpConnection
from rtlab.codecs.http1 import RequestHead, ResponseHead
from rtlab.codecs.permessage_deflate import DeflateOptions, check_answer, make_offer
from rtlab.codecs.websocket_extensions import parse_extensions
from rtlab.codecs.websocket_handshake import accept_key, make_key, opening_request
from rtlab.errors import RemoteProtocolError
from rtlab.probes.examination import (
    FOREIGN_ORIGIN,
    CannotGoOn,
    Examination,
    field_line,
    first_words,
    head_line,
    replaced,
)
from rtlab.probes.finding import Severity
from rtlab.probes.strangers import try_foreign_host, try_without_credentials

_EXTENSIONS = "Sec-WebSocket-Extensions"
_OFFER = DeflateOptions()
_WRONG = {
    "no key": ("Sec-WebSocket-Key", None),
    "a key of 8 bytes": ("Sec-WebSocket-Key", "AAAAAAAAAAA="),
    "no Upgrade": ("Upgrade", None),
    "no Connection": ("Connection", None),
}
_HARMLESS = {"a key of 8 bytes", "no Connection"}
"""A key proves nothing about who asks, and a proxy that passes WebSockets writes Connection itself."""


def websocket_request(examination: Examination, key: str, *, origin: str | None = None) -> RequestHead:
    """Make a correct request that offers compression and what sub-protocols the user named."""
    address = examination.address
    headers = replaced(examination.headers, ("Origin", origin)) if origin else examination.headers
    return opening_request(
        address.host_header,
        address.target,
        key,
        subprotocols=examination.subprotocols,
        extensions=(make_offer(_OFFER),),
        headers=headers,
    )


def new_key() -> str:
    """Make a key nobody can guess."""
    return make_key(secrets.token_bytes(16))


async def open_websocket(examination: Examination) -> tuple[HttpConnection, DeflateOptions | None]:
    """Open a WebSocket and judge the answer.

    Args:
        examination: What is under examination.

    Returns:
        The connection, ready to speak WebSocket, and what compression was agreed on.

    Raises:
        CannotGoOn: It was refused, or the answer is so wrong that a browser would give up.
    """
    key = new_key()
    http, head = await examination.ask(websocket_request(examination, key))
    asked_ns = examination.traffic.request_times_ns[-1]
    try:
        examination.facts |= {"status": head.status, "first_byte_ms": examination.since_ms(asked_ns)}
        if head.status != 101:
            examination.note("WS-REFUSED", "error", _refusal(head) + await first_words(http))
            raise CannotGoOn(head_line(head))
        agreed = _judge_answer(examination, head, key)
        if any(each.severity == "error" for each in examination.findings):
            raise CannotGoOn("The opening handshake is wrong.")
    except BaseException:
        http.close()
        raise
    return http, agreed


def _refusal(head: ResponseHead) -> str:
    meaning = {
        200: "the server, or a proxy, took it for a plain request",
        400: "perhaps a proxy took Upgrade and Connection out",
        401: "credentials are missing; give headers",
        403: "refused; perhaps Origin or credentials are missing; give headers",
        404: "there is no such path",
        426: "the upgrade did not reach the server: a proxy took it out, or spoke HTTP/1.0",
    }.get(head.status, "a browser follows no redirect here" if 300 <= head.status < 400 else "")
    where = f", {field_line('Location', head.get('Location'))}" if head.get("Location") else ""
    return f"{head_line(head)}{where}{': ' * bool(meaning)}{meaning}"


def _judge_answer(examination: Examination, head: ResponseHead, key: str) -> DeflateOptions | None:
    upgrade, connection = head.get("Upgrade"), head.get("Connection")
    tokens = [token.strip().lower() for token in (connection or "").split(",")]
    if (upgrade or "").strip().lower() != "websocket" or "upgrade" not in tokens:
        examination.note(
            "WS-UPGRADE", "error", f"{field_line('Upgrade', upgrade)}, {field_line('Connection', connection)}"
        )
    if head.get_all("Sec-WebSocket-Accept") != [accept_key(key)]:
        said = field_line("Sec-WebSocket-Accept", head.get("Sec-WebSocket-Accept"))
        examination.note("WS-ACCEPT", "error", f"{said}, wanted {accept_key(key)}")
    subprotocol = head.get("Sec-WebSocket-Protocol")
    if subprotocol is not None and subprotocol not in examination.subprotocols:
        offered = ", ".join(examination.subprotocols) or "none"
        said = f"{field_line('Sec-WebSocket-Protocol', subprotocol)}, offered: {offered}"
        examination.note("WS-SUBPROTOCOL", "error", said)
    try:
        agreed = check_answer(parse_extensions(head.get_all(_EXTENSIONS)), _OFFER)
    except RemoteProtocolError as error:
        examination.note(
            "WS-EXTENSION", "error", f"{field_line(_EXTENSIONS, head.get(_EXTENSIONS))}: {error.message}"
        )
        return None
    examination.facts["subprotocol"] = subprotocol or "none"
    examination.facts["compression"] = head.get(_EXTENSIONS) or "none"
    if agreed:
        cost = deflate_bytes(agreed)
        examination.facts["deflate_bytes"] = cost
        examination.note(
            "WS-DEFLATE", "info", f"{head.get(_EXTENSIONS)}: up to {cost / 1024:.0f} KiB on the server"
        )
    return agreed


def deflate_bytes(agreed: DeflateOptions) -> int:
    """Estimate what a server with zlib keeps between the messages of one connection, at zlib's default level.

    The formulas are those of zlib's own zconf.h: ``(1 << (windowBits+2)) + (1 << (memLevel+9))`` to compress, and
    ``1 << windowBits`` plus 7 KiB to restore.
    """
    deflating = (1 << (agreed.server_max_window_bits + 2)) + (1 << (8 + 9))
    inflating = (1 << agreed.client_max_window_bits) + 7_168
    return deflating * (not agreed.server_no_context_takeover) + inflating * (not agreed.client_no_context_takeover)


async def try_strangers_on_websocket(examination: Examination) -> None:
    """Open WebSockets as those who should not, and with handshakes that are wrong.

    Args:
        examination: What is under examination.
    """
    right = websocket_request(examination, new_key())
    answer = await examination.try_head(websocket_request(examination, new_key(), origin=FOREIGN_ORIGIN))
    if answer:
        is_open = answer.status == 101
        grave: Severity = (
            "error" if any(name.lower() == "cookie" for name, _ in examination.credentials) else "warning"
        )
        said = f"Origin: {FOREIGN_ORIGIN} got {head_line(answer)}"
        examination.note("WS-ORIGIN", grave if is_open else "fine", said)
    await try_foreign_host(examination, right, wanted=101)
    await try_without_credentials(examination, right, wanted=101)
    await _try_wrong_handshakes(examination, right)


async def _try_wrong_handshakes(examination: Examination, right: RequestHead) -> None:
    examination.trying = "wrong opening handshakes"
    taken: list[str] = []
    tried = 0
    for what, (name, value) in _WRONG.items():
        answer = await examination.try_head(_changed(right, name, value))
        tried += 1
        if answer and answer.status == 101:
            taken.append(what)
    answer = await examination.try_head(_changed(right, "Sec-WebSocket-Version", "12"))
    if answer and answer.status == 101:
        taken.append("version 12")
    elif answer and "13" not in (answer.get("Sec-WebSocket-Version") or ""):
        said = f"{head_line(answer)}, {field_line('Sec-WebSocket-Version', answer.get('Sec-WebSocket-Version'))}"
        examination.note("WS-VERSION", "info", said)
    is_grave = bool(set(taken) - _HARMLESS)
    said = f"accepted: {', '.join(taken)}" if taken else f"{tried + 1} tried"
    severity: Severity = "warning" if is_grave else "info" if taken else "fine"
    examination.note("WS-HANDSHAKE", severity, said)


def _changed(request: RequestHead, name: str, value: str | None) -> RequestHead:
    """Replace a header field, or leave it out."""
    fields = [(each, value if each == name else said) for each, said in request.headers]
    return replace(request, headers=tuple((each, said) for each, said in fields if said is not None))
