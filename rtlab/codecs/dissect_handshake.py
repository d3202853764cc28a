"""The fields of a head explained one by one, and those of the opening handshake judged against each other.

Spec: RFC 6455 4 and 11.3
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace

from rtlab.codecs.dissect_cursor import counted, quoted, with_rules
from rtlab.codecs.dissect_fields import field_meaning, hide_parameters, is_secret_field
from rtlab.codecs.dissect_websocket import Compression
from rtlab.codecs.http1_heads import RequestHead, ResponseHead
from rtlab.codecs.websocket_handshake import (
    KEY_BYTES,
    VERSION,
    accept_key,
    check_opening_request,
    check_opening_response,
)
from rtlab.errors import RemoteProtocolError

_SHOWN_NAME = 60
_DEFLATE = "permessage-deflate"


@dataclass(frozen=True, slots=True)
class FieldNote:
    """What there is to say about one header field.

    Attributes:
        layer: ``"HTTP/1.1"`` or ``"opening handshake"``.
        meaning: What the field is for.
        value: What its value says.
        spec: The clause.
    """

    layer: str
    meaning: str
    value: str
    spec: str


class FieldNotes:
    """Explains the fields of one head.

    Args:
        head: The head as far as it can be read.
        request: For the head of a response what was asked, if that is known.
    """

    def __init__(self, head: RequestHead | ResponseHead, request: RequestHead | None = None) -> None:
        # All look-ups are made once: a head may have very many fields.
        self._is_response = isinstance(head, ResponseHead)
        self._is_opening = is_opening(head)
        self._key = request.get("Sec-WebSocket-Key") if request else None
        self._offered_subprotocols = _items(request.get("Sec-WebSocket-Protocol")) if request else None
        self._offered_extensions = _extensions(request.get("Sec-WebSocket-Extensions")) if request else None

    def explain(self, name: str, value: bytes) -> FieldNote:
        """Explain one field.

        Args:
            name: The field's name.
            value: The value without the spaces around it.
        """
        key = name.lower()
        meaning, spec = field_meaning(key)
        belongs = key.startswith("sec-websocket-") or (self._is_opening and key in ("upgrade", "connection"))
        layer = "opening handshake" if belongs else "HTTP/1.1"
        return FieldNote(layer, f"{name[:_SHOWN_NAME]}: {meaning}.", self._explain_value(key, value), spec)

    def _explain_value(self, key: str, value: bytes) -> str:
        if is_secret_field(key) or _hides_secret(value):
            return f"redacted, {counted(len(value))}."
        text = value.decode("utf-8", "replace")
        if (shown := hide_parameters(text)) is not None:
            return f"redacted, {counted(len(value))}: {quoted(shown)}."
        rules = ["A value must not hold CR or NUL (RFC 9110 5.5)."] if b"\0" in value or b"\r" in value else []
        verdict, rule = self._judge(key, text)
        return with_rules(f"{quoted(text)}. {verdict}", rules + ([rule] if rule else []))

    def _judge(self, key: str, text: str) -> tuple[str, str]:
        """Give what there is to say about a value, and the rule that it breaks; empty where there is nothing."""
        match key:
            case "content-type" if text.lower().startswith("text/event-stream"):
                return "An EventSource accepts this type only.", ""
            case "sec-websocket-key" if _is_key(text):
                return "16 random bytes in base64.", ""
            case "sec-websocket-key":
                return "", "A key is 16 bytes in base64 (RFC 6455 4.1)."
            case "sec-websocket-version" if not self._is_response and text != VERSION:
                return "", f"The version in use is {VERSION} (RFC 6455 4.1)."
            case "sec-websocket-accept":
                return self._judge_accept(text)
            case "sec-websocket-protocol" if self._is_response and self._offered_subprotocols is not None:
                if text in self._offered_subprotocols:
                    return "Chosen among those offered.", ""
                return "", "The client did not offer this sub-protocol (RFC 6455 4.1)."
            case "sec-websocket-extensions" if self._is_response and self._offered_extensions is not None:
                if _extensions(text) <= self._offered_extensions:
                    return "Agreed on.", ""
                return "", "The client did not offer this extension (RFC 6455 4.1)."
        return "", ""

    def _judge_accept(self, text: str) -> tuple[str, str]:
        if self._key is None:
            return "It cannot be checked: the key is not in these bytes.", ""
        expected = accept_key(self._key)
        if text == expected:
            return "Right: the SHA-1 of the key and the protocol's GUID, in base64.", ""
        return "", f"Wrong: the answer to the key is {expected!r} (RFC 6455 4.2.2)."


def is_opening(head: RequestHead | ResponseHead) -> bool:
    """Tell whether a head asks for WebSocket, or agrees to it."""
    return "websocket" in {item.lower() for item in _items(head.get("Upgrade"))}


def opening_request_rules(head: RequestHead) -> list[str]:
    """Give the rule that a request to open a connection breaks, if it breaks one."""
    try:
        check_opening_request(head)
    except RemoteProtocolError as error:
        return [str(error)]
    return []


def opening_response_rules(head: ResponseHead, request: RequestHead | None) -> list[str]:
    """Give the rule that an answer with status 101 breaks, if it breaks one that the request lets us know."""
    key = request.get("Sec-WebSocket-Key") if request else None
    if request is None or key is None:
        return []
    # The extensions are judged where they stand: the check here is made for clients that offer none.
    fields = tuple(field for field in head.headers if field[0].lower() != "sec-websocket-extensions")
    try:
        check_opening_response(
            replace(head, headers=fields), key, offered_subprotocols=_items(request.get("Sec-WebSocket-Protocol"))
        )
    except RemoteProtocolError as error:
        return [str(error)]
    return []


def agreed_compression(response: ResponseHead | None) -> Compression:
    """Tell from the answer to an opening request whether messages may be compressed."""
    if response is None:
        return "unknown"
    return "agreed" if _DEFLATE in _extensions(response.get("Sec-WebSocket-Extensions")) else "not agreed"


def _hides_secret(value: bytes) -> bool:
    """Tell whether a lax receiver, to which a lone CR ends a line, finds a secret field in a value."""
    lines = value.split(b"\r")[1:]
    return any(is_secret_field(line.partition(b":")[0].decode("latin-1").strip(" \t")) for line in lines)


def _items(value: str | None) -> list[str]:
    return [item.strip(" \t") for item in (value or "").split(",")]


def _extensions(value: str | None) -> set[str]:
    return {item.partition(";")[0].rstrip(" \t").lower() for item in _items(value)}


def _is_key(text: str) -> bool:
    try:
        return len(base64.b64decode(text, validate=True)) == KEY_BYTES
    except ValueError:
        return False
