from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from rtlab.experiments.page_resumption import stream_requests
from rtlab.records import WireChunk

SECRET = b"a-very-secret-word"
HEAD = (
    b"GET /sse/news?nonce=" + SECRET + b"&tag=" + SECRET + b".7 HTTP/1.1\r\nHost: 127.0.0.1:1\r\n"
    b"Last-Event-ID: k3-4\r\nReferer: http://127.0.0.1:2/lab?token=" + SECRET + b"\r\n\r\n"
)


def chunk(connection: int, direction: str, data: bytes) -> WireChunk:
    return WireChunk("", connection, direction, 1_000 + connection, data)  # type: ignore[arg-type]  # up or down


def test_each_connection_with_a_request_is_one() -> None:
    plain = b"GET /sse/news HTTP/1.1\r\nHost: 127.0.0.1:1\r\n\r\n"
    chunks = [
        chunk(0, "up", plain),
        chunk(0, "down", b"HTTP/1.1 200 OK\r\n"),
        chunk(1, "up", b""),
        chunk(2, "up", HEAD),
    ]
    first, second = stream_requests(chunks)
    assert (first.request, first.last_event_id, first.at_ns) == (1, None, 1_000)
    assert (second.request, second.last_event_id, second.at_ns) == (2, "k3-4", 1_002)
    assert [each.direction for each in first.chunks] == ["up", "down"]


@given(cuts=st.lists(st.integers(0, len(HEAD)), max_size=5))
def test_the_labs_secrets_are_taken_out_wherever_the_pieces_end(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(HEAD)]
    pieces = [HEAD[begin:end] for begin, end in pairwise(edges)]
    (found,) = stream_requests([chunk(0, "up", piece) for piece in pieces])
    assert [len(each.data) for each in found.chunks] == [len(piece) for piece in pieces]
    shown = b"".join(each.data for each in found.chunks)
    assert SECRET not in shown
    assert shown.count(b"*" * len(SECRET)) == 3
    assert b"Last-Event-ID: k3-4" in shown
