"""What the compression of a WebSocket costs in memory, and whether a client can have it cheaper.

::

    compress   (1 << (window bits + 2)) + (1 << (8 + 9)) bytes     window 2^15: 256 KiB
    restore    (1 << window bits) + 7 KiB                          window 2^15:  39 KiB

A side that gives up its context after each message keeps nothing between them. The formulas are those of zlib's own
zconf.h, at its default memory level 8. What the server really uses may be less at first: zlib touches its memory
only as messages grow.

Spec: RFC 7692 7.1
"""

from __future__ import annotations

from rtlab.codecs.permessage_deflate import DeflateOptions, check_answer
from rtlab.codecs.websocket_extensions import parse_extensions
from rtlab.errors import RemoteProtocolError
from rtlab.probes.examination import Examination, field_line
from rtlab.probes.opening import EXTENSIONS, new_key, websocket_request

_SMALL_OFFER = DeflateOptions(True, True, 10, 10)
_MANY = 10_000


def compressing_bytes(agreed: DeflateOptions) -> int:
    """Tell what a server keeps between messages to compress its own."""
    return 0 if agreed.server_no_context_takeover else (1 << (agreed.server_max_window_bits + 2)) + (1 << (8 + 9))


def restoring_bytes(agreed: DeflateOptions) -> int:
    """Tell what a server keeps between messages to restore the client's."""
    return 0 if agreed.client_no_context_takeover else (1 << agreed.client_max_window_bits) + 7_168


def deflate_bytes(agreed: DeflateOptions) -> int:
    """Tell what a server keeps for one connection between its messages."""
    return compressing_bytes(agreed) + restoring_bytes(agreed)


async def examine_compression(examination: Examination, agreed: DeflateOptions) -> None:
    """Say what the agreed compression costs, and ask for a cheaper one.

    Args:
        examination: What is under examination.
        agreed: What came of the offer that browsers make.
    """
    examination.trying = "compression with small windows"
    cost = deflate_bytes(agreed)
    examination.facts["deflate_bytes"] = cost
    said = (
        f"{examination.facts['compression']}: compress {compressing_bytes(agreed) / 1024:.0f} KiB, restore "
        f"{restoring_bytes(agreed) / 1024:.0f} KiB a connection; {_MANY:,} connections: "
        f"{_MANY * cost / 2**30:.2g} GiB"
    )
    answer = await examination.try_head(websocket_request(examination, new_key(), offer=_SMALL_OFFER))
    if answer is not None and answer.status == 101:
        try:
            small = check_answer(parse_extensions(answer.get_all(EXTENSIONS)), _SMALL_OFFER)
        except RemoteProtocolError as error:
            told = f"{field_line(EXTENSIONS, answer.get(EXTENSIONS))}: {error}"
            examination.note("WS-DEFLATE-OFFER", "warning", told)
        else:
            least = deflate_bytes(small) if small else 0
            examination.facts["deflate_least_bytes"] = least
            how = f"is taken: {least / 1024:.0f} KiB" if small else "is declined: no compression then"
            said += f"; an offer of small windows without contexts {how}"
    examination.note("WS-DEFLATE", "info", said)
