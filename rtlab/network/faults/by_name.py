"""Faults by name, as a command line gives them: ``idle-cut:idle_s=60``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import MISSING, fields
from inspect import getdoc

import rtlab.network.faults as package
from rtlab.errors import InputError
from rtlab.network.faults.fault import Fault

_KINDS: dict[str, Callable[[str], int | float | str]] = {
    "int": int,
    "int | None": int,
    "float": float,
    "float | None": float,
    "str": str,
    "Side": str,
}
"""How to read a setting, by its annotation; a setting of another kind cannot be given on a command line."""

_NEXT_SETTING = re.compile(r",(?=\w+=)")
"""A comma within a value, as in ``accept=text/html,*/*``, belongs to it."""
_WITHOUT_NAME = {"Fault", "Only"}
"""What takes no settings that a word could give."""


def _kinds() -> dict[str, type[Fault]]:
    classes = (getattr(package, name) for name in package.__all__ if name not in _WITHOUT_NAME)
    return {re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", kind.__name__).lower(): kind for kind in classes}


def parse_fault(text: str) -> Fault:
    """Make a fault from its name and its settings.

    Args:
        text: Such as ``"latency:latency_ms=80,jitter_ms=20"``; settings that have a default may be left out.

    Returns:
        The fault.

    Raises:
        InputError: There is no such fault or setting, or a value is out of its range.
    """
    name, _, rest = text.partition(":")
    kinds = _kinds()
    if name not in kinds:
        raise InputError(f"There is no fault {name!r}; there are {', '.join(kinds)}.")
    kind = kinds[name]
    known = {field.name: field for field in fields(kind)}  # type: ignore[arg-type]  # each fault is a dataclass
    settings: dict[str, int | float | str | bool] = {}
    for setting in filter(None, _NEXT_SETTING.split(rest)):
        key, _, value = setting.partition("=")
        if key not in known or str(known[key].type) not in {*_KINDS, "bool"}:
            raise InputError(f"{name} has no setting {key!r}; it has {_settings(kind) or 'none'}.")
        if key in settings:
            raise InputError(f"{name} has {key} twice.")
        settings[key] = _value(key, str(known[key].type), value)
    missing = [key for key, field in known.items() if field.default is MISSING and key not in settings]
    if missing:
        raise InputError(f"{name} needs {', '.join(missing)}, as in {name}:{missing[0]}=100.")
    return kind(**settings)


def fault_lines() -> Iterator[str]:
    """Tell about each fault in two lines: name and settings with their defaults, and what it does.

    Yields:
        The lines, in the order of the alphabet.
    """
    for name, kind in sorted(_kinds().items()):
        yield f"{name}{':' if _settings(kind) else ''}{_settings(kind)}"
        yield f"    {(getdoc(kind) or '').splitlines()[0].replace('``', '')}"


def _settings(kind: type[Fault]) -> str:
    told = []
    for field in fields(kind):  # type: ignore[arg-type]
        if str(field.type) in {*_KINDS, "bool"}:
            if field.default is None:
                told.append(f"[{field.name}=...]")
            else:
                told.append(f"{field.name}={'...' if field.default is MISSING else field.default}")
    return ",".join(told)


def _value(key: str, kind: str, text: str) -> int | float | str | bool:
    try:
        if kind == "bool":
            return {"true": True, "false": False}[text.lower()]
        return _KINDS[kind](text)
    except (KeyError, ValueError):
        wanted = "true or false" if kind == "bool" else "a number"
        raise InputError(f"{key} must be {wanted}, not {text!r}.") from None
