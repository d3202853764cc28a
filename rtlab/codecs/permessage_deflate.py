"""permessage-deflate: how a client and a server agree to compress messages.

::

    client  Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits    an offer
    server  Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=12   accepted, and restricted

    from now on the first frame of a message may have RSV1 set: the message is compressed

Four parameters say how far back each side may refer to what it sent before. The side with the name in front of the
parameter compresses so; the other side restores.

==========================  =====================================  ===========================================
parameter                   in an offer                            in an answer
==========================  =====================================  ===========================================
server_no_context_takeover  no value; the server must agree        no value; also where it was not offered
client_no_context_takeover  no value; the client will do so        no value; the client must do so
server_max_window_bits      8 to 15; the server must agree         the same or less; also where not offered
client_max_window_bits      nothing, or 8 to 15: the client will   8 to 15; only where it was offered
                            not use more
==========================  =====================================  ===========================================

What the compressed bytes are: :mod:`rtlab.codecs.deflate`.

Spec: RFC 7692 5, 7
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from rtlab.codecs.deflate import Deflater, Inflater
from rtlab.codecs.websocket_extensions import Extension
from rtlab.errors import InputError, RemoteProtocolError

NAME = "permessage-deflate"
"""The name under which the extension is registered."""

_SERVER_FLAG, _CLIENT_FLAG = "server_no_context_takeover", "client_no_context_takeover"
_SERVER_BITS, _CLIENT_BITS = "server_max_window_bits", "client_max_window_bits"
_LARGEST_BITS = 15
_WINDOW_BITS = re.compile(r"[89]|1[0-5]")
_RANGES = {_SERVER_BITS: (8, 15), _CLIENT_BITS: (8, 15), "level": (1, 9), "memory_level": (1, 9)}


@dataclass(frozen=True, slots=True)
class DeflateOptions:
    """What one side wants of permessage-deflate, or what both have agreed on.

    Context costs memory. Measured as resident memory of a lab for each idle connection, after one message of 1 KiB
    came and was sent back: 4 KiB without compression; 150 KiB with these defaults, and 316 KiB after long messages;
    4 KiB with both ``no_context_takeover``; 16 KiB with windows of 10 bits and ``memory_level=1``.

    Args:
        server_no_context_takeover: The server compresses each message by itself.
        client_no_context_takeover: The client compresses each message by itself.
        server_max_window_bits: How far back the server may refer: 2 to the power of 8 to 15, in bytes.
        client_max_window_bits: How far back the client may refer. A server that limits it compresses only with a
            client that can be told so.
        level: How hard this side tries, from 1 (quick) to 9 (small).
        memory_level: How much memory this side uses while it compresses, from 1 to 9.

    Raises:
        InputError: A number is out of its range.

    Spec: RFC 7692 7.1
    """

    server_no_context_takeover: bool = False
    client_no_context_takeover: bool = False
    server_max_window_bits: int = _LARGEST_BITS
    client_max_window_bits: int = _LARGEST_BITS
    level: int = 6
    memory_level: int = 8

    def __post_init__(self) -> None:
        for name, (lowest, highest) in _RANGES.items():
            value = getattr(self, name)
            if value not in range(lowest, highest + 1):
                raise InputError(f"{name} is a whole number from {lowest} to {highest}, not {value!r}.")

    def deflater(self, side: Literal["server", "client"]) -> Deflater:
        """Make what compresses the messages of a side."""
        bits, keeps_context = self._window(side)
        return Deflater(bits, keeps_context=keeps_context, level=self.level, memory_level=self.memory_level)

    def inflater(self, side: Literal["server", "client"]) -> Inflater:
        """Make what restores the messages of a side."""
        bits, keeps_context = self._window(side)
        return Inflater(bits, keeps_context=keeps_context)

    def _window(self, side: Literal["server", "client"]) -> tuple[int, bool]:
        if side == "server":
            return self.server_max_window_bits, not self.server_no_context_takeover
        return self.client_max_window_bits, not self.client_no_context_takeover


def make_offer(options: DeflateOptions) -> Extension:
    """Make the offer of a client.

    Args:
        options: What the client wants.

    Returns:
        One offer. It lets the server limit the client's window, too.

    Spec: RFC 7692 7.1
    """
    parameters = _flags(options)
    if options.server_max_window_bits < _LARGEST_BITS:
        parameters.append((_SERVER_BITS, str(options.server_max_window_bits)))
    is_limited = options.client_max_window_bits < _LARGEST_BITS
    parameters.append((_CLIENT_BITS, str(options.client_max_window_bits) if is_limited else None))
    return Extension(NAME, tuple(parameters))


def accept_offer(
    offers: Sequence[Extension], options: DeflateOptions
) -> tuple[DeflateOptions | None, tuple[Extension, ...]]:
    """Accept the first offer that a server can keep.

    Args:
        offers: What the client offers, its favourite first; other extensions are passed over.
        options: What the server wants.

    Returns:
        What is agreed on, and the answer that says so; None and no answer if no offer can be accepted.

    Spec: RFC 7692 5.1, 7, 7.1
    """
    for offer in offers:
        if offer.name != NAME:
            continue
        try:
            asked = _read(offer, bits_may_lack=_CLIENT_BITS)
        except RemoteProtocolError:
            continue
        if options.client_max_window_bits < _LARGEST_BITS and _CLIENT_BITS not in asked:
            continue
        agreed = replace(
            options,
            server_no_context_takeover=options.server_no_context_takeover or _SERVER_FLAG in asked,
            client_no_context_takeover=options.client_no_context_takeover or _CLIENT_FLAG in asked,
            server_max_window_bits=min(options.server_max_window_bits, asked.get(_SERVER_BITS, _LARGEST_BITS)),
            client_max_window_bits=min(options.client_max_window_bits, asked.get(_CLIENT_BITS, _LARGEST_BITS)),
        )
        answer = _flags(agreed)
        if _SERVER_BITS in asked or agreed.server_max_window_bits < _LARGEST_BITS:
            answer.append((_SERVER_BITS, str(agreed.server_max_window_bits)))
        if agreed.client_max_window_bits < _LARGEST_BITS:
            answer.append((_CLIENT_BITS, str(agreed.client_max_window_bits)))
        return agreed, (Extension(NAME, tuple(answer)),)
    return None, ()


def check_answer(answer: Sequence[Extension], options: DeflateOptions) -> DeflateOptions | None:
    """Judge what a server made of a client's offer.

    Args:
        answer: The extensions in the answer.
        options: What was offered, by :func:`make_offer`.

    Returns:
        What is agreed on, or None if the server does not compress.

    Raises:
        RemoteProtocolError: The answer does not fit the offer; close TCP.

    Spec: RFC 7692 5.1, 7, 7.1
    """
    if not answer:
        return None
    if [extension.name for extension in answer] != [NAME]:
        raise _refused("The answer accepts more than was offered.", "RFC 7692 5.1")
    said = _read(answer[0])
    if options.server_no_context_takeover and _SERVER_FLAG not in said:
        raise _refused(f"The answer does not agree to {_SERVER_FLAG}.", "RFC 7692 7.1.1.1")
    if said.get(_SERVER_BITS, _LARGEST_BITS) > options.server_max_window_bits:
        raise _refused(f"The answer does not agree to {_SERVER_BITS}.", "RFC 7692 7.1.2.1")
    return replace(
        options,
        server_no_context_takeover=_SERVER_FLAG in said,
        client_no_context_takeover=options.client_no_context_takeover or _CLIENT_FLAG in said,
        server_max_window_bits=said.get(_SERVER_BITS, _LARGEST_BITS),
        # A server may ignore what the offer said here, and answer with more. The client still keeps to the less.
        client_max_window_bits=min(options.client_max_window_bits, said.get(_CLIENT_BITS, _LARGEST_BITS)),
    )


def _flags(options: DeflateOptions) -> list[tuple[str, str | None]]:
    return [(name, None) for name in (_SERVER_FLAG, _CLIENT_FLAG) if getattr(options, name)]


def _read(extension: Extension, *, bits_may_lack: str = "") -> dict[str, int]:
    """Give the parameters by name; a window is 15 where its value may be left out, and a flag is 1."""
    found: dict[str, int] = {}
    for name, value in extension.parameters:
        if name in found:
            raise _refused(f"The parameter {name} is there twice.", "RFC 7692 7")
        if name in (_SERVER_FLAG, _CLIENT_FLAG) and value is None:
            found[name] = 1
        elif name == bits_may_lack and value is None:
            found[name] = _LARGEST_BITS
        elif name in (_SERVER_BITS, _CLIENT_BITS) and _WINDOW_BITS.fullmatch(value or ""):
            found[name] = int(value or "")
        else:
            said = name if value is None else f"{name}={value}"
            raise _refused(f"The parameter {said} is not one of this extension.", "RFC 7692 7")
    return found


def _refused(message: str, spec: str) -> RemoteProtocolError:
    return RemoteProtocolError(message, spec=spec)
