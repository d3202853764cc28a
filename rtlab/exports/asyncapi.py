"""A lab's channels as an AsyncAPI 3.1 document.

AsyncAPI has a binding for WebSocket and none for Server-Sent Events. So a stream is a channel of a plain HTTP
server, and what only an event stream has stands in the extension field ``x-sse``, which no tool need understand.

Spec: AsyncAPI 3.1.0; WebSocket binding 0.1.0; HTTP binding 0.3.0.
"""

from __future__ import annotations

import json
import re
from typing import Any

from rtlab.findings.documents import Catalogue, MessageKind

VERSION = "3.1.0"
MISSING = (
    "AsyncAPI has no binding for Server-Sent Events: the media type, event names, ids, the reconnection time and "
    "Last-Event-ID have no field of their own, and are told here."
)


def asyncapi_document(
    catalogue: Catalogue, *, title: str = "A lab's channels", version: str = "1.0.0"
) -> dict[str, Any]:
    """Describe event streams, WebSockets and the echo of a lab.

    Args:
        catalogue: What was seen on the channels.
        title: The document's title.
        version: The version of what is described, not of AsyncAPI.

    Returns:
        The document as plain values; ``json.dumps`` writes it.
    """
    scheme, _, host = catalogue.http_url.partition("://")
    document: dict[str, Any] = {
        "asyncapi": VERSION,
        "info": {
            "title": title,
            "version": version,
            "description": "Made from messages that were seen on the wire. 'send' is what the server sends.",
        },
        "defaultContentType": "application/json",
        "servers": {
            "streams": {"host": host, "protocol": scheme, "description": "Event streams over plain HTTP."},
            "sockets": {"host": host, "protocol": scheme.replace("http", "ws"), "description": "WebSockets."},
        },
        "channels": {},
        "operations": {},
        "components": {"messages": {}},
    }
    for channel in catalogue.channels:
        _add_stream(document, catalogue, channel)
        _add_socket(document, catalogue, channel)
    _add_echo(document)
    return document


def place(parts: dict[str, Any], content: dict[str, Any], *words: str) -> str:
    """Put content among the parts of a document, under a key made of words in camel case.

    Signs that no key may have are left out; so a key that something else has already gets a number.

    Returns:
        The key.
    """
    first, *rest = re.findall(r"[A-Za-z0-9]+", " ".join(words))
    key = name = "".join([first[0].lower() + first[1:], *(part[0].upper() + part[1:] for part in rest)])
    number = 1
    while parts.setdefault(key, content) != content:
        number += 1
        key = f"{name}{number}"
    return key


def _add_stream(document: dict[str, Any], catalogue: Catalogue, channel: str) -> None:
    kinds = catalogue.of("sse", channel)
    if not kinds:
        return
    sse: dict[str, Any] = {"mediaType": "text/event-stream", "retryMs": catalogue.retry_ms, "missing": MISSING}
    if catalogue.ids:
        sse |= {"ids": "an epoch, a dash and a number, such as k3f9-17", "resume": "Last-Event-ID"}
    stream = {
        "address": f"/sse/{channel}",
        "title": f"The channel {channel} as an event stream",
        "servers": [{"$ref": "#/servers/streams"}],
        "messages": {kind.event: _message(document, kind) for kind in kinds},
        "x-sse": sse,
    }
    sending = {
        "action": "send",
        "channel": {"$ref": f"#/channels/{place(document['channels'], stream, channel, 'stream')}"},
        "summary": "The server sends each message of the channel as an event.",
        "bindings": {"http": {"method": "GET", "bindingVersion": "0.3.0"}},
    }
    place(document["operations"], sending, "send", channel, "events")


def _add_socket(document: dict[str, Any], catalogue: Catalogue, channel: str) -> None:
    kinds = catalogue.of("websocket", channel)
    if not kinds:
        return
    socket = {
        "address": f"/ws/{channel}",
        "title": f"The channel {channel} over WebSocket",
        "description": "A plain WebSocket message has no name and no id; the names here are the document's.",
        "servers": [{"$ref": "#/servers/sockets"}],
        "messages": {kind.event: _message(document, kind) for kind in kinds},
        "bindings": {"ws": _ws_binding()},
    }
    reference = {"$ref": f"#/channels/{place(document['channels'], socket, channel, 'socket')}"}
    for action, summary in (
        ("send", "The server sends each message of the channel."),
        ("receive", "What a client sends is published to the channel: everybody gets it, the sender too."),
    ):
        operation = {"action": action, "channel": reference, "summary": summary}
        place(document["operations"], operation, action, channel, "messages")


def _add_echo(document: dict[str, Any]) -> None:
    document["components"]["messages"]["echoText"] = {
        "name": "text",
        "title": "Any text",
        "contentType": "text/plain",
        "payload": {"type": "string"},
    }
    document["channels"]["echo"] = {
        "address": "/echo",
        "title": "The echo",
        "servers": [{"$ref": "#/servers/sockets"}],
        "messages": {"text": {"$ref": "#/components/messages/echoText"}},
        "bindings": {"ws": _ws_binding()},
    }
    same = {"channel": {"$ref": "#/channels/echo"}, "messages": [{"$ref": "#/channels/echo/messages/text"}]}
    document["operations"]["echo"] = {
        "action": "receive",
        **same,
        "summary": "Each message comes back as it is.",
        "reply": same,
    }


def _message(document: dict[str, Any], kind: MessageKind) -> dict[str, str]:
    message: dict[str, Any] = {
        "name": kind.event,
        "title": f"{kind.event} on {kind.channel}",
        "contentType": "application/json" if kind.is_json else "text/plain",
        "payload": dict(kind.schema),
        "examples": [{"payload": json.loads(kind.example)}] if kind.is_json else [],
        "x-seen": kind.count,
    }
    if kind.transport == "sse":
        message["x-sse"] = {"event": kind.event}
    told = {name: value for name, value in message.items() if value != []}
    key = place(document["components"]["messages"], told, kind.channel, kind.transport, kind.event)
    return {"$ref": f"#/components/messages/{key}"}


def _ws_binding() -> dict[str, str]:
    return {"method": "GET", "bindingVersion": "0.1.0"}
