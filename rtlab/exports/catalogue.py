"""Makes a catalogue of messages from what was seen: the shape of the data, found by looking at all of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from rtlab.errors import InputError
from rtlab.findings.documents import Catalogue, MessageKind, Sighting

_TYPES: dict[type, str] = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}


def make_catalogue(sightings: Iterable[Sighting], http_url: str, *, ids: bool, retry_ms: int) -> Catalogue:
    """Sort what was seen by transport, channel and name, and describe the data of each.

    Args:
        sightings: What clients got.
        http_url: The lab's address.
        ids: True if the lab gives ids.
        retry_ms: The reconnection time that it announces.

    Returns:
        The catalogue; each schema holds for every sighting.

    Raises:
        InputError: Nothing was seen.
    """
    seen = tuple(sightings)
    if not seen:
        raise InputError("No message was seen, so there is nothing to describe; publish some meanwhile.")
    names = {(each.channel, each.data): each.event for each in seen if each.transport == "sse"}
    groups: dict[tuple[Any, str, str], list[str]] = {}
    for each in seen:
        event = each.event if each.transport == "sse" else names.get((each.channel, each.data), each.event)
        groups.setdefault((each.transport, each.channel, event), []).append(each.data)
    kinds = tuple(
        MessageKind(transport, channel, event, *describe(samples), samples[0], len(samples))
        for (transport, channel, event), samples in groups.items()
    )
    return Catalogue(http_url, kinds, ids, retry_ms)


def describe(samples: Sequence[str]) -> tuple[bool, dict[str, Any]]:
    """Find the JSON schema of some texts.

    Args:
        samples: At least one.

    Returns:
        Whether all are JSON objects or arrays, and a schema that each of them fulfils: of the JSON value, or of
        a plain string.
    """
    values = []
    for text in samples:
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return False, {"type": "string"}
        if not isinstance(value, dict | list):
            return False, {"type": "string"}  # a bare word or number is text by chance
        values.append(value)
    return True, schema_of(values)


def schema_of(values: Sequence[Any]) -> dict[str, Any]:
    """Find a schema for JSON values: their types, the members that all objects have, and the items of all arrays.

    Args:
        values: JSON values; none gives the schema that allows everything.

    Returns:
        A schema in the part of JSON Schema that every draft understands.
    """
    types: list[str] = []
    for value in values:
        name = "object" if isinstance(value, dict) else "array" if isinstance(value, list) else _TYPES[type(value)]
        if name not in types:
            types.append(name)
    if "number" in types and "integer" in types:
        types.remove("integer")
    if not types:
        return {}
    schema: dict[str, Any] = {"type": types[0] if len(types) == 1 else types}
    objects = [value for value in values if isinstance(value, dict)]
    if objects:
        members = dict.fromkeys(key for each in objects for key in each)
        required = [key for key in members if all(key in each for each in objects)]
        if required:
            schema["required"] = required
        schema["properties"] = {key: schema_of([each[key] for each in objects if key in each]) for key in members}
    arrays = [value for value in values if isinstance(value, list)]
    if any(arrays):
        schema["items"] = schema_of([item for each in arrays for item in each])
    return schema
