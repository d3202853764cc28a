"""What can happen to a client that wants a stream or a WebSocket, and what the standards say that it shall do.

An answer that refuses carries a body that looks like an event. A client that takes the body of a refusal for a
stream so gives itself away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from rtlab.codecs.http1 import LAST_CHUNK, ResponseHead, encode_chunk, encode_response_head
from rtlab.codecs.websocket_close import encode_close_payload
from rtlab.codecs.websocket_frames import CLOSE, TEXT, encode_frame
from rtlab.experiments.scripted_server import Answer

Protocol = Literal["sse", "websocket"]
Trouble = Literal["", "untrusted", "unknown name"]

START, MOVED = "/start", "/moved"
RETRY_MS = 50
EVENT_ID = "7"
_EVENT = f"retry: {RETRY_MS}\nid: {EVENT_ID}\ndata: first\n\n".encode()
_NOT_FOR_YOU = b"data: this is the body of a refusal\n\n"
_STREAM = ("Content-Type", "text/event-stream")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a standard says.

    Attributes:
        outcomes: The outcomes that it allows.
        words: What it says, in a few words.
        clause: Where.
    """

    outcomes: frozenset[str]
    words: str
    clause: str


@dataclass(frozen=True, slots=True)
class Situation:
    """One situation.

    Attributes:
        name: Such as ``"404"``.
        script: The server's answers by path, for each protocol.
        wanted: What the standard says, for each protocol.
        trouble: What keeps a request from coming at all; empty for nothing.
    """

    name: str
    script: Mapping[Protocol, Mapping[str, Sequence[Answer]]]
    wanted: Mapping[Protocol, Wanted]
    trouble: Trouble = ""


def _http(status: int, reason: str, *fields: tuple[str, str], body: bytes = b"") -> bytes:
    # Anybody may read it: a page of another origin, too.
    fixed = (("Access-Control-Allow-Origin", "*"), ("Connection", "close"))
    return encode_response_head(ResponseHead(status, reason, (*fields, *fixed))) + body


_FIELDS = (_STREAM, ("Cache-Control", "no-store"), ("Transfer-Encoding", "chunked"))
_OPEN = _http(200, "OK", *_FIELDS, body=encode_chunk(_EVENT))
_ENDED = _OPEN + LAST_CHUNK
_MESSAGE = encode_frame(TEXT, b"first")
_GOODBYE = encode_frame(CLOSE, encode_close_payload(1001, ""))

# What to do with the answer to the request of an event stream.
_AGAIN = Wanted(frozenset({"reconnects"}), "reconnect after the reconnection time", "HTML 9.2.2 and 9.2.3")
_FAIL = Wanted(frozenset({"closes", "raises"}), "fail for good, and tell", "HTML 9.2.2")
_NO_WAIT = Wanted(_FAIL.outcomes, "fail for good; Retry-After binds who asks again", "HTML 9.2.2, RFC 9110 10.2.3")
_FOLLOW = Wanted(frozenset({"follows"}), "follow the redirect", "HTML 9.2.2, Fetch: HTTP-redirect fetch")
_AS_IT_LIKES = Wanted(
    frozenset({"reconnects", "closes", "raises"}), "reconnect, or fail if that is futile", "HTML 9.2.2"
)
# RFC 6455: no WebSocket comes back by itself.
_OVER = Wanted(frozenset({"closes", "raises"}), "it is closed; a program may open another", "RFC 6455 7.1.4, 7.2.3")
_REFUSED = Wanted(frozenset({"closes", "raises"}), "fail the connection: the status is not 101", "RFC 6455 4.1")
_MAY_FOLLOW = Wanted(
    frozenset({"closes", "raises", "follows"}),
    "a program may follow; a page must not",
    "RFC 6455 4.1, WebSockets 2",
)
_NO_TLS = Wanted(frozenset({"closes", "raises"}), "fail the connection: no TLS", "RFC 6455 4.1")
_NO_LINE = Wanted(frozenset({"closes", "raises"}), "fail the connection: nobody is there", "RFC 6455 4.1")


def _refusal(name: str, answer: bytes, sse: Wanted = _FAIL) -> Situation:
    script = {START: [Answer(answer)]}
    return Situation(name, {"sse": script, "websocket": script}, {"sse": sse, "websocket": _REFUSED})


def _status(status: int, reason: str, *fields: tuple[str, str], sse: Wanted = _FAIL) -> Situation:
    answer = _http(status, reason, _STREAM, *fields, body=_NOT_FOR_YOU)
    return _refusal(f"{status} {reason}", answer, sse)


def _redirect(status: int, reason: str) -> Situation:
    answer = Answer(_http(status, reason, ("Location", MOVED), ("Content-Length", "0")))
    return Situation(
        f"{status} {reason}",
        {
            "sse": {START: [answer], MOVED: [Answer(_OPEN, "hold")]},
            "websocket": {START: [answer], MOVED: [Answer(_MESSAGE, "hold", upgrade=True)]},
        },
        {"sse": _FOLLOW, "websocket": _MAY_FOLLOW},
    )


def _ending(name: str, sse: Sequence[Answer], websocket: Answer, wanted: Wanted) -> Situation:
    script = {"sse": {START: sse}, "websocket": {START: [websocket]}}
    return Situation(name, script, {"sse": wanted, "websocket": _OVER})  # type: ignore[arg-type]


def _unreachable(name: str, trouble: Trouble, websocket: Wanted) -> Situation:
    script: Mapping[str, Sequence[Answer]] = {}
    return Situation(
        name, {"sse": script, "websocket": script}, {"sse": _AS_IT_LIKES, "websocket": websocket}, trouble
    )


_AWAY = Answer(_MESSAGE + _GOODBYE, upgrade=True)
_BUSY = _http(503, "Service Unavailable", _STREAM, body=_NOT_FOR_YOU)

SITUATIONS = (
    _ending("opens, then ends", [Answer(_ENDED)], _AWAY, _AGAIN),
    _ending("opens, then is reset", [Answer(_OPEN, "reset")], Answer(_MESSAGE, "reset", upgrade=True), _AGAIN),
    _ending("opens, ends, then 503", [Answer(_ENDED), Answer(_BUSY)], _AWAY, _FAIL),
    _refusal("204 No Content", _http(204, "No Content")),
    _redirect(301, "Moved Permanently"),
    _redirect(307, "Temporary Redirect"),
    _status(401, "Unauthorized", ("WWW-Authenticate", "Bearer")),
    _status(404, "Not Found"),
    _status(429, "Too Many Requests", ("Retry-After", "1"), sse=_NO_WAIT),
    _status(500, "Internal Server Error"),
    _status(503, "Service Unavailable"),
    _refusal("200, text/html", _http(200, "OK", ("Content-Type", "text/html"), body=_NOT_FOR_YOU)),
    _unreachable("untrusted certificate", "untrusted", _NO_TLS),
    _unreachable("unknown name", "unknown name", _NO_LINE),
)
"""All situations, in the order in which tables and figures show them."""

MORE_SITUATIONS = (
    _refusal("200, empty", _http(200, "OK", _STREAM, ("Content-Length", "0")), sse=_AGAIN),
    _status(400, "Bad Request"),
)
"""Further ones, for a page that is at hand; in no matrix unless they are named."""
