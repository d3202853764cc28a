"""What a probe can find about who may connect."""

from __future__ import annotations

from rtlab.probes.rule import Rule

STRANGER_RULES = {
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
    "WS-ORIGIN": Rule(
        "A page of any origin may open this WebSocket, and the browser sends the user's cookies with it.",
        "RFC 6455 10.2",
        "origin",
        "A foreign Origin is refused.",
    ),
    "WS-ORIGIN-LAX": Rule(
        "Some wrong Origins are let in: only a part of Origin is compared.", "RFC 6454 5", "origin"
    ),
    "WS-ORIGIN-MISSING": Rule(
        "A client without Origin is let in. A page cannot leave it out, a program can: only credentials tell who "
        "that is.",
        "RFC 6455 10.2",
        "login",
        "A request without Origin is refused.",
    ),
    "SSE-CORS-LAX": Rule(
        "Pages of some wrong origins may read this stream: only a part of Origin is compared.",
        "RFC 6454 5",
        "cors",
    ),
    "SSE-CORS-PREFLIGHT": Rule(
        "A preflight lets pages of every origin send Authorization.",
        "Fetch, CORS preflight fetch",
        "cors",
        "A page of another origin gets no leave to send Authorization.",
    ),
    "COOKIE-ATTRIBUTES": Rule(
        "A cookie lacks attributes that keep it from others.",
        "RFC 6265 4.1.2",
        "cookie",
        "The cookies that are set say who may have them.",
    ),
}
