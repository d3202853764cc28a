"""A lab's channels as an OpenAPI 3.2 document.

Since 3.2 a response may be a sequence of items: ``itemSchema`` describes each event of ``text/event-stream``.
WebSocket is not covered; all that can be said of it is the HTTP request that opens it, and its answers.

Spec: OpenAPI 3.2.0 (4.14.4, sequential media types).
"""

from __future__ import annotations

from typing import Any

from rtlab.exports.asyncapi import place
from rtlab.findings.documents import Catalogue, MessageKind

VERSION = "3.2.0"
MISSING = (
    "OpenAPI ends at the opening handshake: 101 means that the connection is no HTTP any more, and what crosses it "
    "cannot be described here. The AsyncAPI document does it."
)
_REFUSED = {"description": "Refused: the Host or the Origin is a stranger's.", "content": {"text/plain": {}}}


def openapi_document(
    catalogue: Catalogue, *, title: str = "A lab's channels", version: str = "1.0.0"
) -> dict[str, Any]:
    """Describe the event streams of a lab, and the HTTP half of its WebSockets.

    Args:
        catalogue: What was seen on the channels.
        title: The document's title.
        version: The version of what is described, not of OpenAPI.

    Returns:
        The document as plain values; ``json.dumps`` writes it.
    """
    document: dict[str, Any] = {
        "openapi": VERSION,
        "info": {
            "title": title,
            "version": version,
            "description": "Made from messages that were seen on the wire.",
        },
        "servers": [{"url": catalogue.http_url}],
        "paths": {},
        "components": {"schemas": {}},
    }
    for channel in catalogue.channels:
        kinds = catalogue.of("sse", channel)
        if kinds:
            document["paths"][f"/sse/{channel}"] = {"get": _stream(document, catalogue, channel, kinds)}
            document["paths"][f"/publish/{channel}"] = {"post": _publishing(document, channel, kinds)}
        if catalogue.of("websocket", channel):
            document["paths"][f"/ws/{channel}"] = {
                "get": _handshake(f"open_channel_{channel}", f"The channel {channel} as a WebSocket")
            }
    document["paths"]["/echo"] = {"get": _handshake("open_echo", "A WebSocket that sends back what it gets")}
    return document


def _stream(
    document: dict[str, Any], catalogue: Catalogue, channel: str, kinds: tuple[MessageKind, ...]
) -> dict[str, Any]:
    items = [
        _reference(document, _event(document, catalogue, kind), channel, kind.event, "event") for kind in kinds
    ]
    operation: dict[str, Any] = {
        "operationId": f"stream_{channel}",
        "summary": f"The channel {channel} as an event stream",
        "responses": {
            "200": {
                "description": "A stream that has no end of its own.",
                "content": {"text/event-stream": {"itemSchema": items[0] if len(items) == 1 else {"oneOf": items}}},
            },
            "403": _REFUSED,
        },
    }
    if catalogue.ids:
        last_id = {"type": "string", "pattern": "^[a-z0-9]{4}-[0-9]{1,9}$"}
        operation["parameters"] = [{"name": "Last-Event-ID", "in": "header", "required": False, "schema": last_id}]
    return operation


def _event(document: dict[str, Any], catalogue: Catalogue, kind: MessageKind) -> dict[str, Any]:
    data: dict[str, Any] = {"type": "string"}
    if kind.is_json:
        reference = _reference(document, dict(kind.schema), kind.channel, kind.event, "data")
        data |= {"contentMediaType": "application/json", "contentSchema": reference}
    named = kind.event != "message"  # a plain event carries no name, and a parser may leave it out
    return {
        "type": "object",
        "required": ["event", "data"] if named else ["data"],
        "properties": {
            "event": {"const": kind.event},
            "data": data,
            "id": {"type": "string"} if catalogue.ids else {"const": ""},
            "retry": {"type": "integer"},
        },
    }


def _publishing(document: dict[str, Any], channel: str, kinds: tuple[MessageKind, ...]) -> dict[str, Any]:
    bodies: dict[str, Any] = {}
    for kind in kinds:
        media = "application/json" if kind.is_json else "text/plain"
        schema = _reference(document, dict(kind.schema), channel, kind.event, "data")
        bodies.setdefault(media, []).append(schema)
    return {
        "operationId": f"publish_{channel}",
        "summary": f"Publish the body to everybody who listens to the channel {channel}",
        "parameters": [{"name": "event", "in": "query", "schema": {"enum": [kind.event for kind in kinds]}}],
        "requestBody": {
            "required": True,
            "content": {
                media: {"schema": schemas[0] if len(schemas) == 1 else {"anyOf": schemas}}
                for media, schemas in bodies.items()
            },
        },
        "responses": {
            "200": {
                "description": "Published.",
                "content": {
                    "application/json": {
                        "schema": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}
                    }
                },
            },
            "400": {"description": "Not UTF-8 text.", "content": {"text/plain": {}}},
            "403": _REFUSED,
            "503": {"description": "A subscriber does not read.", "content": {"text/plain": {}}},
        },
    }


def _handshake(operation_id: str, summary: str) -> dict[str, Any]:
    return {
        "operationId": operation_id,
        "summary": summary,
        "description": MISSING,
        "responses": {
            "101": {"description": "The WebSocket is open."},
            "403": _REFUSED,
            "426": {"description": "Not a WebSocket's opening handshake.", "content": {"text/plain": {}}},
        },
    }


def _reference(document: dict[str, Any], schema: dict[str, Any], *words: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{place(document['components']['schemas'], schema, *words)}"}
