"""What a probe can find only by being rude, which it is to this machine alone."""

from __future__ import annotations

from rtlab.probes.rule import Rule

INTRUSIVE_RULES = {
    "WS-BOMB": Rule(
        "A few compressed bytes become very many in the server.",
        "RFC 7692 8",
        "limits",
        "A message that grows too long when it is restored is refused.",
    ),
    "WS-LIMIT": Rule(
        "A frame may be announced that is longer than any memory: no limit is seen.",
        "RFC 6455 10.4",
        "limits",
        "A frame that is too long is refused as soon as its head is there.",
    ),
    "WS-FRAGMENTS": Rule(
        "The limit of a frame is no limit of a message: fragments go beyond it.",
        "RFC 6455 10.4",
        "limits",
        "Fragments that grow too many or too long are refused.",
    ),
    "HTTP-SLOW-HEAD": Rule(
        "A client that never ends its request keeps its connection.",
        "RFC 9110 15.5.9",
        "limits",
        "A client that never ends its request is dropped.",
    ),
    "HTTP-HEAD-LIMIT": Rule(
        "A request head of a megabyte is taken.",
        "RFC 9110 5.4",
        "limits",
        "A request head that is too long is refused.",
    ),
    "SLOW-READER-UNTOLD": Rule(
        "Too little was sent to tell what a reader costs that does not read; let the server send more."
    ),
    "SLOW-READER": Rule(
        "For a reader that does not read, the server keeps what it sends.",
        fix="slow reader",
        fine="A reader that does not read costs the server little.",
    ),
}
