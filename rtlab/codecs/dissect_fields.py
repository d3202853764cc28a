"""What the words of an HTTP head mean: methods, status codes and header fields, a sentence and a clause each.

Here it is also decided what is secret. A secret is never shown, for what is shown gets saved in notebooks.

Spec: RFC 9110 9, 10, 12 and 15, where an entry does not say otherwise
"""

from __future__ import annotations

import re

_SECRET_FIELDS = frozenset({"authorization", "cookie", "proxy-authorization", "set-cookie", "x-rtlab-nonce"})
SECRET_PARAMETERS = frozenset(
    (
        "nonce",
        "desk",
        "tag",
        "token",
        "access_token",
        "jwt",
        "key",
        "api_key",
        "apikey",
        "password",
        "secret",
        "ticket",
    )
)
"""Parameters of a query whose values are nobody's business, in lower case."""
_SECRET_PARAMETER = re.compile(rf"(?i)([?&](?:{'|'.join(sorted(SECRET_PARAMETERS))})=)[^&#]*")

_METHODS = {
    "GET": ("asks for a resource", "RFC 9110 9.3.1"),
    "HEAD": ("asks for the head alone", "RFC 9110 9.3.2"),
    "POST": ("hands over a body to process", "RFC 9110 9.3.3"),
    "PUT": ("stores the body under the target", "RFC 9110 9.3.4"),
    "DELETE": ("asks to remove a resource", "RFC 9110 9.3.5"),
    "CONNECT": ("asks a proxy for a tunnel", "RFC 9110 9.3.6"),
    "OPTIONS": ("asks what is allowed; browsers send it before some cross-origin requests", "RFC 9110 9.3.7"),
    "TRACE": ("asks for the request back", "RFC 9110 9.3.8"),
    "PATCH": ("changes a part of a resource", "RFC 5789 2"),
}

_STATUSES = {
    100: ("Continue: send the body.", "RFC 9110 15.2.1"),
    101: ("Switching Protocols: another protocol follows this head.", "RFC 9110 15.2.2"),
    103: ("Early Hints: the real answer is still to come.", "RFC 8297 2"),
    200: ("OK: the request has succeeded.", "RFC 9110 15.3.1"),
    201: ("Created: something new exists now.", "RFC 9110 15.3.2"),
    202: ("Accepted: the work is not done yet.", "RFC 9110 15.3.3"),
    204: ("No Content: success without a body; it tells an EventSource to stop.", "RFC 9110 15.3.5"),
    301: ("Moved Permanently: go to Location.", "RFC 9110 15.4.2"),
    302: ("Found: go to Location this time.", "RFC 9110 15.4.3"),
    303: ("See Other: get Location instead.", "RFC 9110 15.4.4"),
    304: ("Not Modified: the copy that the client has is still good.", "RFC 9110 15.4.5"),
    307: ("Temporary Redirect: repeat the request at Location this time.", "RFC 9110 15.4.8"),
    308: ("Permanent Redirect: repeat the request at Location.", "RFC 9110 15.4.9"),
    400: ("Bad Request: the request is malformed.", "RFC 9110 15.5.1"),
    401: ("Unauthorized: the client must say who it is.", "RFC 9110 15.5.2"),
    403: ("Forbidden: understood and refused.", "RFC 9110 15.5.4"),
    404: ("Not Found: there is no such resource.", "RFC 9110 15.5.5"),
    405: ("Method Not Allowed: see Allow.", "RFC 9110 15.5.6"),
    408: ("Request Timeout: the request took too long to arrive.", "RFC 9110 15.5.9"),
    413: ("Content Too Large: the body is too long.", "RFC 9110 15.5.14"),
    426: ("Upgrade Required: use another protocol or version; see Upgrade.", "RFC 9110 15.5.22"),
    429: ("Too Many Requests: ask less often.", "RFC 6585 4"),
    431: ("Request Header Fields Too Large: the head is too long.", "RFC 6585 5"),
    500: ("Internal Server Error: the server failed.", "RFC 9110 15.6.1"),
    502: ("Bad Gateway: a proxy got a bad answer from the server.", "RFC 9110 15.6.3"),
    503: ("Service Unavailable: try again later.", "RFC 9110 15.6.4"),
    504: ("Gateway Timeout: a proxy got no answer from the server in time.", "RFC 9110 15.6.5"),
}
_STATUS_CLASSES = {
    1: ("Informational: the real answer is still to come.", "RFC 9110 15.2"),
    2: ("Success.", "RFC 9110 15.3"),
    3: ("Redirection: something more is to do.", "RFC 9110 15.4"),
    4: ("Client error: the request cannot be served.", "RFC 9110 15.5"),
    5: ("Server error: the server failed.", "RFC 9110 15.6"),
}

