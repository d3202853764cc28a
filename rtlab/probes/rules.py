"""Everything that a probe can find, as data: one row a kind of finding, in the order in which a probe looks.

What concerns strangers, WebSockets and intrusive checks stands in files of its own.
"""

from __future__ import annotations

from rtlab.probes.intrusive_rules import INTRUSIVE_RULES
from rtlab.probes.rule import Rule
from rtlab.probes.stranger_rules import STRANGER_RULES
from rtlab.probes.websocket_rules import WEBSOCKET_RULES

__all__ = ["RULES", "Rule"]

_MODEL = "WHATWG HTML 9.2.3"
_PARSING = "WHATWG HTML 9.2.5"
_FIELDS = "WHATWG HTML 9.2.6"
_NOTES = "WHATWG HTML 9.2.7"

_STREAM_RULES = {
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
    # HTTP/2
    "HTTP2-NONE": Rule(
        "Only HTTP/1.1 is offered: a browser opens at most six event streams to this host.",
        "RFC 7301 3, RFC 9113 3.2",
        "http2",
    ),
    "HTTP2-BROKEN": Rule("HTTP/2 is agreed on in TLS and does not work.", "RFC 9113 3.2", "http2"),
    "HTTP2-STREAM": Rule(
        "Over HTTP/2, which browsers prefer, the stream does not come.",
        "RFC 9113 8.1",
        "http2",
        "The stream comes over HTTP/2, too.",
    ),
    "HTTP2-WEBSOCKET": Rule(
        "The server announces WebSockets over HTTP/2 and does not open one; browsers do not try another way.",
        "RFC 8441 3, 4",
        "http2",
        "The WebSocket opens over HTTP/2, too.",
    ),
    "HTTP2-NO-WEBSOCKET": Rule(
        "HTTP/2 is offered without WebSockets: browsers open a connection of its own for each, over HTTP/1.1.",
        "RFC 8441 3",
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
    "SSE-ID-UNKNOWN": Rule(
        "A Last-Event-ID that the server does not know is refused: after a restart, clients that come back give up "
        "for good.",
        _MODEL,
        "resume",
        "Unknown, strange and long values of Last-Event-ID do no harm.",
    ),
    "SSE-RESUME-FAILED": Rule("A request with Last-Event-ID is not answered like one without.", _MODEL, "resume"),
}

RULES = _STREAM_RULES | STRANGER_RULES | WEBSOCKET_RULES | INTRUSIVE_RULES
"""What can be found, by id."""
