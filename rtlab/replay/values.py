"""Values as JSON and back: plain values, tables, figures, errors, and every record and finding of rtlab.

A finding comes back as the class that it was, from the numbers that were measured; so its tables, figures and
sentences are made anew, by the code that makes them always. What a class computes only once is computed again.
"""

from __future__ import annotations

import base64
import builtins
import dataclasses
import importlib
import json
import math
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.errors import InputError, RecordingError

Live = Callable[[Any], Any]
_TABLE_ROWS = 3
"""So many records of one class are written as columns."""


def encode(value: Any, live: Live | None = None) -> Any:
    """Write a value as JSON values.

    Args:
        value: What to write.
        live: Gives the JSON of an object that cannot be written down, such as a connection; None refuses those.

    Raises:
        InputError: The value, or something in it, cannot be written down.
    """
    match value:
        case Enum():
            return {"enum": _path(type(value)), "name": value.name}
        case None | bool() | str():
            return value
        case int():
            return int(value)
        case float():
            return float(value) if math.isfinite(value) else {"float": repr(float(value))}
        case bytes() | bytearray():
            return {"bytes": base64.b64encode(value).decode("ascii")}
        case np.generic():
            return encode(value.item(), live)
        case np.ndarray():
            data = base64.b64encode(value.tobytes()).decode("ascii")
            return {"array": data, "dtype": value.dtype.str, "shape": list(value.shape)}
        case pd.DataFrame() if isinstance(value.index, pd.RangeIndex):
            return {"frame": [[str(name), *_encode_column(value[name])] for name in value]}
        case go.Figure():
            return {"figure": json.loads(value.to_json())}
        case BaseException():
            args = [encode(each) for each in value.args]
            return {"error": _path(type(value)), "args": args, "state": _encode_each(vars(value))}
        case Mapping():
            return {"dict": [[encode(key, live), encode(each, live)] for key, each in value.items()]}
        case frozenset() | set():
            return {"set": sorted((encode(each, live) for each in value), key=json.dumps)}
        case list() | tuple():
            return _encode_row(value, live)
    if _is_ours(type(value)) and not is_live(value):
        try:
            return {"object": _path(type(value)), "state": _encode_each(_state(value))}
        except InputError:
            if live is None:
                raise
    if live is not None:
        return live(value)
    raise InputError(f"A {type(value).__name__} cannot be written down.")


def decode(written: Any, live: Live | None = None, made: Live = lambda thing: thing) -> Any:
    """Read what :func:`encode` wrote.

    Args:
        written: The JSON values.
        live: Gives the object for what ``live`` of :func:`encode` wrote.
        made: Is handed each object of rtlab that was made anew, and gives what to use for it.

    Raises:
        RecordingError: It is damaged, or names something that this version of rtlab does not have.
    """

    def read(inner: Any) -> Any:
        return decode(inner, live, made)

    match written:
        case None | bool() | int() | float() | str():
            return written
        case list():
            return [read(each) for each in written]
        case {"tuple": items}:
            return tuple(read(each) for each in items)
        case {"named": path, "values": items}:
            return class_at(path)._make(read(each) for each in items)
        case {"dict": pairs}:
            return {read(key): read(each) for key, each in pairs}
        case {"set": items}:
            return frozenset(read(each) for each in items)
        case {"bytes": data}:
            return base64.b64decode(data)
        case {"float": name}:
            return float(name)
        case {"enum": path, "name": name}:
            return class_at(path)[name]
        case {"array": data, "dtype": dtype, "shape": shape}:
            return np.frombuffer(base64.b64decode(data), dtype).reshape(shape).copy()
        case {"frame": columns}:
            return pd.DataFrame({name: _decode_column(*column) for name, *column in columns})
        case {"figure": parts}:
            return go.Figure(parts)
        case {"rows": path, "columns": columns, "listed": listed}:
            rows = zip(*(read(column) for column in columns.values()), strict=True)
            found = [made(_new(path, dict(zip(columns, row, strict=True)))) for row in rows]
            return found if listed else tuple(found)
        case {"object": path, "state": state}:
            return made(_new(path, {name: read(each) for name, each in state.items()}))
        case {"error": path, "args": args, "state": state}:
            return _new_error(
                path, [read(each) for each in args], {name: read(each) for name, each in state.items()}
            )
    if live is not None:
        return live(written)
    raise RecordingError(f"A recording holds {str(written)[:60]!r}, which nobody can read.")


