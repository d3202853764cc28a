"""Can somebody who may choose a word in a header write headers of his own, or a whole answer?

A server takes the language from the query and names it in ``Content-Language``. The attacker writes line ends into
the query, as ``%0d%0a``; whoever follows his link gets an answer that he has written.
"""

from __future__ import annotations

import asyncio
import http.client
import io
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qs, quote

from rtlab.codecs.http1 import BodyData, RequestHead, ResponseDecoder, ResponseHead, encode_response_head
from rtlab.errors import LocalProtocolError, RemoteProtocolError
from rtlab.experiments.attacked_server import TIMEOUT_S, AttackedServer, ask
from rtlab.findings.attacks import Attempt, Target
from rtlab.loop_thread import shared
from rtlab.servers.lab import Lab, start_lab

FORGED_COOKIE = "session=chosen-by-the-attacker"
_FORGED_PAGE = b"<h1>Written by the attacker</h1>"
_SPLIT = (
    "en\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
    f"Content-Length: {len(_FORGED_PAGE)}\r\n\r\n{_FORGED_PAGE.decode()}"
)
_FIX = "The head's encoder refuses CR, LF and NUL in a value."
_EVENT = b"data: Hello\n\n"

Write = Callable[[str], bytes]
"""Writes the head of an answer that names a language."""


@dataclass(frozen=True, slots=True)
class Case:
    """One attack.

    Attributes:
        attack: Its name.
        language: What the attacker gives as the language.
        judge: Tells whether an answer is what he wanted.
    """

    attack: str
    language: str
    judge: Callable[[bytes], bool]


def has_forged_cookie(answer: bytes) -> bool:
    """Read an answer's head with Python's own client, which takes LF alone for a line end, as many do."""
    head = answer.partition(b"\n")[2]
    return http.client.parse_headers(io.BytesIO(head)).get("Set-Cookie") == FORGED_COOKIE


def has_forged_answer(answer: bytes) -> bool:
    """Read what follows the first answer as the next one, as a client does on a kept connection."""
    first, second = ResponseDecoder(), ResponseDecoder()
    try:
        first.feed(answer)
        items = second.feed(first.rest)
    except RemoteProtocolError:
        return False
    return any(isinstance(item, BodyData) and item.data == _FORGED_PAGE for item in items)


CASES = (
    Case("CR LF in a header", f"en\r\nSet-Cookie: {FORGED_COOKIE}", has_forged_cookie),
    Case("LF in a header", f"en\nSet-Cookie: {FORGED_COOKIE}", has_forged_cookie),
    Case("a second answer in a header", _SPLIT, has_forged_answer),
)


def attempts() -> tuple[Attempt, ...]:
    """Run the injections into headers."""
    with start_lab(f"attacked-{secrets.token_hex(4)}") as lab:
        return shared.call(lambda: _attempts(lab), 3 * TIMEOUT_S)


async def _attempts(lab: Lab) -> tuple[Attempt, ...]:
    found = []
    for case in CASES:
        found.append(await _against_server(case, "naive", write_naive))
        found.append(await _against_server(case, "fixed", write_fixed))
        found.append(await _against_lab(case, lab))
    return tuple(found)


def write_naive(language: str) -> bytes:
    """Write a head as a careless server does."""
    lines = ("HTTP/1.1 200 OK", f"Content-Language: {language}", "Content-Type: text/event-stream", "", "")
    return "\r\n".join(lines).encode()


def write_fixed(language: str) -> bytes:
    """Write a head with the lab's own encoder.

    Raises:
        LocalProtocolError: The language cannot be sent.
    """
    fields = (("Content-Language", language), ("Content-Type", "text/event-stream"))
    return encode_response_head(ResponseHead(200, "OK", fields))


def refusal(error: LocalProtocolError) -> bytes:
    """Write the answer of a server that cannot write what it was given."""
    told = f"{error}\n".encode()
    return b"HTTP/1.1 400 Bad Request\r\nContent-Length: %d\r\n\r\n%s" % (len(told), told)


async def _against_server(case: Case, target: Target, write: Write) -> Attempt:
    async def handle(
        head: RequestHead, body: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        language = parse_qs(head.target.partition("?")[2])["lang"][0]
        try:
            writer.write(write(language) + _EVENT)
        except LocalProtocolError as error:
            writer.write(refusal(error))

    async with AttackedServer(handle) as server:
        request = _get(server.port, f"/stream?lang={quote(case.language, safe='')}")
        return _judged(case, target, request, await ask(server.port, request))


async def _against_lab(case: Case, lab: Lab) -> Attempt:
    # No path of the lab puts a word of the query into a header; a poll at least reads its query.
    request = _get(lab.port, f"/poll/news?lang={quote(case.language, safe='')}")
    return _judged(case, "default lab", request, await ask(lab.port, request))


def _judged(case: Case, target: Target, request: bytes, answer: bytes) -> Attempt:
    succeeded = case.judge(answer)
    wanted = "the attacker's second answer" if case.judge is has_forged_answer else "the attacker's cookie"
    seen = f"The server answers {answer[9:12].decode('latin-1')}, {'with' if succeeded else 'without'} {wanted}."
    return Attempt(case.attack, "injection", "http", target, succeeded, seen, request, answer, _FIX, "RFC 9110 5.5")


def _get(port: int, target: str) -> bytes:
    return f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode()
