"""Holds single messages against a document, as they come."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from rtlab.errors import InputError
from rtlab.exports.validation import format_of, pointer_of
from rtlab.findings.documents import Breach, Sighting

_LONGEST_TEXT = 160
_MOST_REFERENCES = 10
"""So many lead from one to the next at most; more are a circle."""


class Contract:
    """What a document promises of each message.

    Args:
        document: An AsyncAPI 3.1 or OpenAPI 3.2 document; references must lead into the document itself.

    Attributes:
        name: What it is, such as ``"OpenAPI 3.2.0"``.

    Raises:
        InputError: It is none that can be read here.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.name = format_of(document)
        self._document = dict(document)

    @property
    def covers_websocket(self) -> bool:
        """True if it can say anything of WebSocket messages; OpenAPI cannot."""
        return self.name.startswith("AsyncAPI")

    def breaches(self, message: Sighting) -> tuple[Breach, ...]:
        """Tell what is wrong with a message.

        Args:
            message: A message as a client got it.

        Returns:
            Nothing if it keeps the contract.

        Raises:
            InputError: It is a WebSocket message and the document is OpenAPI, or a reference leads nowhere.
        """
        if self.covers_websocket:
            problems = self._against_asyncapi(message)
        elif message.transport == "sse":
            problems = self._against_openapi(message)
        else:
            raise InputError("OpenAPI says nothing of WebSocket messages; check them against an AsyncAPI document.")
        return tuple(
            Breach(message.transport, message.channel, message.event, where, problem[:_LONGEST_TEXT], message.data)
            for where, problem in problems
        )

    def _against_openapi(self, message: Sighting) -> Iterator[tuple[str, str]]:
        path = f"/sse/{message.channel}"
        pointer = ("paths", path, "get", "responses", "200", "content", "text/event-stream", "itemSchema")
        if self._find(pointer)[1] is None:
            yield "$", f"the document has no itemSchema for the events of {path}"
            return
        event = {"event": message.event, "data": message.data}
        if message.id:
            event["id"] = message.id
        yield from _problems(self._rooted(pointer), event, "2020-12")

    def _against_asyncapi(self, message: Sighting) -> Iterator[tuple[str, str]]:
        path = f"/{'sse' if message.transport == 'sse' else 'ws'}/{message.channel}"
        channels = self._document.get("channels", {})
        key = next((key for key, channel in channels.items() if channel.get("address") == path), None)
        if key is None:
            yield "$", f"the document has no channel with the address {path}"
            return
        found = []
        for name in channels[key].get("messages", {}):
            pointer, described = self._find(("channels", key, "messages", name))
            if described is None:
                raise InputError(f"The message {name!r} of {path} leads to nothing in the document.")
            if message.transport == "websocket" or described.get("name", name) == message.event:
                found.append(list(self._payload_problems(pointer, described, message)))
        if not found:
            yield "$.event", f"no message of {path} is named {message.event!r}"
        else:
            yield from min(found, key=len)  # a WebSocket message has no name: one that fits is enough

    def _payload_problems(
        self, pointer: tuple[str, ...], described: Mapping[str, Any], message: Sighting
    ) -> Iterator[tuple[str, str]]:
        value: Any = message.data
        content = described.get("contentType", self._document.get("defaultContentType", ""))
        if content.endswith("json"):
            try:
                value = json.loads(message.data)
            except (ValueError, RecursionError):
                yield "$", "the data is not JSON"
                return
        if "payload" in described:
            yield from _problems(self._rooted((*pointer, "payload")), value, "7")

    def _rooted(self, pointer: tuple[str, ...]) -> dict[str, Any]:
        """Make the document itself a schema that starts at one of its parts, so that its references work."""
        return {**self._document, "$ref": "#/" + "/".join(_escaped(part) for part in pointer)}

    def _find(self, pointer: tuple[str, ...]) -> tuple[tuple[str, ...], Any]:
        """Follow references to their end: give the way to it, and what is there, None for nothing."""
        for _ in range(_MOST_REFERENCES):
            place: Any = self._document
            for part in pointer:
                place = place.get(part) if isinstance(place, Mapping) else None
            if not (isinstance(place, Mapping) and isinstance(place.get("$ref"), str)):
                return pointer, place
            pointer = pointer_of(place["$ref"])
        raise InputError("A reference of the document leads to itself.")


def _escaped(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")


@cache
def _validator_class(draft: str) -> Any:
    """Give a validator; the one for OpenAPI also looks into texts that hold JSON (``contentSchema``)."""
    from jsonschema import Draft7Validator, Draft202012Validator, ValidationError, validators

    if draft == "7":
        return Draft7Validator

    def content(validator: Any, schema: Any, instance: Any, parent: Any) -> Iterator[Any]:
        if not isinstance(instance, str) or not str(parent.get("contentMediaType", "")).endswith("json"):
            return
        try:
            value = json.loads(instance)
        except (ValueError, RecursionError):
            yield ValidationError("the data is not JSON")
        else:
            yield from validator.descend(value, schema)

    extend: Any = validators.extend  # not annotated
    return extend(Draft202012Validator, {"contentSchema": content})


def _problems(schema: dict[str, Any], value: Any, draft: str) -> Iterator[tuple[str, str]]:
    for error in _validator_class(draft)(schema).iter_errors(value):
        nearest = _nearest(error)
        yield nearest.json_path, nearest.message


def _nearest(error: Any) -> Any:
    """Give what is wrong with the alternative that was most likely meant: the one with the right event name."""
    while error.context:
        alternatives: dict[object, list[Any]] = {}
        for each in error.context:
            alternatives.setdefault(each.schema_path[0], []).append(each)
        likely = min(alternatives.values(), key=lambda errors: any("event" in each.path for each in errors))
        error = likely[0]
    return error
