"""HTTP/1.1 exchanges, every byte named: what was asked, what was answered, and what the connection became.

The two directions are read together, for an answer's meaning depends on its request: the answer to HEAD has no
body, and after a 101 both sides speak another protocol.

Spec: RFC 9112; RFC 9110 7.8 for the change of protocol
"""

from __future__ import annotations

import re

from rtlab.codecs.dissect_cursor import Cursor, counted, with_rules
from rtlab.codecs.dissect_handshake import (
    FieldNotes,
    agreed_compression,
    is_opening,
    opening_request_rules,
    opening_response_rules,
)
from rtlab.codecs.dissect_http1_body import Framing, declared_framing, take_body
from rtlab.codecs.dissect_http1_heads import (
    LAYER,
    find_lines,
    read_fields,
    take_fields,
    take_line_end,
    take_request_line,
    take_status_line,
)
from rtlab.codecs.dissect_tls import dissect_tls, looks_like_tls
from rtlab.codecs.dissect_websocket import dissect_frames
from rtlab.codecs.http1_heads import RequestHead, ResponseHead

_METHODS = rb"(?:GET|HEAD|POST|PUT|DELETE|CONNECT|OPTIONS|TRACE|PATCH)"
# A line with a known method or with a version at its end, or the start of such a line where the bytes end.
_REQUEST = re.compile(
    rb"(?:\r\n)*(?:%b |[^\r\n]* HTTP/[0-9]\.[0-9]\r?\n|[A-Z]{1,20}(?: [^\r\n]*)?\r?\Z|\r?\Z)" % _METHODS
)
_NEXT_REQUEST = re.compile(_METHODS + rb" [^ \r\n]+ HTTP/1\.[0-9]\r?\n")
_NEXT_RESPONSE = re.compile(rb"HTTP/1\.[0-9] [1-5][0-9][0-9][ \r]")
_BODY_FOLLOWS: dict[Framing, str] = {
    "chunked": "A body in chunks follows.",
    "until close": "A body follows that lasts until the connection closes.",
    0: "No body follows.",
}


def looks_like_request(data: bytes, at: int = 0) -> bool:
    """Tell whether bytes start like a request, finished or not."""
    return _REQUEST.match(data, at) is not None


def looks_like_response(data: bytes, at: int = 0) -> bool:
    """Tell whether bytes start like a response, finished or not."""
    return b"HTTP/".startswith(data[at : at + 5])


def dissect_exchanges(up: Cursor, down: Cursor) -> None:
    """Name all bytes that are left of a connection, request by request with its answer.

    Args:
        up: The client's bytes.
        down: The server's bytes.
    """
    while up.left or down.left:
        request = _read_request(up)
        response = _read_response(down, request)
        if _opens_websocket(up, request, response):
            compression = agreed_compression(response)
            dissect_frames(up, from_client=True, compression=compression)
            dissect_frames(down, from_client=False, compression=compression)
        elif response and (response.status == 101 or _is_tunnel(request, response)):
            _take_other_protocol(up)
            _take_other_protocol(down)
        else:
            for cursor, head in ((up, request), (down, response)):
                if head and _closes(head):
                    rules = ["The head before said that the connection closes (RFC 9112 9.6)."]
                    text = with_rules("These bytes belong to no message.", rules)
                    cursor.take_rest(LAYER, "bytes after the connection closed", text, "RFC 9112 9.6")


def _opens_websocket(up: Cursor, request: RequestHead | None, response: ResponseHead | None) -> bool:
    if response is not None:
        return _accepts_websocket(request, response)
    # No answer is here: judge by what the client sent next.
    return request is not None and is_opening(request) and up.left > 0 and not looks_like_request(up.data, up.at)


def _accepts_websocket(request: RequestHead | None, response: ResponseHead) -> bool:
    return response.status == 101 and any(head is not None and is_opening(head) for head in (response, request))


