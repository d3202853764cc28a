r"""Can somebody who may say one thing make a server say another?

An event stream is text, and a line end means something in it. A server that puts what a user wrote between
``data: `` and an empty line lets that user write fields and events of his own::

    data: Hello\n\ndata: log in at ...\n\n
          └── what the user wrote ──┘

Each server here lets anybody post a form, and writes its fields into the stream of everybody who listens. What the
victim gets is read as a browser reads it. A WebSocket's frame states its length, so the same text is one message.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal
from urllib.parse import parse_qsl, quote, urlencode

from rtlab.clients.http import HttpConnection
from rtlab.clients.wire import Address, Traffic
from rtlab.codecs.http1 import RequestHead, encode_request_head
from rtlab.codecs.sse import EventStreamDecoder, encode_event
from rtlab.codecs.websocket_frames import FrameDecoder
from rtlab.errors import LocalProtocolError
from rtlab.experiments import attack_header_injection
from rtlab.experiments.attacked_server import TIMEOUT_S, AttackedServer, ask, time_limit
from rtlab.experiments.plain_opening import READ_BYTES, open_plain
from rtlab.findings.attacks import Attempt, Target
from rtlab.findings.injection import InjectedStream, ReadEvent
from rtlab.loop_thread import shared
from rtlab.servers.lab import Lab, start_lab

FORGED = "Your session is over. Log in at http://attacker.example/"
SMUGGLED_ID = "99999"
A_DAY_MS = 86_400_000
END = "that was all"
_LAST = f"data: {END}\n\n".encode()

Goal = Literal["event", "id", "retry", "no id"]
Write = Callable[[Mapping[str, str]], bytes]
"""Writes the fields of a form as one block of an event stream."""


@dataclass(frozen=True, slots=True)
class Case:
    """One attack.

    Attributes:
        attack: Its name.
        form: What is posted.
        goal: What the attacker wants: an event of his own, an id or a reconnection time of his own, or no id.
        fix: What stops it.
    """

    attack: str
    form: Mapping[str, str]
    goal: Goal
    fix: str


_SPLIT = "encode_event() makes a data line of each line of the text."
_REFUSE = "encode_event() refuses CR, LF and NUL in event and id."
CASES = (
    Case("LF in the data", {"data": f"Hello\n\ndata: {FORGED}"}, "event", _SPLIT),
    Case("CR in the data", {"data": f"Hello\r\rdata: {FORGED}"}, "event", _SPLIT),
    Case("CR LF in the data", {"data": f"Hello\r\n\r\ndata: {FORGED}"}, "event", _SPLIT),
    Case("an id in the data", {"data": f"Hello\nid: {SMUGGLED_ID}"}, "id", _SPLIT),
    Case("a reconnection time in the data", {"data": f"Hello\nretry: {A_DAY_MS}"}, "retry", _SPLIT),
    Case("LF in the event's name", {"event": f"news\ndata: {FORGED}\n\n", "data": "Hello"}, "event", _REFUSE),
    Case("CR in the event's name", {"event": f"news\rdata: {FORGED}\r\r", "data": "Hello"}, "event", _REFUSE),
    Case("LF in the id", {"id": f"7\ndata: {FORGED}\n\n", "data": "Hello"}, "event", _REFUSE),
    Case("NUL in the id", {"id": "7\0", "data": "Hello"}, "no id", _REFUSE),
    Case(
        "LF in the reconnection time",
        {"retry": f"1000\ndata: {FORGED}\n\n", "data": "Hello"},
        "event",
        "encode_event() takes the time as a number.",
    ),
    Case(
        "U+2028 in the data, harmless",
        {"data": f"Hello\u2028\u2028data: {FORGED}"},
        "event",
        "Nothing: only CR, LF and CR LF end a line of an event stream.",
    ),
)
_HALF_FIXED = replace(CASES[1], attack="CR in the data, where only LF is split")
_SPEC = "WHATWG HTML 9.2.5 and 9.2.6"


def attempts() -> tuple[Attempt, ...]:
    """Run all injections: into event streams, into a WebSocket for comparison, and into headers."""
    return tuple(attempt for attempt, _ in inject()) + attack_header_injection.attempts()


def inject() -> tuple[tuple[Attempt, InjectedStream | None], ...]:
    """Run the injections into event streams, and one into a WebSocket.

    Returns:
        What came of each, with the stream as the victim read it; None for the WebSocket.
    """
    with start_lab(f"attacked-{secrets.token_hex(4)}") as lab:
        found = shared.call(lambda: _inject(lab), 6 * TIMEOUT_S)
        return (*found, (_into_websocket(lab), None))


async def _inject(lab: Lab) -> list[tuple[Attempt, InjectedStream]]:
    found = []
    for case in CASES:
        found.append(await _against_server(case, "naive", write_naive))
        found.append(await _against_server(case, "fixed", write_fixed))
        found.append(await _against_lab(case, lab))
    found.append(await _against_server(_HALF_FIXED, "naive", write_half_fixed))
    found.append(await _against_server(_HALF_FIXED, "fixed", write_fixed))
    return found


def write_naive(form: Mapping[str, str]) -> bytes:
    """Write an event as a careless handler does."""
    return ("".join(f"{name}: {value}\n" for name, value in _fields(form).items()) + "\n").encode()


def write_half_fixed(form: Mapping[str, str]) -> bytes:
    """Write an event as a handler does that has heard of LF alone."""
    return write_naive({**form, "data": form["data"].replace("\n", "\ndata: ")})


def write_fixed(form: Mapping[str, str]) -> bytes:
    """Write an event with the lab's own encoder.

    Raises:
        LocalProtocolError: A field cannot be sent.
    """
    fields = _fields(form)
    retry = fields.get("retry", "0")
    if not (retry.isascii() and retry.isdigit()):
        raise LocalProtocolError("The reconnection time must be a number.", spec="WHATWG HTML 9.2.6")
    return encode_event(
        fields["data"],
        event=fields.get("event", ""),
        id=fields.get("id"),
        retry_ms=int(retry) if "retry" in fields else None,
    )


def _fields(form: Mapping[str, str]) -> dict[str, str]:
    """Put the fields into the order in which servers write them; the text comes last."""
    return {name: form[name] for name in ("event", "id", "retry", "data") if name in form}


def read_stream(stream: bytes) -> tuple[tuple[ReadEvent, ...], int | None]:
    """Read a stream as a browser does, and mark what the attacker has written.

    Args:
        stream: Its bytes.

    Returns:
        The events, and the reconnection time that holds then.
    """
    decoder = EventStreamDecoder()
    read = decoder.feed(stream)
    events = tuple(ReadEvent(event.type, event.data, event.last_event_id, event.data == FORGED) for event in read)
    return events, decoder.retry_ms


async def _against_server(case: Case, target: Target, write: Write) -> tuple[Attempt, InjectedStream]:
    streams: list[asyncio.StreamWriter] = []

    async def handle(
        head: RequestHead, body: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if head.method == "GET":
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")
            streams.append(writer)
            await reader.read()
            return
        try:
            block = write(dict(parse_qsl(body.decode(), keep_blank_values=True)))
        except LocalProtocolError as error:
            writer.write(attack_header_injection.refusal(error))
            return
        for stream in streams:
            stream.write(block)
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")

    async with AttackedServer(handle) as server:
        body = urlencode(case.form).encode()
        request = _post(server.port, "/say", "application/x-www-form-urlencoded", body)

        async def end() -> None:
            for stream in streams:
                stream.write(encode_event(END, event="end"))

        stream, answer = await _attack(server.port, "/stream", request, end)
    return _judge(case, target, request, stream, answer)


async def _against_lab(case: Case, lab: Lab) -> tuple[Attempt, InjectedStream]:
    channel = f"injected.{secrets.token_hex(4)}"
    rest = urlencode({name: value for name, value in case.form.items() if name != "data"}, quote_via=quote)
    request = _post(lab.port, f"/publish/{channel}?{rest}", "text/plain", case.form["data"].encode())
    stream, answer = await _attack(lab.port, f"/sse/{channel}", request, partial(lab.publish_soon, END, channel))
    return _judge(case, "default lab", request, stream, answer)


async def _attack(
    port: int, path: str, request: bytes, end: Callable[[], Awaitable[object]]
) -> tuple[bytes, bytes]:
    """Let the victim listen, attack, and give what the victim got and what the attacker was answered."""
    victim = HttpConnection(Address.parse(f"http://127.0.0.1:{port}/", ("http",)), Traffic())
    stream = b""
    try:
        async with time_limit("the victim's stream"):
            await victim.request(RequestHead("GET", path), timeout_s=TIMEOUT_S)
            answer = await ask(port, request)
            await end()
            async with aclosing(victim.body()) as pieces:
                async for piece, _ in pieces:
                    stream += piece
                    if stream.endswith(_LAST):
                        break
    finally:
        victim.close()
    return stream, answer


def _judge(
    case: Case, target: Target, request: bytes, stream: bytes, answer: bytes
) -> tuple[Attempt, InjectedStream]:
    read, retry_ms = read_stream(stream)
    events = tuple(event for event in read if event.data != END)
    match case.goal:
        case "event":
            succeeded = any(event.forged for event in events)
            outcome = "one is the attacker's own" if succeeded else "none is the attacker's own"
        case "id":
            succeeded = read[-1].last_event_id == SMUGGLED_ID
            outcome = f"the browser will come back with the id {read[-1].last_event_id!r}"
        case "retry":
            succeeded = retry_ms == A_DAY_MS
            outcome = f"the browser will wait {'a day' if succeeded else 'as before'} until it comes back"
        case "no id":
            succeeded = any(not event.last_event_id for event in events)
            outcome = "without the id that was meant" if succeeded else "with the server's id"
    if b" 400 " in answer[:16]:
        seen, received = "The server answers 400, and the victim gets nothing.", answer
    else:
        seen, received = f"The victim gets {len(events)} event{'s' * (len(events) != 1)}; {outcome}.", stream
    attempt = Attempt(case.attack, "injection", "sse", target, succeeded, seen, request, received, case.fix, _SPEC)
    return attempt, InjectedStream(case.attack, target, stream, events, retry_ms)


def _into_websocket(lab: Lab) -> Attempt:
    channel = f"injected.{secrets.token_hex(4)}"
    text = CASES[0].form["data"]
    request = _post(lab.port, f"/publish/{channel}", "text/plain", text.encode())
    decoder = FrameDecoder()
    connection, got = open_plain(lab.ws_url(channel), TIMEOUT_S)
    with connection:
        got = got.partition(b"\r\n\r\n")[2]
        shared.call(lambda: ask(lab.port, request), TIMEOUT_S + 1)
        frames = decoder.feed(got)
        while not frames and (piece := connection.recv(READ_BYTES)):
            got += piece
            frames = decoder.feed(piece)
    messages = [frame.payload.decode() for frame in frames]
    return Attempt(
        CASES[0].attack,
        "injection",
        "websocket",
        "default lab",
        messages != [text],
        f"The victim gets {len(messages)} message, the whole text as it was.",
        request,
        got,
        "Nothing: a frame states its length, and no sign in it means anything.",
        "RFC 6455 5.2",
    )


def _post(port: int, target: str, content_type: str, body: bytes) -> bytes:
    fields = (
        ("Host", f"127.0.0.1:{port}"),
        ("Content-Type", content_type),
        ("Content-Length", str(len(body))),
        ("Connection", "close"),
    )
    return encode_request_head(RequestHead("POST", target, fields)) + body
