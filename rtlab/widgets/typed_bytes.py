r"""Bytes as somebody types them: as text with escapes such as ``\r\n``, or as pairs of hexadecimal digits."""

from __future__ import annotations

import re

from rtlab.errors import InputError

_ESCAPES = {"\r": r"\r", "\n": "\\n\n", "\t": r"\t", "\\": r"\\"}
_MEANINGS = {"r": b"\r", "n": b"\n", "t": b"\t", "\\": b"\\"}
_PIECE = re.compile(r"\\x([0-9a-fA-F]{2})|\\(.?)|([^\\]+)", re.DOTALL)
_HEX_BYTES_A_LINE = 16


def to_text(data: bytes) -> str:
    r"""Write bytes as text, what is not printable UTF-8 as escapes; each ``\n`` ends a line."""
    return "".join(map(_escaped, data.decode("utf-8", "surrogateescape"))).removesuffix("\n")


def from_text(typed: str) -> bytes:
    r"""Read text with escapes; a line break that somebody types is for the eye and gives no byte.

    Args:
        typed: Text with the escapes ``\r``, ``\n``, ``\t``, ``\\`` and ``\x00`` to ``\xff``.

    Returns:
        The bytes; characters become UTF-8.

    Raises:
        InputError: There is another escape, or half a character.
    """
    data = bytearray()
    for digits, letter, plain in _PIECE.findall(typed.replace("\r", "").replace("\n", "")):
        if digits:
            data += bytes.fromhex(digits)
        elif plain:
            data += _encoded(plain)
        elif letter in _MEANINGS:
            data += _MEANINGS[letter]
        else:
            raise InputError(rf"'\{letter}' is no escape; write \r, \n, \t, \\ or \x with two hexadecimal digits.")
    return bytes(data)


def to_hex(data: bytes) -> str:
    """Write bytes as pairs of hexadecimal digits, 16 a line."""
    starts = range(0, len(data), _HEX_BYTES_A_LINE)
    return "\n".join(data[start : start + _HEX_BYTES_A_LINE].hex(" ") for start in starts)


def from_hex(typed: str) -> bytes:
    """Read pairs of hexadecimal digits, with or without spaces between them.

    Raises:
        InputError: They are none.
    """
    try:
        return bytes.fromhex("".join(typed.split()))
    except ValueError as error:
        raise InputError("Write each byte as two hexadecimal digits, such as 81 05.") from error


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    return "".join(f"\\x{byte:02x}" for byte in character.encode("utf-8", "surrogateescape"))


def _encoded(plain: str) -> bytes:
    try:
        return plain.encode()
    except UnicodeEncodeError as error:
        raise InputError("Half a character cannot be sent; write its bytes as escapes.") from error
