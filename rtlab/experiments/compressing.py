"""What does permessage-deflate make of rows of messages: short ones that are alike, one that repeats itself, noise?

Each row goes over a WebSocket that does not compress, over one that compresses each message by itself, and over one
whose messages may refer to what went before. The lab echoes them, and what comes back is counted.

Spec: RFC 7692 7.1.1, 7.2
"""

from __future__ import annotations

import json
import random

from rtlab.clients.websocket import WebSocket
from rtlab.codecs.permessage_deflate import DeflateOptions
from rtlab.errors import InputError
from rtlab.findings.messages import Compressed
from rtlab.servers.lab import Lab

MESSAGES = 10
_EACH_ALONE = DeflateOptions(server_no_context_takeover=True, client_no_context_takeover=True)
_SETTINGS = {"off": None, "each by itself": _EACH_ALONE, "with context": DeflateOptions()}
_REPEATED = "What is said again takes little room. "
_NOISE_BYTES = 4_096
_ROUNDS = 2
"""A heartbeat of the lab may fall into a count; it comes every 15 s, so not into both."""
_TIMEOUT_S = 10.0


def compress_rows(lab: Lab) -> tuple[Compressed, ...]:
    """Send rows of ten messages with compression off and on, and count what comes back.

    Args:
        lab: The running lab; it must have been started with ``compression=True``.

    Returns:
        One for each row and setting.

    Raises:
        InputError: The lab does not compress, or limits how.
    """
    found = []
    for load, messages in _rows().items():
        for setting, options in _SETTINGS.items():
            rounds = [_echo(lab, messages, options) for _ in range(_ROUNDS)]
            sizes = [min(counted) for counted in zip(*rounds, strict=True)]
            payload = messages[0].encode() if isinstance(messages[0], str) else messages[0]
            found.append(Compressed(load, setting, len(payload), sizes[0], sizes[-1]))
    return tuple(found)


def _rows() -> dict[str, list[str] | list[bytes]]:
    chance = random.Random(7692)
    ticks = [json.dumps({"symbol": "ACME", "price": 101.25 + number, "volume": 300}) for number in range(MESSAGES)]
    return {
        "ticks that are alike": ticks,
        "a text that repeats itself": [_REPEATED * 100] * MESSAGES,
        "noise": [chance.randbytes(_NOISE_BYTES) for _ in range(MESSAGES)],
    }


def _echo(lab: Lab, messages: list[str] | list[bytes], options: DeflateOptions | None) -> list[int]:
    """Send messages one after the other; tell the bytes from the server for each."""
    sizes = []
    with WebSocket(lab.echo_url(), compression=options or False, ca_pem=lab.ca_pem) as socket:
        if options and (
            socket.compression is None
            or socket.compression.server_no_context_takeover != options.server_no_context_takeover
        ):
            raise InputError("This needs a lab that compresses as it is asked; start one with compression=True.")
        for message in messages:
            before = socket.traffic.bytes_down
            socket.send(message, _TIMEOUT_S)
            socket.receive(_TIMEOUT_S)
            sizes.append(socket.traffic.bytes_down - before)
    return sizes
