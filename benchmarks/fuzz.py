"""Feed every decoder millions of damaged bytes; fails if one raises anything but ``RemoteProtocolError``.

Valid traffic and the conformance vectors are damaged by flips, cuts, splices and repeats, all from one seed, and
fed in pieces of any size. An input that breaks a decoder is printed, so that it can become a test.

Run: ``uv run python benchmarks/fuzz.py --bytes 10000000 --seed 1``
"""

from __future__ import annotations

import argparse
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from random import Random

from samples import DEFLATE, KEY, event_streams, exchanges, frames

from rtlab.clock import now_ns
from rtlab.codecs.dissect import dissect
from rtlab.codecs.http1 import RequestDecoder, RequestHead, ResponseDecoder, ResponseHead
from rtlab.codecs.permessage_deflate import accept_offer, check_answer, make_offer
from rtlab.codecs.sse import EventStreamDecoder
from rtlab.codecs.websocket_extensions import parse_extensions
from rtlab.codecs.websocket_handshake import check_opening_request, check_opening_response
from rtlab.codecs.websocket_session import ProtocolViolation, Role, WebSocketSession
from rtlab.errors import RemoteProtocolError

MAX_INPUT_BYTES = 16_384
TURN = b"<<the other direction>>"
"""Parts the client's bytes from the server's in an input for ``dissect``."""
# Bytes that mean something to one decoder or another.
TOKENS = [
    b"\r\n",
    b"\n",
    b"\r",
    b"\r\n\r\n",
    b"\n\n",
    b"\0",
    b" ",
    b":",
    b",",
    b";",
    b'"',
    b"\xef\xbb\xbf",
    b"\xff",
]
TOKENS += [b"data:", b"id:", b"retry: 9", b"0\r\n\r\n", b"ffffffffffffffff\r\n", b"HTTP/1.1 101 \r\n\r\n", TURN]
TOKENS += [
    b"Content-Length: 5\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"\x88\x00",
    b"\x80\x00",
    b"\xc1\x7f",
    b"\x81\xfe",
]

Read = Callable[[list[bytes]], Iterator[str]]
"""Feeds the pieces of one input to a fresh decoder; yields the violations that are results and not exceptions."""


@dataclass(frozen=True)
class Target:
    """A decoder under fire: its name, inputs to damage, and how it is fed."""

    name: str
    samples: list[bytes]
    read: Read


def read_event_stream(pieces: list[bytes]) -> Iterator[str]:
    """Feed an event stream, with a limit that long events reach."""
    decoder = EventStreamDecoder(max_event_bytes=1_024)
    for piece in pieces:
        decoder.feed(piece)
    yield from ()


def read_requests(pieces: list[bytes]) -> Iterator[str]:
    """Feed requests, one behind the other, and judge each as an opening handshake."""
    decoder = RequestDecoder(max_head_bytes=8_192)
    while pieces:
        for item in decoder.feed(pieces.pop(0)):
            if isinstance(item, RequestHead) and item.get("Upgrade"):
                accept_offer(check_opening_request(item).extensions, DEFLATE)
        if decoder.rest:
            pieces.insert(0, decoder.rest)
            decoder = RequestDecoder(max_head_bytes=8_192)
    yield from ()


def read_responses(pieces: list[bytes]) -> Iterator[str]:
    """Feed responses, one behind the other, and judge each 101 as the answer to an opening handshake."""
    decoder = ResponseDecoder(max_head_bytes=8_192)
    offers = (make_offer(DEFLATE),)
    while pieces:
        for item in decoder.feed(pieces.pop(0)):
            if isinstance(item, ResponseHead) and item.status == 101:
                check_opening_response(item, KEY, offered_subprotocols=("rtlab.v1",), offered_extensions=offers)
                check_answer(parse_extensions(item.get_all("Sec-WebSocket-Extensions")), DEFLATE)
        if decoder.rest:
            pieces.insert(0, decoder.rest)
            decoder = ResponseDecoder(max_head_bytes=8_192)
    decoder.end()
    yield from ()


def websocket_reader(role: Role, *, compressed: bool) -> Read:
    """Give what feeds a session of that role."""

    def read(pieces: list[bytes]) -> Iterator[str]:
        compression = DEFLATE if compressed else None
        session = WebSocketSession(role, max_message_bytes=65_536, max_fragments=64, compression=compression)
        for piece in pieces:
            for event in session.feed(piece):
                if isinstance(event, ProtocolViolation):
                    yield f"{event.code} {event.spec}"
            session.take_output()
        session.end()

    return read