def _encode_row(items: list[Any] | tuple[Any, ...], live: Live | None) -> Any:
    if type(items) in (list, tuple) and len(items) >= _TABLE_ROWS and _are_records(items):
        states = [_state(each) for each in items]
        columns = {name: [encode(state[name]) for state in states] for name in states[0]}
        return {"rows": _path(type(items[0])), "columns": columns, "listed": isinstance(items, list)}
    inner = [encode(each, live) for each in items]
    if isinstance(items, list):
        return inner
    return {"tuple": inner} if type(items) is tuple else {"named": _path(type(items)), "values": inner}


def _are_records(items: list[Any] | tuple[Any, ...]) -> bool:
    kind = type(items[0])
    same = all(type(each) is kind for each in items)
    return same and dataclasses.is_dataclass(kind) and bool(dataclasses.fields(kind)) and not is_live(items[0])


def _encode_column(column: pd.Series[Any]) -> tuple[Any, Any]:
    values = [None if pd.isna(each) else encode(each) for each in column]
    if isinstance(column.dtype, pd.CategoricalDtype):
        return {"categories": list(column.dtype.categories), "ordered": bool(column.dtype.ordered)}, values
    return str(column.dtype), values


def _decode_column(dtype: Any, values: list[Any]) -> Any:
    if isinstance(dtype, dict):
        dtype = pd.CategoricalDtype(dtype["categories"], dtype["ordered"])
    return pd.Series([decode(each) for each in values], dtype=dtype)


def _is_ours(kind: type) -> bool:
    return kind.__module__.partition(".")[0] == "rtlab"


def is_live(value: Any) -> bool:
    """Whatever can be stopped or closed does something; it is more than its state."""
    return any(callable(getattr(type(value), name, None)) for name in ("close", "stop", "__next__"))


def _names(kind: type) -> Iterator[str]:
    for each in reversed(kind.__mro__):
        slots = each.__dict__.get("__slots__", ())
        yield from (name for name in ((slots,) if isinstance(slots, str) else slots) if name[:2] != "__")


def _state(value: Any) -> dict[str, Any]:
    kind = type(value)
    slots = {name: object.__getattribute__(value, name) for name in _names(kind)}
    held = getattr(value, "__dict__", {})
    cached = {name for name in held if isinstance(getattr(kind, name, None), cached_property)}
    return slots | {name: each for name, each in held.items() if name not in cached}


def _encode_each(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: encode(each) for name, each in values.items()}


def _new(path: str, state: dict[str, Any]) -> Any:
    kind = class_at(path)
    if dataclasses.is_dataclass(kind) and state.keys() != {field.name for field in dataclasses.fields(kind)}:
        raise RecordingError(f"A recording holds a {path} of another version of rtlab; it must be made anew.")
    thing = object.__new__(kind)
    for name, each in state.items():
        object.__setattr__(thing, name, each)
    return thing


def _new_error(path: str, args: list[Any], state: dict[str, Any]) -> BaseException:
    kind = class_at(path)
    error: BaseException = kind.__new__(kind, *args)
    error.args = tuple(args)
    vars(error).update(state)
    return error


def _path(kind: type) -> str:
    if kind.__module__ != "builtins" and not _is_ours(kind):
        raise InputError(f"A {kind.__module__}.{kind.__qualname__} cannot be written down.")
    return f"{kind.__module__}:{kind.__qualname__}"


def class_at(path: str) -> Any:
    """Find a class of rtlab, or one that is built in, by the path that a recording names.

    Raises:
        RecordingError: There is no such class.
    """
    module, _, name = path.partition(":")
    if module.partition(".")[0] not in ("rtlab", "builtins"):
        raise RecordingError(f"A recording names {path!r}, which is none of rtlab's.")
    try:
        found: Any = builtins if module == "builtins" else importlib.import_module(module)
        for part in name.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError) as error:
        raise RecordingError(f"A recording names {path!r}, which this version of rtlab does not have.") from error
    if not isinstance(found, type) or (module == "builtins" and not issubclass(found, BaseException)):
        raise RecordingError(f"A recording names {path!r}, which is no record.")
    return found