_FIELDS = {
    "accept": ("which media types the client can read", "RFC 9110 12.5.1"),
    "accept-encoding": ("which compressions the client can undo", "RFC 9110 12.5.3"),
    "accept-language": ("which languages the reader prefers", "RFC 9110 12.5.4"),
    "access-control-allow-credentials": ("whether a foreign page may send cookies", "Fetch, CORS protocol"),
    "access-control-allow-headers": ("which fields a foreign page may set", "Fetch, CORS protocol"),
    "access-control-allow-methods": ("which methods a foreign page may use", "Fetch, CORS protocol"),
    "access-control-allow-origin": ("pages of which origin may read the answer", "Fetch, CORS protocol"),
    "access-control-expose-headers": ("which fields a foreign page may read", "Fetch, CORS protocol"),
    "access-control-max-age": ("for how many seconds this permission holds", "Fetch, CORS protocol"),
    "access-control-request-headers": ("which fields a page wants to set", "Fetch, CORS protocol"),
    "access-control-request-method": ("which method a page wants to use", "Fetch, CORS protocol"),
    "allow": ("which methods work here", "RFC 9110 10.2.1"),
    "authorization": ("proves who the client is", "RFC 9110 11.6.2"),
    "cache-control": ("who may keep a copy, and for how long", "RFC 9111 5.2"),
    "connection": ("options for this connection alone, not for the next hop", "RFC 9110 7.6.1"),
    "content-encoding": ("how the body is compressed", "RFC 9110 8.4"),
    "content-length": ("how many bytes the body has", "RFC 9110 8.6"),
    "content-type": ("the media type of the body", "RFC 9110 8.3"),
    "cookie": ("what the server asked the client to send back", "RFC 6265 4.2"),
    "date": ("when the message was made", "RFC 9110 6.6.1"),
    "etag": ("names this version of the resource", "RFC 9110 8.8.3"),
    "expect": ("what the client waits for before it sends the body", "RFC 9110 10.1.1"),
    "host": ("which site of the server is meant", "RFC 9110 7.2"),
    "if-none-match": ("the versions that the client has", "RFC 9110 13.1.2"),
    "keep-alive": ("how long an idle connection is kept", "RFC 9112 C.2.2"),
    "last-event-id": ("the last event that the client has, to go on after it", "HTML 9.2.4"),
    "location": ("where to go instead", "RFC 9110 10.2.2"),
    "origin": ("which site's page asks; a browser sets it, a page cannot", "RFC 6454 7"),
    "pragma": ("an old way to bypass caches", "RFC 9111 5.4"),
    "proxy-authorization": ("proves to a proxy who the client is", "RFC 9110 11.7.2"),
    "referer": ("the page that led here", "RFC 9110 10.1.3"),
    "retry-after": ("how long to wait before the next try", "RFC 9110 10.2.3"),
    "sec-websocket-accept": ("proves that the server read the key and speaks WebSocket", "RFC 6455 11.3.3"),
    "sec-websocket-extensions": ("extensions, such as compression", "RFC 6455 11.3.2"),
    "sec-websocket-key": ("a random value that the server must answer", "RFC 6455 11.3.1"),
    "sec-websocket-protocol": ("sub-protocols: what the messages mean", "RFC 6455 11.3.4"),
    "sec-websocket-version": ("the version of the WebSocket protocol", "RFC 6455 11.3.5"),
    "server": ("the server's software", "RFC 9110 10.2.4"),
    "set-cookie": ("what the client shall send back", "RFC 6265 4.1"),
    "strict-transport-security": ("use only TLS from now on", "RFC 6797 6.1"),
    "te": ("whether the client takes trailer fields", "RFC 9110 10.1.4"),
    "trailer": ("which fields will follow the body", "RFC 9110 6.6.2"),
    "transfer-encoding": ("how the body is wrapped for the way; chunked: in pieces", "RFC 9112 6.1"),
    "upgrade": ("to which protocol the connection shall change", "RFC 9110 7.8"),
    "user-agent": ("the client's software", "RFC 9110 10.1.5"),
    "vary": ("which request fields the answer depends on", "RFC 9110 12.5.5"),
    "via": ("which proxies it passed", "RFC 9110 7.6.3"),
    "www-authenticate": ("how the client can say who it is", "RFC 9110 11.6.1"),
    "x-accel-buffering": ("no: asks nginx to pass the body on at once", "nginx, proxy_buffering"),
}
_FAMILIES = {
    "access-control-": ("what pages of other origins may do", "Fetch, CORS protocol"),
    "sec-fetch-": ("where in the browser the request comes from", "Fetch Metadata"),
    "sec-ch-": ("what kind of browser it is", "Client Hints"),
}


def method_meaning(method: str) -> tuple[str, str]:
    """Give the meaning of a method, and the clause."""
    if method not in _METHODS:
        return "A method outside the standard.", "RFC 9110 9.1"
    meaning, spec = _METHODS[method]
    return f"{method} {meaning}.", spec


def status_meaning(status: int) -> tuple[str, str]:
    """Give the meaning of a status code, and the clause; an unknown code has the meaning of its class."""
    return _STATUSES.get(status) or _STATUS_CLASSES.get(
        status // 100, ("An unknown kind of status.", "RFC 9110 15")
    )


def field_meaning(name: str) -> tuple[str, str]:
    """Give the meaning of a header field, and the clause.

    Args:
        name: The field's name; case does not matter.
    """
    key = name.lower()
    if known := _FIELDS.get(key):
        return known
    for start, meaning in _FAMILIES.items():
        if key.startswith(start):
            return meaning
    return "a header field", "RFC 9110 5"


def is_secret_field(name: str) -> bool:
    """Tell whether the value of a header field must not be shown."""
    return name.lower() in _SECRET_FIELDS


def hide_parameters(text: str) -> str | None:
    """Take secret query parameters out of a URL or a target.

    Returns:
        What may be shown, or None if the text has no such parameter.
    """
    shown, count = _SECRET_PARAMETER.subn(r"\1(redacted)", text)
    return shown if count else None
