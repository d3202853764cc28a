from __future__ import annotations

import io
import json
import struct
import wave
import zlib

import pytest

from rtlab.errors import InputError
from rtlab.experiments.loads import make_load, noise, picture, sound, tick


def test_the_picture_is_a_png_with_right_checksums_and_all_its_pixels() -> None:
    data = picture(8, 4)
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    at, parts = 8, {}
    while at < len(data):
        length, name = struct.unpack(">I4s", data[at : at + 8])
        body = data[at + 8 : at + 8 + length]
        assert struct.unpack(">I", data[at + 8 + length : at + 12 + length]) == (zlib.crc32(name + body),)
        parts[name], at = body, at + 12 + length
    assert list(parts) == [b"IHDR", b"IDAT", b"IEND"]
    assert struct.unpack(">IIBBBBB", parts[b"IHDR"]) == (8, 4, 8, 2, 0, 0, 0)
    assert len(zlib.decompress(parts[b"IDAT"])) == 4 * (1 + 3 * 8)


def test_the_sound_is_a_wav_of_one_second() -> None:
    with wave.open(io.BytesIO(sound())) as read:
        assert (read.getnchannels(), read.getsampwidth(), read.getframerate()) == (1, 2, 8_000)
        samples = struct.unpack("<8000h", read.readframes(8_000))
    assert max(samples) > 15_000


def test_the_tick_is_json() -> None:
    assert json.loads(tick())["symbol"] == "ACME"


def test_noise_has_its_size_and_is_the_same_each_time() -> None:
    assert len(noise(1_000)) == 1_000
    assert noise(1_000) == noise(1_000)
    assert len(zlib.compress(noise(1_000))) >= 1_000


@pytest.mark.parametrize("load", ["film", 0, 67_108_865])
def test_unknown_loads_are_refused(load: str | int) -> None:
    with pytest.raises(InputError):
        make_load(load)