def _read_request(cursor: Cursor) -> RequestHead | None:
    """Name a request with its body; give its head, None if there is no whole one."""
    if not looks_like_request(cursor.data, cursor.at):
        _skip(cursor, _NEXT_REQUEST, "request")
    while cursor.peek(2) in (b"\r\n", b"\r"):
        cursor.take(2, LAYER, "empty line", "An empty line before a request is passed over.", "RFC 9112 2.2")
    if not cursor.left:
        return None
    lines, is_whole = find_lines(cursor.data, cursor.at)
    method, target, version = take_request_line(cursor, lines[0])
    head = RequestHead(method, target, read_fields(cursor.data, lines[1:]), version)
    take_fields(cursor, lines[1:], FieldNotes(head).explain)
    framing, rules = declared_framing(head)
    if is_opening(head):
        rules += opening_request_rules(head)
    elif version != "HTTP/1.0" and len(head.get_all("Host")) != 1:
        rules.append("A request has one Host field (RFC 9112 3.2).")
    _end_head(cursor, _what_follows(framing), rules)
    if not is_whole:
        return None
    take_body(cursor, framing)
    return head


def _read_response(cursor: Cursor, request: RequestHead | None) -> ResponseHead | None:
    """Name a response with its body, and interim ones before it; give its head, None if there is no whole one."""
    while cursor.left:
        if not looks_like_response(cursor.data, cursor.at):
            _skip(cursor, _NEXT_RESPONSE, "response")
            continue
        lines, is_whole = find_lines(cursor.data, cursor.at)
        version, status, reason = take_status_line(cursor, lines[0])
        head = ResponseHead(status, reason, read_fields(cursor.data, lines[1:]), version)
        take_fields(cursor, lines[1:], FieldNotes(head, request).explain)
        framing, rules = declared_framing(head)
        follows = _what_follows(framing)
        if status == 101:
            framing, follows = 0, "Another protocol follows."
            if request and request.get("Upgrade") is None:
                rules.append("The client did not ask for another protocol (RFC 9110 7.8).")
            elif _accepts_websocket(request, head):
                follows = "WebSocket frames follow."
                rules += opening_response_rules(head, request)
        elif 100 <= status < 200 or status in (204, 304) or (request and request.method == "HEAD"):
            framing, follows = 0, "No body follows, whatever the fields say."
        elif _is_tunnel(request, head):
            framing, follows = 0, "Here the tunnel begins."
        _end_head(cursor, follows, rules)
        if not is_whole:
            return None
        if 100 <= status < 200 and status != 101:
            continue
        media_type = (head.get("Content-Type") or "").partition(";")[0].strip(" \t").lower()
        is_plain = head.get("Content-Encoding") is None
        take_body(cursor, framing, is_event_stream=is_plain and media_type == "text/event-stream")
        return head
    return None


def _end_head(cursor: Cursor, follows: str, rules: list[str]) -> None:
    take_line_end(cursor, LAYER, "end of head", with_rules(f"An empty line ends the head. {follows}", rules))


def _what_follows(framing: Framing) -> str:
    return _BODY_FOLLOWS.get(framing) or f"A body of {counted(int(framing))} follows."


def _skip(cursor: Cursor, start: re.Pattern[bytes], kind: str) -> None:
    found = start.search(cursor.data, cursor.at)
    stop = found.start() if found else len(cursor.data)
    text = f"These bytes do not start like a {kind}."
    cursor.take(stop - cursor.at, LAYER, "not HTTP", text, "RFC 9112 2.1")


def _is_tunnel(request: RequestHead | None, response: ResponseHead) -> bool:
    return request is not None and request.method == "CONNECT" and 200 <= response.status < 300


def _closes(head: RequestHead | ResponseHead) -> bool:
    options = {option.strip(" \t").lower() for option in (head.get("Connection") or "").split(",")}
    return "close" in options or (head.version == "HTTP/1.0" and "keep-alive" not in options)


def _take_other_protocol(cursor: Cursor) -> None:
    if looks_like_tls(cursor.peek(2)):
        dissect_tls(cursor)
    else:
        text = "Another protocol has begun, which has no names here."
        cursor.take_rest(LAYER, "another protocol", text, "RFC 9110 7.8")
