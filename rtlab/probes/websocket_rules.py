"""What a probe can find about a WebSocket's handshake, frames and end, and about HTTP/2."""

from __future__ import annotations

from rtlab.probes.rule import Rule

WEBSOCKET_RULES = {
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
    "WS-DEFLATE-OFFER": Rule(
        "An offer that asks for less memory is answered against the rules, so clients must fail the connection.",
        "RFC 7692 7.1",
        "frames",
    ),
}
