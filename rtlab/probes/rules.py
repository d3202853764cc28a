"""Everything that a probe can find, as data: one row a kind of finding, in the order in which a probe looks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of finding.

    Attributes:
        title: What is the matter, as one sentence.
        clause: What it rests on; empty where it is practice and no standard.
        fix: A key of :data:`rtlab.probes.fixes.FIXES`; empty if nothing general can be said.
        fine: What to say where this was tried and held; empty if that is not worth a line.
    """

    title: str
    clause: str = ""
    fix: str = ""
    fine: str = ""


_MODEL = "WHATWG HTML 9.2.3"
_PARSING = "WHATWG HTML 9.2.5"
_FIELDS = "WHATWG HTML 9.2.6"
_NOTES = "WHATWG HTML 9.2.7"

RULES = {
    "PROBE-TIME": Rule("The probe's time was over before everything was tried."),
    # the connection
    "HTTP-UNREACHABLE": Rule("Nobody answers at this address.", fix="server"),
    "TLS-FAILED": Rule("The TLS handshake fails.", "RFC 8446 4", "tls"),
    "TLS-UNTRUSTED": Rule("The certificate is not trusted, so clients refuse to connect.", "RFC 5280 6", "tls"),
    "TLS-VERSION": Rule("The version of TLS is out of date.", "RFC 8996", "tls", "TLS is up to date."),
    "TLS-EXPIRY": Rule("The certificate ends soon.", "RFC 5280 4.1.2.5", "tls", "The certificate is valid."),
    "HTTP-CLEARTEXT": Rule(
        "The line is not encrypted: everybody on the way reads and changes what passes.",
        "OWASP ASVS 4.4.1",
        "cleartext",
    ),
    # the answer
    "HTTP-NO-ANSWER": Rule(
        "The request gets no answer in time. The server hangs, or a proxy holds the head back until a buffer "
        "is full.",
        fix="buffering",
    ),
    "HTTP-MALFORMED": Rule("The answer is not correct HTTP/1.1.", "RFC 9112 2"),
    "HTTP-CUT": Rule("The connection broke off before the answer was over.", "RFC 9112 8", "idle"),
    "HTTP-REDIRECT-LOOP": Rule("The redirects do not end.", "RFC 9110 15.4"),
    "HTTP-REDIRECT-AWAY": Rule(
        "A redirect leads to another host, where the probe does not follow; probe that URL itself.", "RFC 9110 15.4"
    ),
    "HTTP-REDIRECT-BAD": Rule("A redirect leads to no http or https URL.", "RFC 9110 10.2.2"),
    "HTTP-REDIRECT-CLEARTEXT": Rule("A redirect leads from TLS to cleartext.", "OWASP ASVS 4.4.1", "cleartext"),
    "HTTP-REDIRECT": Rule("Each connection takes redirects first.", _MODEL),
    "HTTP-STATUS": Rule("The status is not 200: an EventSource gives up for good.", _MODEL, "stream head"),
    "HTTP-NOT-A-STREAM": Rule(
        "The answer is no event stream: an EventSource gives up for good.", _MODEL, "stream head"
    ),
    "HTTP-VERSION": Rule(
        "The answer comes over HTTP/1.0: its end cannot be told from a cut.", "RFC 9112 6.3", "http11"
    ),
    "SSE-CHARSET": Rule("The charset is ignored: an event stream is read as UTF-8.", _PARSING, "stream head"),
    "SSE-CACHE": Rule("Caches are not told to keep out.", "RFC 9111 5.2.2", "stream head"),
    "SSE-ACCEL": Rule(
        "X-Accel-Buffering: no is missing; nginx with its defaults would collect this stream.",
        "nginx, proxy_buffering",
        "buffering",
    ),
    "SSE-LENGTH": Rule(
        "The answer has a Content-Length, so it was complete before it was sent: no stream.",
        "RFC 9110 8.6",
        "buffering",
    ),
    # how the stream arrives
    "SSE-BUFFERED": Rule(
        "Events come many at a time, cut off in the middle where a buffer was full: a proxy or the server's own "
        "output collects them.",
        _NOTES,
        "buffering",
        "Nothing collects the events: they come one by one, whole.",
    ),
    "SSE-COMPRESSED": Rule(
        "Events come many at a time, or not at all, because compression is not flushed.",
        "RFC 9110 8.4",
        "compression",
    ),
    "SSE-CODING": Rule("The stream is compressed.", "RFC 9110 8.4", "compression"),
    "SSE-CODING-UNKNOWN": Rule(
        "The body has a coding that was not offered, or it cannot be undone.", "RFC 9110 12.5.3", "compression"
    ),
    "SSE-BURSTS": Rule("Whole events come in bursts: a timer in the server, or batches."),
    "SSE-SILENT": Rule(
        "Nothing came while the probe listened: the server is quiet, or something collects its events. Publish "
        "one and listen again.",
        _NOTES,
        "idle",
    ),
    "SSE-HEARTBEAT": Rule(
        "No sign of life was seen. A silent line is cut by proxies, often after 60 s; listen longer to be sure.",
        _NOTES,
        "idle",
        "Signs of life keep the line open.",
    ),
    "SSE-ENDS": Rule("The server ended the stream; an EventSource comes back after the reconnection time.", _MODEL),
    "SSE-RETRY": Rule("The reconnection time is extreme.", _FIELDS, "", "The stream sets a reconnection time."),
    # faults that parsers see
    "SSE-BOM": Rule(
        "The stream starts with a byte order mark, which many parsers do not strip.", _PARSING, "serialise"
    ),
    "SSE-BOM-INSIDE": Rule(
        "A byte order mark inside the stream becomes part of a field's name, and the field is lost.",
        _PARSING,
        "serialise",
    ),
    "SSE-UTF8": Rule("Bytes are not UTF-8: readers see U+FFFD instead.", _PARSING, "serialise"),
    "SSE-BARE-CR": Rule(
        "A CR alone ends a line: correct, but several parsers do not know it, and in data it makes new fields.",
        _PARSING,
        "serialise",
    ),
    "SSE-ID-NUL": Rule("An id holds NUL, so it is ignored.", _FIELDS, "serialise"),
    "SSE-RETRY-INVALID": Rule("A retry value is not made of digits, so it is ignored.", _FIELDS, "serialise"),
    "SSE-MULTILINE": Rule(
        "A text with line ends stands after one data:, so its later lines are lost.", _FIELDS, "serialise"
    ),
    "SSE-UNKNOWN-FIELD": Rule("Lines with an unknown field name are ignored.", _FIELDS, "serialise"),
    "SSE-NO-BLANK-LINE": Rule(
        "Data comes, but no empty line ends the block: no event is delivered.", _FIELDS, "serialise"
    ),
    "SSE-LONG-LINE": Rule(
        "A line does not end: receivers keep it in memory until they give up.", _PARSING, "serialise"
    ),
    "SSE-LONG-BLOCK": Rule(
        "An event has very many lines; empty lines between events may be missing.", _FIELDS, "serialise"
    ),
    "SSE-UNFINISHED": Rule("The stream ended inside a block: its event is never delivered.", _FIELDS, "serialise"),
    # coming back
    "SSE-NO-IDS": Rule(
        "Events have no ids: what is sent while a client is away is lost.", "WHATWG HTML 9.2.4", "resume"
    ),
    "SSE-RESUME-LOST": Rule(
        "Events have ids, but Last-Event-ID brings nothing back: what a client missed is lost.",
        "WHATWG HTML 9.2.4",
        "resume",
        "Last-Event-ID brings back what was missed, once and in order.",
    ),
    "SSE-RESUME-DOUBLED": Rule(
        "After Last-Event-ID events come again that the client has already.", "WHATWG HTML 9.2.4", "resume"
    ),
    "SSE-RESUME-FAILED": Rule("A request with Last-Event-ID is not answered like one without.", _MODEL, "resume"),
    # who may connect
    "HTTP-TOKEN-IN-URL": Rule(
        "A secret stands in the URL; logs, history and Referer keep it.", "RFC 6750 5.3", "token"
    ),
    "HTTP-TOKEN-UNCHECKED": Rule(
        "The endpoint opens without the credentials, too.", "OWASP ASVS 4.4.3", "login", "No credentials, no entry."
    ),
    "HTTP-HOST": Rule(
        "A server on loopback accepts a foreign Host: a page that rebinds its name reaches it.",
        "RFC 9110 7.2",
        "host",
        "A foreign Host is refused.",
    ),
    "SSE-CORS-REFLECTED": Rule(
        "Any page may read this stream with the user's cookies: Origin is repeated and credentials are allowed.",
        "Fetch, CORS protocol",
        "cors",
    ),
    "SSE-CORS-OPEN": Rule(
        "Pages of every origin may read this stream, without cookies.",
        "Fetch, CORS protocol",
        "cors",
        "Pages of other origins may not read the stream.",
    ),
    "SSE-CORS-INVALID": Rule(
        "The star does not go with credentials: browsers refuse this answer to pages that send cookies.",
        "Fetch, CORS protocol",
        "cors",
    ),
    "SSE-CORS-VARY": Rule(
        "The answer depends on Origin and does not say so; a cache gives it to the wrong page.",
        "RFC 9110 12.5.5",
        "cors",
    ),
    # WebSocket
    "WS-REFUSED": Rule("The opening handshake is refused.", "RFC 6455 4.2.2", "upgrade"),
    "WS-UPGRADE": Rule("The 101 lacks Upgrade: websocket or Connection: Upgrade.", "RFC 6455 4.1", "frames"),
    "WS-ACCEPT": Rule("Sec-WebSocket-Accept does not answer the key.", "RFC 6455 4.1", "frames"),
    "WS-SUBPROTOCOL": Rule("The server names a sub-protocol that was not offered.", "RFC 6455 4.1", "frames"),
    "WS-EXTENSION": Rule(
        "The server names an extension or a parameter that was not offered.", "RFC 6455 9.1", "frames"
    ),
    "WS-HANDSHAKE": Rule(
        "The server accepts opening handshakes that it must refuse.",
        "RFC 6455 4.2.1",
        "frames",
        "Wrong opening handshakes are refused.",
    ),
    "WS-VERSION": Rule("The refusal of another version does not name version 13.", "RFC 6455 4.4", "frames"),
    "WS-MASKED": Rule("The server masks its frames; clients must fail the connection.", "RFC 6455 5.1", "frames"),
    "WS-FRAME": Rule("A frame of the server breaks the protocol.", "RFC 6455 5", "frames"),
    "WS-DEFLATE": Rule(
        "Compression is agreed on; its contexts cost memory for each connection.", "RFC 7692 7.1", "deflate"
    ),
    "WS-PONG": Rule("A ping gets no pong.", "RFC 6455 5.5.2", "frames", "A ping is answered."),
    "WS-HEARTBEAT": Rule(
        "The server sent no ping. A silent line is cut by proxies, often after 60 s; listen longer to be sure.",
        "RFC 6455 5.5.2",
        "idle",
        "The server's pings keep the line open.",
    ),
    "WS-CUT": Rule("The line broke without a close frame: close code 1006.", "RFC 6455 7.1.5", "idle"),
    "WS-ENDED": Rule("The server closed the WebSocket by itself.", "RFC 6455 7.1.5"),
    "WS-CLOSE": Rule(
        "The closing handshake is not answered, or with another code.",
        "RFC 6455 5.5.1",
        "frames",
        "The closing handshake is answered.",
    ),
    "WS-ORIGIN": Rule(
        "A page of any origin may open this WebSocket, and the browser sends the user's cookies with it.",
        "RFC 6455 10.2",
        "origin",
        "A foreign Origin is refused.",
    ),
}
"""What can be found, by id."""
