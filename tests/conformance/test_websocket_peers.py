from __future__ import annotations

from collections.abc import Callable

import pytest

from rtlab.codecs.websocket_frames import CLOSE, PING, PONG, TEXT, encode_frame
from rtlab.conformance.outcomes import WebSocketOutcome
from rtlab.conformance.peers import PEERS, Peer
from rtlab.conformance.run import run_league
from rtlab.conformance.vectors import WebSocketVector, feedings, websocket_vectors
from rtlab.conformance.verdicts import judge_websocket
from rtlab.conformance.websocket_peers import close_code_sent

PEERS_BY_NAME = {peer.name: peer for peer in PEERS if peer.protocol == "websocket"}

# What every peer gets right, whatever its version: each of these is the plain case of a rule.
PLAIN = [
    "rfc57-text-masked",
    "len-125-s",
    "len-65536-s",
    "frag-ping-inside-s",
    "utf8-nonchar-s",
    "close-twice-s",
    "rfc57-fragmented",
    "len-125-c",
    "len-65536-c",
    "ping-125-c",
    "utf8-nonchar-c",
    "close-reason-c",
]


PAIRS = [
    (name, vector.id) for name, peer in PEERS_BY_NAME.items() for vector in peer.vectors() if vector.id in PLAIN
]


@pytest.mark.parametrize(("name", "id"), PAIRS)
def test_the_plain_case_is_right_with_every_peer_in_every_feeding(name: str, id: str) -> None:
    peer = PEERS_BY_NAME[name]
    (vector,) = (vector for vector in websocket_vectors() if vector.id == id)
    with peer.open() as feed:
        for chunks in feedings(vector).values():
            outcome = WebSocketOutcome()
            feed(vector, chunks, outcome)
            assert judge_websocket(vector, outcome).verdict == "OK", outcome


@pytest.mark.parametrize("name", ["rtlab", "wsproto", "websockets", "tornado", "aiohttp"])
def test_a_compressed_message_is_read_where_the_extension_is_known(name: str) -> None:
    peer = PEERS_BY_NAME[name]
    outcome = fed(peer, "pmd-shared-window-s")
    assert [message.content.shown for message in outcome.messages] == ["'Hello'", "'Hello'"]


def test_rtlab_fails_no_vector() -> None:
    run = run_league([PEERS_BY_NAME["rtlab"]])
    assert len(run.judgements) == 145
    others = {judgement.vector: judgement.verdict for judgement in run.judgements if judgement.verdict != "OK"}
    assert others == {"close-undefined-5000": "INFORMATIONAL", "close-undefined-65535": "INFORMATIONAL"}


def fed(peer: Peer, id: str) -> WebSocketOutcome:
    (vector,) = (vector for vector in websocket_vectors() if vector.id == id)
    outcome = WebSocketOutcome()
    with peer.open() as feed:
        feed(vector, vector.chunks, outcome)
    return outcome


@pytest.mark.parametrize(
    ("id", "holds"),
    [
        (
            "rsv-all-c",
            lambda outcome: outcome.ending == "dropped" and outcome.exception == "WebSocketProtocolException",
        ),
        (
            "close-reason-c",
            lambda outcome: (outcome.ending, outcome.code, outcome.answer) == ("closed", 1000, 1000),
        ),
        ("pong-unsolicited-c", lambda outcome: outcome.pongs == [b"x"] and outcome.ending == "open"),
    ],
)
def test_websocket_client_is_read_through_its_own_frames(
    id: str, holds: Callable[[WebSocketOutcome], bool]
) -> None:
    assert holds(fed(PEERS_BY_NAME["websocket-client"], id))


@pytest.mark.parametrize(
    ("wire", "code"),
    [
        (b"", None),
        (encode_frame(TEXT, b"a"), None),
        (encode_frame(PONG, b"") + encode_frame(CLOSE, b"\x03\xe8bye"), 1000),
        (encode_frame(CLOSE, b"", masking_key=b"abcd"), 1005),
        (encode_frame(PING, b"") + encode_frame(CLOSE, b"\x0f\xa0", masking_key=b"abcd"), 4000),
    ],
)
def test_the_code_is_read_from_the_close_frame_that_was_written(wire: bytes, code: int | None) -> None:
    assert close_code_sent(wire) == code


def test_each_peer_is_tried_in_its_roles_only() -> None:
    roles = {name: {vector.receiver for vector in vectors(peer)} for name, peer in PEERS_BY_NAME.items()}
    assert roles["tornado"] == roles["aiohttp"] == {"server"}
    assert roles["websocket-client"] == {"client"}
    assert roles["rtlab"] == roles["wsproto"] == roles["websockets"] == {"server", "client"}


def vectors(peer: Peer) -> list[WebSocketVector]:
    return [vector for vector in peer.vectors() if isinstance(vector, WebSocketVector)]
