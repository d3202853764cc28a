"""Holds a document against the official schema of its format, and follows its references."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from rtlab.errors import InputError, MissingExtra
from rtlab.resources import data_path


def require_valid(document: Mapping[str, Any]) -> str:
    """Check a document against the schema that its makers publish.

    Args:
        document: An AsyncAPI 3.1 or OpenAPI 3.2 document.

    Returns:
        What it is, such as ``"AsyncAPI 3.1.0"``.

    Raises:
        InputError: It is neither, or it breaks its schema, or a reference in it leads nowhere; the text says where.
        MissingExtra: For OpenAPI, the package openapi-spec-validator is not installed.
    """
    name = format_of(document)
    problem = _broken_asyncapi(document) if name.startswith("AsyncAPI") else _broken_openapi(document)
    if problem:
        where, what = problem
        raise InputError(f"The {name} document is broken at {where}: {what}")
    return name


def format_of(document: Mapping[str, Any]) -> str:
    """Tell the format and version of a document.

    Raises:
        InputError: It is none that can be checked here.
    """
    for key, name, line in (("asyncapi", "AsyncAPI", "3.1"), ("openapi", "OpenAPI", "3.2")):
        version = document.get(key)
        if isinstance(version, str) and version.startswith(f"{line}."):
            return f"{name} {version}"
    raise InputError("This is neither an AsyncAPI 3.1 nor an OpenAPI 3.2 document: the first field must say so.")


def pointer_of(reference: str) -> tuple[str, ...]:
    """Give the names on the way that a reference such as ``"#/paths/~1echo"`` leads.

    Spec: RFC 6901.
    """
    parts = reference.removeprefix("#/").split("/")
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in parts)


@cache
def _asyncapi_schema() -> Any:
    packed = data_path("specifications", "asyncapi-3.1.0.json.gz").read_bytes()
    return json.loads(gzip.decompress(packed))


def _broken_asyncapi(document: Mapping[str, Any]) -> tuple[str, str] | None:
    from jsonschema import Draft7Validator

    return _broken(document, Draft7Validator(_asyncapi_schema()))


def openapi_schema() -> Any:
    """Give the official JSON schema of OpenAPI 3.2.

    Raises:
        MissingExtra: The package openapi-spec-validator, which brings it, is not installed.
    """
    try:
        from openapi_spec_validator.schemas import schema_v32
    except ImportError as error:
        raise MissingExtra(
            "An OpenAPI document is checked by a package: pip install openapi-spec-validator (0.9 or later)."
        ) from error
    return dict(schema_v32)


def _broken_openapi(document: Mapping[str, Any]) -> tuple[str, str] | None:
    schema = openapi_schema()  # first, for it tells what to install
    from jsonschema import Draft202012Validator
    from openapi_spec_validator import OpenAPIV32SpecValidator

    if problem := _broken(document, Draft202012Validator(schema)):
        return problem  # the next check would stumble over a dead reference
    further = next(OpenAPIV32SpecValidator(dict(document)).iter_errors(), None)
    return ("$", further.message) if further else None


def _broken(document: Mapping[str, Any], validator: Any) -> tuple[str, str] | None:
    from jsonschema.exceptions import best_match

    worst = best_match(validator.iter_errors(document))
    return (worst.json_path, worst.message) if worst else next(_dead_references(document, document, "$"), None)


def _dead_references(document: Mapping[str, Any], part: Any, where: str) -> Iterator[tuple[str, str]]:
    """Find references to places in the document that it does not have; a schema alone cannot see them."""
    if isinstance(part, Mapping):
        target = part.get("$ref")
        if isinstance(target, str) and target.startswith("#/") and not _leads_somewhere(document, target):
            yield where, f"the reference {target} leads nowhere"
        for key, value in part.items():
            yield from _dead_references(document, value, f"{where}.{key}")
    elif isinstance(part, list):
        for number, value in enumerate(part):
            yield from _dead_references(document, value, f"{where}[{number}]")


def _leads_somewhere(document: Mapping[str, Any], target: str) -> bool:
    place: Any = document
    for name in pointer_of(target):
        if isinstance(place, Mapping) and name in place:
            place = place[name]
        elif isinstance(place, list) and name.isdecimal() and int(name) < len(place):
            place = place[int(name)]
        else:
            return False
    return True
