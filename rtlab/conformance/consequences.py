"""What a deviation does to a user, in one sentence: by how it is wrong, and by group where that says too little."""

from __future__ import annotations

from rtlab.conformance.vectors import Protocol

_CUT = "A connection that is cut in the middle of an event hands a truncated text over as if it were complete."
_ONE_WRONG_BYTE = "One wrong byte ends the stream with an exception; that event and all later ones are lost."

BY_SYMPTOM: dict[Protocol, dict[str, str]] = {
    "sse": {
        "exception": "The stream ends with an exception, and all later events are lost.",
        "extra": "An event arrives that the server did not send.",
        "missing": "An event is lost.",
        "changed": "An event arrives with another text or type than the server sent.",
        "last event ID": "After a reconnection the server is told a wrong ID, so events are lost or come twice.",
        "retry": "The client waits another time before it reconnects than the server asked for, or its caller gets "
        "something that is no number of milliseconds.",
    },
    "websocket": {
        "exception": "The program gets an exception that is not one of the library's own, and may not catch it.",
        "accepted": "A peer that breaks the rule goes unnoticed.",
        "refused": "The connection breaks although the peer did nothing wrong.",
        "messages": "A message is lost, or another one arrives than the peer sent.",
        "pings": "A ping goes unanswered, and the peer may take the connection for dead.",
        "pongs": "A pong goes unnoticed, and the connection may be taken for dead.",
        "other code": "The peer is told another reason than the true one.",
        "other answer": "The peer closes with one code and is answered with another, which hides its reason.",
        "no answer": "The peer wants to close in good order and gets no answer: it sees 1006.",
        "no close frame": "The connection breaks without a close frame: the peer sees 1006 and cannot tell its own "
        "mistake from a failing network.",
        "late": "A message that has gone wrong is still read to its end.",
        "stalled": "The connection hangs and waits for bytes that never come.",
        "close ignored": "The peer wants to close, and nobody notices.",
    },
}
"""One sentence for each way of being wrong, by protocol."""

BY_GROUP: dict[Protocol, dict[str, dict[str, str]]] = {
    "sse": {
        "line ends": {
            "exception": "A long line ends the stream with an exception: a large text never arrives.",
            "missing": "Events arrive merged, or not at all, if the server ends lines with CR or in several ways.",
        },
        "byte order mark": {
            "exception": _ONE_WRONG_BYTE,
            "missing": "The first event is lost if the stream starts with a byte order mark.",
            "changed": "The first event loses its type if the stream starts with a byte order mark.",
        },
        "UTF-8": {"exception": _ONE_WRONG_BYTE},
        "data": {
            "changed": "A text arrives without its spaces or line breaks at the ends, or with lines joined.",
            "extra": _CUT,
        },
        "id": {"extra": "A block that only sets the ID arrives as an event with an empty text."},
        "retry": {"extra": "A block that only sets the reconnection time arrives as an event with an empty text."},
        "comments": {
            "changed": "A line that ends in CR runs into the next one: text is lost or a comment is seen."
        },
        "dispatch": {"changed": "Text loses the spaces at its beginning: indented JSON or code arrives flat."},
        "end of stream": {"extra": _CUT},
    },
    "websocket": {
        "masking": {
            "accepted": "A peer that masks wrongly goes unnoticed; masking keeps proxies from taking a message for "
            "a request.",
        },
        "length": {
            "accepted": "A length in a forbidden form is believed: two programs may read the same bytes in two "
            "ways, or wait for bytes that never come.",
            "other code": "The peer is told that its message is too long, not that the length is wrong.",
        },
        "control frames": {
            "accepted": "A control frame in a forbidden form is obeyed: a peer's mistake goes unnoticed.",
        },
        "fragments": {"refused": "A peer that closes in the middle of a message is told that it broke a rule."},
        "UTF-8": {
            "exception": "A text that is not UTF-8 raises an exception that the library does not document, and the "
            "connection stays open.",
        },
        "closing": {
            "accepted": "A close frame that must not be sent reaches the program as a good one, so logs and "
            "reconnection act on nonsense.",
            "refused": "A peer that closes with a newer, registered code is told that it broke a rule.",
        },
        "compression": {
            "messages": "After a message whose last block is marked final, the next one arrives empty.",
            "refused": "A legal compressed message breaks the connection, for example one with a ping between its "
            "fragments.",
            "other code": "Damaged compressed data ends the connection with a code that hides what was wrong.",
        },
    },
}
"""A better sentence where one is known: by protocol, group and symptom."""


def consequence(protocol: Protocol, group: str, symptom: str) -> str:
    """Say what a deviation does to a user.

    Args:
        protocol: The protocol.
        group: The group of the vector's clause.
        symptom: How the outcome is wrong; empty for nothing.

    Returns:
        One sentence; empty for no symptom.
    """
    if not symptom:
        return ""
    return BY_GROUP[protocol].get(group, {}).get(symptom) or BY_SYMPTOM[protocol][symptom]
