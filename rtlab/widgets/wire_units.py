"""The named bytes of a connection, made ready to be shown: as cells on a page, as lines, as an HTML table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Any, Protocol

from rtlab.records import WireUnit

LANES = ("client → server", "server → client")
"""The names of the two directions, up and down."""

_SHOWN_CHARACTERS = 48
_SHOWN_BYTES = 12
_DETAIL_CHARACTERS = 240
_DETAIL_BYTES = 64
_LINE_BYTES = 8
_READABLE_LAYERS = frozenset({"HTTP/1.1", "opening handshake", "event stream"})
_READABLE_PARTS = ("payload", "close reason")
_HEADS = ("offset", "bytes", "text", "layer", "unit", "meaning", "clause")
_SIGNS = str.maketrans({"\r": r"\r", "\n": r"\n", "\t": r"\t", "\\": r"\\"})


class Dissected(Protocol):
    """What is shown: the result of ``dissect()``."""

    @property
    def up(self) -> tuple[WireUnit, ...]:
        """The units of the client's bytes."""

    @property
    def down(self) -> tuple[WireUnit, ...]:
        """The units of the server's bytes."""

    @property
    def up_bytes(self) -> bytes:
        """The client's bytes."""

    @property
    def down_bytes(self) -> bytes:
        """The server's bytes."""


Side = tuple[str, tuple[WireUnit, ...], bytes]
"""A lane's name, its units and its bytes."""


def sides(dissected: Dissected) -> Iterator[Side]:
    """Give both directions of a connection, those without a byte too."""
    yield LANES[0], dissected.up, dissected.up_bytes
    yield LANES[1], dissected.down, dissected.down_bytes


def lane(side: Side, max_units: int) -> dict[str, Any]:
    """Describe one direction for a page.

    Args:
        side: The direction.
        max_units: How many units are drawn at most.

    Returns:
        Its name, how many bytes there are, how many of each layer, its first parts as ``[layer, bytes]`` in order,
        the cells of its first units, and how many units more there are.
    """
    name, units, data = side
    parts: list[list[Any]] = []
    shares: dict[str, int] = {}
    for unit in units:
        shares[unit.layer] = shares.get(unit.layer, 0) + unit.length_bytes
        if parts and parts[-1][0] == unit.layer:
            parts[-1][1] += unit.length_bytes
        else:
            parts.append([unit.layer, unit.length_bytes])
    cells, starts_line = [], False
    for unit in units[:max_units]:
        cells.append(_cell(unit, data, starts_line or unit.unit.startswith("FIN")))
        starts_line = unit.layer in _READABLE_LAYERS and data[unit.offset + unit.length_bytes - 1] == 0x0A
    more = len(units) - len(cells)
    drawn = {"parts": parts[:max_units], "cells": cells, "more": more}
    return {"name": name, "bytes": len(data), "shares": shares, **drawn}


def lines(name: str, dissected: Dissected, max_units: int) -> Iterator[str]:
    """Write a connection as lines of text: offset, bytes and meaning of each unit."""
    for lane_name, units, data in sides(dissected):
        if units:
            yield f"{name}, {lane_name}, {len(data):,} bytes".removeprefix(", ")
        for unit in units[:max_units]:
            shown = _hex(unit, data, _LINE_BYTES)
            yield f"{unit.offset:>6}  {shown:<25}  {unit.layer:<17}  {unit.unit}: {unit.text} ({unit.spec})"
        if len(units) > max_units:
            yield _more(len(units) - max_units)


def table(name: str, dissected: Dissected, max_units: int) -> str:
    """Write a connection as HTML tables, one a direction, for a page without widgets."""
    heads = "".join(
        f"<th>{head}</th>" for head in ("offset", "bytes", "text", "layer", "unit", "meaning", "clause")
    )
    parts = []
    for lane_name, units, data in sides(dissected):
        if not units:
            continue
        caption = f"{name}, {lane_name}, {len(data):,} bytes".removeprefix(", ")
        rows = "".join(f"<tr>{_columns(unit, data)}</tr>" for unit in units[:max_units])
        more = f"<p>{_more(len(units) - max_units)}</p>" if len(units) > max_units else ""
        parts.append(f"<table><caption>{escape(caption)}</caption><tr>{heads}</tr>{rows}</table>{more}")
    return "".join(parts)


def _columns(unit: WireUnit, data: bytes) -> str:
    text = _text(unit, data, _SHOWN_CHARACTERS)
    values = (str(unit.offset), _hex(unit, data, _LINE_BYTES), text, unit.layer, unit.unit, unit.text, unit.spec)
    return "".join(f"<td>{escape(value)}</td>" for value in values)


def _cell(unit: WireUnit, data: bytes, starts_line: bool) -> dict[str, Any]:
    """Describe a unit; what the page shows of its bytes is decided here, a secret never leaves."""
    return {
        "offset": unit.offset,
        "bytes": unit.length_bytes,
        "layer": unit.layer,
        "unit": unit.unit,
        "meaning": _shortened(unit.text, 2 * _DETAIL_CHARACTERS),
        "spec": unit.spec,
        "shown": _text(unit, data, _SHOWN_CHARACTERS) or _hex(unit, data, _SHOWN_BYTES),
        "hex": _hex(unit, data, _DETAIL_BYTES),
        "text": _text(unit, data, _DETAIL_CHARACTERS),
        "broken": _broken(unit),
        "line": starts_line,
    }


def _text(unit: WireUnit, data: bytes, most: int) -> str:
    """Give the bytes as text with escapes for line ends; empty where they are no text."""
    part = unit.unit.removeprefix("unfinished ")
    readable = unit.layer in _READABLE_LAYERS or (part in _READABLE_PARTS and "Unmasked: " not in unit.text)
    if not readable or _secret(unit):
        return ""
    piece = data[unit.offset : unit.offset + min(unit.length_bytes, 4 * most + 4)]
    try:
        text = piece.decode()
    except UnicodeDecodeError as error:
        if error.end < len(piece) or len(piece) == unit.length_bytes:  # not the cut's fault
            return ""
        text = piece[: error.start].decode()
    text = text.translate(_SIGNS) if text.strip(" ") else "␣" * len(text)
    if not text.isprintable():
        return ""
    return _shortened(text, most) if len(piece) == unit.length_bytes else f"{text[:most]}…"


def _hex(unit: WireUnit, data: bytes, most: int) -> str:
    shown = min(unit.length_bytes, most)
    text = "··" + " ··" * (shown - 1) if _secret(unit) else data[unit.offset : unit.offset + shown].hex(" ")
    return f"{text} …" if unit.length_bytes > shown else text


def _secret(unit: WireUnit) -> bool:
    return unit.text.startswith("redacted, ") or (_broken(unit) and " redacted, " in unit.text)


def _broken(unit: WireUnit) -> bool:
    return unit.text.startswith("Broken rule: ")


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _more(count: int) -> str:
    return f"and {count:,} unit{'s' * (count != 1)} more"


def layers(connections: Sequence[Dissected]) -> list[str]:
    """List the layers that occur, in the order in which they do."""
    found = [unit.layer for one in connections for _, units, _ in sides(one) for unit in units]
    return list(dict.fromkeys(found))