def read_dissection(pieces: list[bytes]) -> Iterator[str]:
    """Dissect both directions, or the one that is left; every byte must have one name."""
    up, turn, down = b"".join(pieces).partition(TURN)
    found = dissect((up, down) if turn else up)
    for units, data in ((found.up, found.up_bytes), (found.down, found.down_bytes)):
        ends = list(accumulate((unit.length_bytes for unit in units), initial=0))
        assert [unit.offset for unit in units] == ends[:-1], "A byte has no name, or two."
        assert ends[-1] == len(data), "The last bytes have no name."
        yield from {"broken rules named" for unit in units if unit.text.startswith("Broken rule")}


def targets() -> Iterator[Target]:
    """Give all decoders."""
    pairs = exchanges()
    yield Target("event stream", event_streams(), read_event_stream)
    yield Target("HTTP request", [up for up, _ in pairs], read_requests)
    yield Target("HTTP response", [down for _, down in pairs], read_responses)
    roles: tuple[tuple[Role, Role], ...] = (("server", "client"), ("client", "server"))
    for role, peer in roles:
        for compressed in (False, True):
            name = f"WebSocket {role}{', compressed' if compressed else ''}"
            samples = frames(peer, compressed=compressed)
            yield Target(name, samples, websocket_reader(role, compressed=compressed))
    dissected = [up + TURN + down for up, down in pairs] + event_streams() + frames("client", compressed=True)
    yield Target("dissect", dissected, read_dissection)


def damage(random: Random, samples: list[bytes]) -> bytes:
    """Take a sample, every third time the last and longest, and damage it in one to eight places."""
    data = bytearray(samples[-1] if random.randrange(3) == 0 else random.choice(samples))
    for _ in range(random.randint(1, 8)):
        at = random.randint(0, len(data))
        length = min(random.choice((1, 2, 4, 16, 256)), len(data) - at)
        match random.randrange(8):
            case 0 if length:
                data[at] ^= 1 << random.randrange(8)
            case 1 if length:
                data[at] = random.randrange(256)
            case 2:
                del data[at : at + length]
            case 3:
                del data[at:]
            case 4:
                data[at:at] = data[at : at + length] * random.choice((1, 2, 8, 64))
            case 5:
                data[at:at] = random.choice(TOKENS)
            case 6:
                other = random.choice(samples)
                data[at:] = other[random.randint(0, len(other)) :]
            case _:
                data[at : at + length] = random.randbytes(length)
    return bytes(data[:MAX_INPUT_BYTES])


def cut(random: Random, data: bytes) -> list[bytes]:
    """Cut an input into pieces of one size, from single bytes to the whole; the first may be shorter."""
    size = random.choice((1, 2, 7, 64, 1_024, MAX_INPUT_BYTES))
    first = random.randint(1, size)
    return [data[:first], *(data[at : at + size] for at in range(first, len(data), size))]


def fuzz(target: Target, total_bytes: int, seed: int) -> bool:
    """Fire at one decoder, print a line about it, and tell whether it held."""
    random = Random(f"{seed} {target.name}")
    kinds: Counter[str] = Counter()
    fed_bytes = inputs = 0
    begun_ns = now_ns()
    while fed_bytes < total_bytes:
        data = damage(random, target.samples)
        fed_bytes += len(data)
        inputs += 1
        try:
            kinds.update(target.read(cut(random, data)))
        except RemoteProtocolError as error:
            kinds[f"RemoteProtocolError {error.spec or error.message}"] += 1
        except Exception:
            traceback.print_exc()
            print(f"{target.name}: input {inputs} of seed {seed} is {data!r}")
            return False
    seconds = (now_ns() - begun_ns) / 1e9
    print(f"{target.name}: {fed_bytes:,} bytes in {inputs:,} inputs, {seconds:.1f} s, held")
    for kind, count in kinds.most_common():
        print(f"    {count:9,}  {kind}")
    return True


def main() -> int:
    """Fire at every decoder and give the exit code."""
    parser = argparse.ArgumentParser(description="Feed every decoder damaged bytes.")
    parser.add_argument("--bytes", type=int, default=10_000_000, help="bytes for each decoder")
    parser.add_argument("--seed", type=int, default=1, help="another number gives other damage")
    arguments = parser.parse_args()
    return 0 if all([fuzz(target, arguments.bytes, arguments.seed) for target in targets()]) else 1


if __name__ == "__main__":
    raise SystemExit(main())
