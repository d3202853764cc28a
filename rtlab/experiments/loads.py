"""Things to carry, made in code: a token of a language model, a stock tick, a picture, a sound, and plain noise."""

from __future__ import annotations

import io
import json
import math
import random
import struct
import wave
import zlib
from collections.abc import Callable

from rtlab.errors import InputError

MAX_NOISE_BYTES = 67_108_864


def token() -> str:
    """Give a piece of an answer as language models stream it."""
    return " wonder"


def tick() -> str:
    """Give the price of a share as JSON."""
    return json.dumps({"symbol": "ACME", "price": 101.25, "volume": 300, "at": "2026-01-02T15:04:05.678Z"})


def picture(width: int = 96, height: int = 64) -> bytes:
    """Draw rings in colour and write them as a PNG file.

    Args:
        width: In pixels, at least 1.
        height: In pixels, at least 1.

    Returns:
        The file: a signature, then chunks of length, name, data and checksum.
    """

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    def pixel(x: int, y: int) -> bytes:
        ring = math.sin(math.hypot(x - width / 2, y - height / 2) / 4)
        return bytes((round(127 + 120 * ring), 255 * x // width, 255 * y // height))

    # Each row starts with its filter: 0, none.
    rows = b"".join(b"\0" + b"".join(pixel(x, y) for x in range(width)) for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)  # 8 bits for each of red, green and blue
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


def sound(seconds: float = 1.0, rate_per_s: int = 8_000) -> bytes:
    """Play an A that fades, and write it as a WAV file.

    Args:
        seconds: How long it is.
        rate_per_s: Samples a second; each has 16 bits.

    Returns:
        The file.
    """
    count = round(seconds * rate_per_s)
    samples = (
        round(20_000 * (1 - at / count) * math.sin(2 * math.pi * 440 * at / rate_per_s)) for at in range(count)
    )
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(rate_per_s)
        written.writeframes(struct.pack(f"<{count}h", *samples))
    return file.getvalue()


def noise(size_bytes: int) -> bytes:
    """Give bytes that follow no rule, the same in every run.

    Args:
        size_bytes: How many, 1 to 67,108,864.

    Raises:
        InputError: The size is out of its range.
    """
    if not 1 <= size_bytes <= MAX_NOISE_BYTES:
        raise InputError(f"A load of noise has 1 to {MAX_NOISE_BYTES:,} bytes, not {size_bytes:,}.")
    return random.Random(size_bytes).randbytes(size_bytes)


LOADS: dict[str, Callable[[], str | bytes]] = {"token": token, "tick": tick, "picture": picture, "sound": sound}


def make_load(load: str | int) -> tuple[str, str | bytes]:
    """Make a load by its name, or noise by its size.

    Args:
        load: A key of :data:`LOADS`, or a number of bytes.

    Returns:
        What it is called, and the load: text or bytes.

    Raises:
        InputError: There is no such load.
    """
    if isinstance(load, int):
        return f"{load:,} B", noise(load)
    if load not in LOADS:
        raise InputError(f"There is no load {load!r}; there are {', '.join(LOADS)}, or give a number of bytes.")
    return load, LOADS[load]()
