"""The sub-protocol ``rtlab.v1``: what an event stream has built in, put on top of WebSocket.

WebSocket messages have no id and no name, so a client that comes back cannot say what it saw last. This
sub-protocol adds both, with the names that the event stream uses.

1. After the opening handshake the client sends one text message: ``last-event-id: k3f9-41``, with an empty value
   if it has seen nothing yet. What an id means is the server's affair; a client only gives it back.
2. Each message of the server is a text message: header lines, an empty line, the data::

       id: k3f9-42
       event: price

       {"eur": 12.5}

   ``event`` is left out for plain messages.
3. The client may send further text messages at any time; they are published to the channel as they are.
"""

from __future__ import annotations

from dataclasses import dataclass

from rtlab.errors import LocalProtocolError, RemoteProtocolError

SUBPROTOCOL = "rtlab.v1"
_HELLO = "last-event-id:"


@dataclass(frozen=True, slots=True)
class ResumableMessage:
    """A message with what is needed to resume after it.

    Attributes:
        id: The event's id.
        event: Its name; empty for a plain message.
        data: The text.
    """

    id: str
    event: str
    data: str


def encode_hello(last_event_id: str) -> str:
    """Write the client's first message.

    Raises:
        LocalProtocolError: The id contains a line end.
    """
    if "\n" in last_event_id or "\r" in last_event_id:
        raise LocalProtocolError("A last event ID must not contain a line end.", spec="rtlab.v1 1")
    return f"{_HELLO} {last_event_id}"


def decode_hello(text: str) -> str:
    """Read the client's first message.

    Returns:
        The last event ID, empty if the client has seen nothing.

    Raises:
        RemoteProtocolError: It is something else; close with 1008.
    """
    if not text.startswith(_HELLO) or "\n" in text or "\r" in text:
        raise RemoteProtocolError(
            "The first message of rtlab.v1 must be 'last-event-id: <id>'.", close_code=1008, spec="rtlab.v1 1"
        )
    return text[len(_HELLO) :].strip()


def encode_resumable(message: ResumableMessage) -> str:
    """Write one message of the server.

    Raises:
        LocalProtocolError: The id or the name contains a line end.
    """
    if any(end in message.id + message.event for end in "\r\n"):
        raise LocalProtocolError("An id or event name must not contain a line end.", spec="rtlab.v1 2")
    event = f"event: {message.event}\n" if message.event else ""
    return f"id: {message.id}\n{event}\n{message.data}"


def decode_resumable(text: str) -> ResumableMessage:
    """Read one message of the server.

    Raises:
        RemoteProtocolError: The header lines are missing or malformed.
    """
    head, found, data = text.partition("\n\n")
    lines = [line.partition(": ") for line in head.split("\n")]
    fields = {name: value for name, _, value in lines}
    names = [name if colon else "" for name, colon, _ in lines]
    if not found or names not in (["id"], ["id", "event"]):
        raise RemoteProtocolError("A message of rtlab.v1 starts with 'id: <id>'.", spec="rtlab.v1 2")
    return ResumableMessage(fields["id"], fields.get("event", ""), data)
