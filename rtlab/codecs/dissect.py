"""``dissect()``: every byte of a captured connection, named.

::

    up    GET /sse/news HTTP/1.1 ...           ─► method, space, request target, space, version ...
    down  HTTP/1.1 200 OK ... 5 data: ...      ─► ... chunk size, line end, field name, colon, field value ...

The decoders of this folder are strict and stop at the first broken rule. This reading is for people who want to see
what was on the wire, so it never stops: a broken rule is named, and reading goes on. Each layer has a file of its
own, ``dissect_...``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from rtlab.codecs.dissect_cursor import Cursor
from rtlab.codecs.dissect_http1 import dissect_exchanges, looks_like_response
from rtlab.codecs.dissect_sse import dissect_event_stream, looks_like_event_stream
from rtlab.codecs.dissect_tls import dissect_tls, looks_like_tls
from rtlab.codecs.dissect_websocket import dissect_frames, looks_like_frames
from rtlab.errors import InputError
from rtlab.records import WireChunk, WireUnit

Hint = Literal["request", "response", "client frames", "server frames", "event stream"]
"""What the bytes of one direction are, where a look at their start would not tell."""

_FROM_CLIENT = ("request", "client frames", "TLS")
_SHOWN_BYTES = 8
_SHOWN_UNITS = 500


@dataclass(frozen=True, slots=True, repr=False)
class Dissection:
    """The named bytes of a connection; printing it shows offset, bytes and meaning.

    Attributes:
        up: The units of the client's bytes; in order they cover all of them, each byte once.
        down: The same for the server's bytes.
        up_bytes: The client's bytes.
        down_bytes: The server's bytes.
    """

    up: tuple[WireUnit, ...]
    down: tuple[WireUnit, ...]
    up_bytes: bytes
    down_bytes: bytes

    def __repr__(self) -> str:
        up = _show("client to server", self.up, self.up_bytes)
        down = _show("server to client", self.down, self.down_bytes)
        return "\n".join((*up, *down)) or "no bytes"


def dissect(captured: bytes | tuple[bytes, bytes] | Sequence[WireChunk], *, hint: Hint | None = None) -> Dissection:
    """Name every byte that was captured on a connection.

    Both directions together tell most, for an answer's meaning depends on its request.

    Args:
        captured: The chunks of one connection in the order of capture; or the client's bytes and the server's; or
            the bytes of one direction, which count as the client's if they do not tell whose they are.
        hint: What the bytes of one direction are; None to judge by how they start.

    Returns:
        The units of both directions; one of them is empty if the bytes of one direction were given.

    Raises:
        InputError: The chunks are of several connections, the hint is unknown, or there is a hint for more than
            one direction.
    """
    if hint is not None and (hint not in get_args(Hint) or not isinstance(captured, bytes)):
        raise InputError(f"A hint is for the bytes of one direction, and one of {', '.join(get_args(Hint))}.")
    if isinstance(captured, bytes):
        is_up = (hint or _guess(captured)) in _FROM_CLIENT
        up, down = Cursor(captured if is_up else b""), Cursor(b"" if is_up else captured)
    else:
        up, down = map(Cursor, _join(captured))
    for cursor in (up, down):
        match hint or _guess(cursor.data):
            case "TLS":
                dissect_tls(cursor)
            case "event stream":
                dissect_event_stream(cursor)
            case "client frames" | "server frames":
                dissect_frames(cursor, from_client=cursor is up, compression="unknown")
    dissect_exchanges(up, down)
    return Dissection(tuple(up.units), tuple(down.units), up.data, down.data)


def _join(captured: Sequence[bytes | WireChunk]) -> tuple[bytes, bytes]:
    """Put the bytes of each direction together."""
    match captured:
        case (bytes() as up, bytes() as down):
            return up, down
    chunks = [chunk for chunk in captured if isinstance(chunk, WireChunk)]
    if len(chunks) < len(captured):
        raise InputError("Give bytes, a pair of bytes, or WireChunks alone.")
    if len({(chunk.run_id, chunk.connection_id) for chunk in chunks}) > 1:
        raise InputError("The chunks are of several connections; give those of one.")
    return (
        b"".join(chunk.data for chunk in chunks if chunk.direction == "up"),
        b"".join(chunk.data for chunk in chunks if chunk.direction == "down"),
    )


def _guess(data: bytes) -> Hint | Literal["TLS"]:
    if looks_like_tls(data):
        return "TLS"
    if looks_like_event_stream(data):
        return "event stream"
    if looks_like_frames(data):
        return "client frames" if data[1:2] >= b"\x80" else "server frames"
    return "response" if looks_like_response(data) else "request"


def _show(title: str, units: Sequence[WireUnit], data: bytes) -> Iterator[str]:
    if not units:
        return
    yield f"{title}, {len(data)} bytes"
    yield f"{'offset':>6}  {'bytes':<25}  {'layer':<17}  meaning"
    for unit in units[:_SHOWN_UNITS]:
        yield f"{unit.offset:>6}  {_hex(unit, data):<25}  {unit.layer:<17}  {unit.unit}: {unit.text}"
    if len(units) > _SHOWN_UNITS:
        yield f"        and {len(units) - _SHOWN_UNITS} units more"


def _hex(unit: WireUnit, data: bytes) -> str:
    shown_bytes = min(unit.length_bytes, _SHOWN_BYTES)
    if unit.text.startswith("redacted, "):
        return ("·· " * shown_bytes).rstrip()
    return data[unit.offset : unit.offset + shown_bytes].hex(" ") + ("…" if unit.length_bytes > shown_bytes else "")
