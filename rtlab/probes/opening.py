"""The opening handshake of a WebSocket, judged rule by rule instead of as a whole.

Spec: RFC 6455 4
"""

from __future__ import annotations

import secrets

from rtlab.clients.http import HttpConnection
from rtlab.clients.wire import Wire
from rtlab.codecs.http1 import RequestHead, ResponseHead
from rtlab.codecs.permessage_deflate import DeflateOptions, check_answer, make_offer
from rtlab.codecs.websocket_extensions import parse_extensions
from rtlab.codecs.websocket_handshake import accept_key, make_key, opening_request
from rtlab.errors import ConnectionFailed, RemoteProtocolError, WaitTimeout
from rtlab.probes.examination import (
    CannotGoOn,
    Examination,
    field_line,
    first_words,
    head_line,
    replaced,
)

EXTENSIONS = "Sec-WebSocket-Extensions"
_OFFER = DeflateOptions()
"""What a browser offers: windows of any size, and contexts that last."""


def websocket_request(
    examination: Examination, key: str, *, origin: str | None = None, offer: DeflateOptions = _OFFER
) -> RequestHead:
    """Make a correct request that offers compression and what sub-protocols the user named."""
    address = examination.address
    headers = replaced(examination.headers, ("Origin", origin)) if origin else examination.headers
    return opening_request(
        address.host_header,
        address.target,
        key,
        subprotocols=examination.subprotocols,
        extensions=(make_offer(offer),),
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


async def open_again(examination: Examination) -> tuple[Wire, DeflateOptions | None, bytes] | None:
    """Open one more WebSocket; None if it does not open now.

    Returns:
        The wire, which the caller ends, what compression was agreed on, and bytes that came with the answer.
    """
    http = HttpConnection(examination.address, examination.traffic, ca_pem=examination.ca_pem)
    try:
        head = await http.request(websocket_request(examination, new_key()), timeout_s=examination.answer_s)
        if head.status != 101:
            return None
        agreed = check_answer(parse_extensions(head.get_all(EXTENSIONS)), _OFFER)
        wire, early, _ = http.take_wire()
    except (ConnectionFailed, RemoteProtocolError, WaitTimeout):
        return None
    finally:
        http.close()
    return wire, agreed, early


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
        agreed = check_answer(parse_extensions(head.get_all(EXTENSIONS)), _OFFER)
    except RemoteProtocolError as error:
        examination.note(
            "WS-EXTENSION", "error", f"{field_line(EXTENSIONS, head.get(EXTENSIONS))}: {error.message}"
        )
        return None
    examination.facts["subprotocol"] = subprotocol or "none"
    examination.facts["compression"] = head.get(EXTENSIONS) or "none"
    return agreed
