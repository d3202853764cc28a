from __future__ import annotations

import pytest

from rtlab.codecs.websocket_frames import FrameDecoder, parse_header
from rtlab.conformance.outcomes import Content
from rtlab.conformance.vectors import (
    FRAME_BY_FRAME,
    GROUPS,
    ONE_CHUNK,
    PIECE_BYTES,
    SseVector,
    WebSocketVector,
    feedings,
    sse_vectors,
    websocket_vectors,
)

ALL: list[SseVector | WebSocketVector] = [*sse_vectors(), *websocket_vectors()]


def websocket_vector(id: str) -> WebSocketVector:
    (found,) = (vector for vector in websocket_vectors() if vector.id == id)
    return found


def test_every_vector_is_loaded_and_has_a_name_of_its_own() -> None:
    assert (len(sse_vectors()), len(websocket_vectors())) == (88, 140 + 5)
    assert len({vector.id for vector in ALL}) == len(ALL)


def test_the_vectors_come_group_by_group_in_the_order_of_the_groups() -> None:
    for protocol, vectors in (("sse", sse_vectors()), ("websocket", websocket_vectors())):
        met = list(dict.fromkeys(vector.group for vector in vectors))
        assert met == list(dict.fromkeys(GROUPS[protocol].values()))  # type: ignore[index]


@pytest.mark.parametrize("vector", ALL, ids=lambda vector: vector.id)
def test_three_feedings_give_the_same_bytes_in_other_pieces(vector: SseVector | WebSocketVector) -> None:
    stream = b"".join(vector.chunks)
    fed = feedings(vector)
    assert len(fed) == 3
    assert all(b"".join(chunks) == stream for chunks in fed.values())
    assert fed[ONE_CHUNK] == (stream,)
    name, pieces = list(fed.items())[-1]
    largest = 1 if len(stream) <= PIECE_BYTES else PIECE_BYTES
    assert all(len(piece) <= largest for piece in pieces)
    assert name == ("byte by byte" if largest == 1 else "in pieces of 64 KiB")


@pytest.mark.parametrize("vector", websocket_vectors(), ids=lambda vector: vector.id)
def test_frame_by_frame_means_one_frame_a_chunk(vector: WebSocketVector) -> None:
    chunks = feedings(vector)[FRAME_BY_FRAME]
    for chunk in chunks:
        header = parse_header(chunk)
        assert header is not None
        is_whole = len(chunk) == header.header_bytes + header.payload_bytes
        assert is_whole or chunk is chunks[-1]


def test_a_generated_frame_follows_its_rule() -> None:
    (frame,) = FrameDecoder().feed(websocket_vector("len-65537-s").chunks[0])
    assert (frame.opcode, frame.fin, frame.payload) == (2, True, b"\xfe" * 65537)
    first, last = (FrameDecoder().feed(chunk)[0] for chunk in websocket_vector("limit-fragments").chunks)
    assert (first.fin, last.fin, last.opcode, len(first.payload)) == (False, True, 0, 3000)
    (bomb,) = FrameDecoder().feed(websocket_vector("pmd-bomb-4mib").chunks[0])
    assert bomb.rsv1 and len(bomb.payload) == 4081


def test_what_a_vector_allows_is_read() -> None:
    either = websocket_vector("pmd-corrupt-s")
    assert (either.error, either.acceptable, either.may_accept) == (1007, {1002, 1006}, False)
    lenient = websocket_vector("len-nonminimal-16-c")
    assert (lenient.error, lenient.acceptable, lenient.may_accept) == (1002, set(), True)
    limited = websocket_vector("pmd-bomb-4mib")
    assert limited.needs_deflate and limited.max_message_bytes == 1_048_576
    pinged = websocket_vector("frag-pong-inside-s")
    assert (pinged.pings, pinged.pongs) == ((b"",), (b"q",))


def test_a_large_expected_text_is_known_by_its_hash() -> None:
    (vector,) = (vector for vector in sse_vectors() if vector.id == "eol-1mib-line")
    assert vector.events[0].data == Content.of("x" * 1_048_576)


def test_a_strict_receiver_needs_only_the_first_fragment_of_bad_text() -> None:
    vector = websocket_vector("utf8-bad-first-fragment-s")
    assert vector.due_bytes == len(vector.chunks[0])
    assert websocket_vector("utf8-bad-fragmented-s").due_bytes is None
