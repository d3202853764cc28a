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


def key_of(*words: str) -> str:
    """Make a name that may be a key of ``components`` from any words, in camel case."""
    parts = re.findall(r"[A-Za-z0-9]+", " ".join(words))
    return "".join([parts[0][0].lower() + parts[0][1:], *(part[0].upper() + part[1:] for part in parts[1:])])


def _add_stream(document: dict[str, Any], catalogue: Catalogue, channel: str) -> None:
    kinds = catalogue.of("sse", channel)
    if not kinds:
        return
    key = key_of(channel, "stream")
    sse: dict[str, Any] = {"mediaType": "text/event-stream", "retryMs": catalogue.retry_ms, "missing": MISSING}
    if catalogue.ids:
        sse |= {"ids": "an epoch, a dash and a number, such as k3f9-17", "resume": "Last-Event-ID"}
    document["channels"][key] = {
        "address": f"/sse/{channel}",
        "title": f"The channel {channel} as an event stream",
        "servers": [{"$ref": "#/servers/streams"}],
        "messages": {kind.event: _message(document, kind) for kind in kinds},
        "x-sse": sse,
    }
    document["operations"][key_of("send", channel, "events")] = {
        "action": "send",
        "channel": {"$ref": f"#/channels/{key}"},
        "summary": "The server sends each message of the channel as an event.",
        "bindings": {"http": {"method": "GET", "bindingVersion": "0.3.0"}},
    }


def _add_socket(document: dict[str, Any], catalogue: Catalogue, channel: str) -> None:
    kinds = catalogue.of("websocket", channel)
    if not kinds:
        return
    key = key_of(channel, "socket")
    document["channels"][key] = {
        "address": f"/ws/{channel}",
        "title": f"The channel {channel} over WebSocket",
        "description": "A plain WebSocket message has no name and no id; the names here are the document's.",
        "servers": [{"$ref": "#/servers/sockets"}],
        "messages": {kind.event: _message(document, kind) for kind in kinds},
        "bindings": {"ws": _ws_binding()},
    }
    reference = {"$ref": f"#/channels/{key}"}
    document["operations"][key_of("send", channel, "messages")] = {
        "action": "send",
        "channel": reference,
        "summary": "The server sends each message of the channel.",
    }
    document["operations"][key_of("receive", channel, "messages")] = {
        "action": "receive",
        "channel": reference,
        "summary": "What a client sends is published to the channel: everybody gets it, the sender too.",
    }


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
    key = key_of(kind.channel, kind.transport, kind.event)
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
    document["components"]["messages"][key] = {name: value for name, value in message.items() if value != []}
    return {"$ref": f"#/components/messages/{key}"}


def _ws_binding() -> dict[str, str]:
    return {"method": "GET", "bindingVersion": "0.1.0"}
