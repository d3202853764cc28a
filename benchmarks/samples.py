"""Traffic for the benchmarks: valid and made by the project's own encoders, and the conformance vectors."""

from __future__ import annotations

import json

from rtlab.codecs.http1 import (
    LAST_CHUNK,
    RequestHead,
    ResponseHead,
    encode_chunk,
    encode_request_head,
    encode_response_head,
)
from rtlab.codecs.permessage_deflate import DeflateOptions, accept_offer, make_offer
from rtlab.codecs.sse import encode_comment, encode_event
from rtlab.codecs.websocket_handshake import check_opening_request, opening_request, opening_response
from rtlab.codecs.websocket_session import Role, WebSocketSession
from rtlab.resources import data_path

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
MASKING_KEY = bytes.fromhex("37fa213d")
DEFLATE = DeflateOptions()
_LONGEST_VECTOR_BYTES = 4_096


def event_streams() -> list[bytes]:
    """Give short event streams: those of the vectors, and one with everything in it."""
    vectors = json.loads(data_path("vectors", "sse.json").read_text(encoding="utf-8"))["stream_vectors"]
    chunks = [
        [chunk if isinstance(chunk, str) else chunk[0] * chunk[1] for chunk in vector["chunks"]]
        for vector in vectors
    ]
    streams = [b"".join(text.encode("latin-1") for text in texts) for texts in chunks]
    own = b"".join(encode_event(f"line {n}\nä 豆腐 😀", event="tick", id=str(n), retry_ms=n) for n in range(5))
    return [*(stream for stream in streams if len(stream) <= _LONGEST_VECTOR_BYTES), own + encode_comment("alive")]


def frames(role: Role, *, compressed: bool) -> list[bytes]:
    """Give what one side of a WebSocket sends: the vectors, and a talk with everything in it.

    Args:
        role: Who sends.
        compressed: Whether permessage-deflate was agreed on.
    """
    receiver = "client" if role == "server" else "server"
    vectors = json.loads(data_path("vectors", "websocket.json").read_text(encoding="utf-8"))["vectors"]
    wires = [
        bytes.fromhex(vector["hex"])
        for vector in vectors
        if vector["hex"] and vector["receiver"] == receiver and len(vector["hex"]) <= 2 * _LONGEST_VECTOR_BYTES
    ]
    session = WebSocketSession(
        role, random_bytes=lambda count: MASKING_KEY[:count], compression=DEFLATE if compressed else None
    )
    talk = [session.send_text(f"message {n} ä 豆腐 😀") + session.send_ping(b"%d" % n) for n in range(5)]
    talk += [session.send_binary(bytes(range(256)) * 2), session.send_fragments(["ä".encode(), b"b" * 200, b""])]
    return [*wires, b"".join(talk) + session.send_close(3000, "bye")]


def exchanges() -> list[tuple[bytes, bytes]]:
    """Give the bytes of connections, both ways: event streams, two POSTs, WebSockets with deflate and without."""
    request = RequestHead("GET", "/sse/news?x=1", (("Host", "127.0.0.1"), ("Accept", "text/event-stream")))
    head = ResponseHead(200, "OK", (("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked")))
    streams = [
        (
            encode_request_head(request),
            encode_response_head(head) + b"".join(map(encode_chunk, (stream[:9], stream[9:]))) + LAST_CHUNK,
        )
        for stream in event_streams()
    ]
    post = RequestHead("POST", "/publish/news", (("Host", "127.0.0.1"), ("Content-Length", "5")))
    chunked_post = RequestHead("POST", "/publish/news", (("Host", "127.0.0.1"), ("Transfer-Encoding", "chunked")))
    answer = ResponseHead(200, "OK", (("Content-Type", "application/json"), ("Content-Length", "9")))
    interim = encode_response_head(ResponseHead(103, "Early Hints", (("Link", "</x>"),)))
    posts = (
        encode_request_head(post) + b"hello" + encode_request_head(chunked_post) + encode_chunk(b"hi") + LAST_CHUNK,
        interim + 2 * (encode_response_head(answer) + b'{"id": 1}'),
    )
    return [*streams, posts, *(_opened(compressed) for compressed in (False, True))]


def _opened(compressed: bool) -> tuple[bytes, bytes]:
    offers = (make_offer(DEFLATE),) if compressed else ()
    request = opening_request(
        "127.0.0.1", "/echo", KEY, origin="http://127.0.0.1", subprotocols=("a", "rtlab.v1"), extensions=offers
    )
    opening = check_opening_request(request)
    _, accepted = accept_offer(opening.extensions, DEFLATE)
    response = opening_response(opening, subprotocol="rtlab.v1", extensions=accepted)
    return (
        encode_request_head(request) + frames("client", compressed=compressed)[-1],
        encode_response_head(response) + frames("server", compressed=compressed)[-1],
    )
