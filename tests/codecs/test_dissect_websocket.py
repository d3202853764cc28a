"""The opening handshake and frames, named: the examples of RFC 6455, each broken rule, and the vectors."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rtlab.codecs.dissect import dissect
from rtlab.codecs.websocket_frames import CLOSE, CONTINUATION, PING, TEXT, encode_frame
from rtlab.records import WireUnit
from rtlab.resources import data_path

VECTORS = [
    vector
    for vector in json.loads(data_path("vectors", "websocket.json").read_text(encoding="utf-8"))["vectors"]
    if vector["hex"] is not None
]
ASK = {
    "Host": "h",
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
}
ANSWER = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Accept": "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
}
DEFLATE = {"Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits"}
KEY = b"\x37\xfa\x21\x3d"


def head(start: str, fields: dict[str, str]) -> bytes:
    lines = [start, *(f"{name}: {value}" for name, value in fields.items() if value), "", ""]
    return "\r\n".join(lines).encode()


def opening(ask: dict[str, str] = {}, answer: dict[str, str] = {}) -> tuple[bytes, bytes]:  # noqa: B006
    """Make both heads of an opening handshake; an empty value leaves a field out."""
    return head("GET / HTTP/1.1", ASK | ask), head("HTTP/1.1 101 Switching Protocols", ANSWER | answer)


def from_server(frames: bytes) -> tuple[WireUnit, ...]:
    return dissect(frames, hint="server frames").down


def texts(units: tuple[WireUnit, ...], unit: str) -> list[str]:
    return [u.text for u in units if u.unit == unit]


def broken(units: tuple[WireUnit, ...]) -> list[tuple[str, str]]:
    """Give the unit and the clause of each broken rule."""
    return [
        (u.unit, rule.rpartition("(")[2].partition(")")[0])
        for u in units
        for rule in u.text.split("Broken rule: ")[1:]
    ]


# RFC 6455 5.7, the examples.


@pytest.mark.parametrize(
    ("frames", "named"),
    [
        ("810548656c6c6f", ["FIN, RSV and opcode", "mask bit and length", "payload"]),
        ("818537fa213d7f9f4d5158", ["FIN, RSV and opcode", "mask bit and length", "masking key", "payload"]),
        ("010348656c80026c6f", ["FIN, RSV and opcode", "mask bit and length", "payload"] * 2),
        ("890548656c6c6f", ["FIN, RSV and opcode", "mask bit and length", "payload"]),
        ("827e0100" + "00" * 256, ["FIN, RSV and opcode", "mask bit and length", "extended length", "payload"]),
        (
            "827f0000000000010000" + "00" * 65536,
            ["FIN, RSV and opcode", "mask bit and length", "extended length", "payload"],
        ),
    ],
)
def test_the_examples_of_the_standard_have_these_units(frames: str, named: list[str]) -> None:
    dissection = dissect(bytes.fromhex(frames))
    units = dissection.up or dissection.down
    assert [unit.unit for unit in units] == named
    assert broken(units) == []


def test_a_masked_payload_is_shown_unmasked() -> None:
    (payload,) = texts(dissect(bytes.fromhex("818537fa213d7f9f4d5158")).up, "payload")
    assert payload == "Unmasked: 'Hello'."


def test_the_first_two_bytes_are_told_bit_by_bit() -> None:
    units = from_server(bytes.fromhex("010348656c"))
    assert units[0].text == "FIN=0 RSV=000 opcode=1. A text message begins; more fragments follow."
    assert units[1].text == "MASK=0 length=3: not masked, 3 bytes of payload."


def test_a_character_may_be_cut_by_a_fragment() -> None:
    wire = (
        encode_frame(TEXT, b"\xe2\x82", fin=False) + encode_frame(PING, b"") + encode_frame(CONTINUATION, b"\xac")
    )
    assert texts(from_server(wire), "payload") == ["''.", "'€'."]
    assert broken(from_server(wire)) == []


# Closing, RFC 6455 5.5.1 and 7.4.


def test_a_close_frame_has_code_and_reason() -> None:
    units = from_server(encode_frame(CLOSE, b"\x03\xe8bye"))
    assert texts(units, "close code") == ["1000: a normal end."]
    assert texts(units, "close reason") == ["'bye': words for a log."]


@pytest.mark.parametrize(
    ("payload", "unit", "clause"),
    [
        (b"\x03", "close code", "RFC 6455 5.5.1"),
        (b"\x03\xed", "close code", "RFC 6455 7.4"),
        (b"\x03\xe8\xff", "close reason", "RFC 6455 5.5.1"),
    ],
)
def test_a_wrong_close_payload_is_named(payload: bytes, unit: str, clause: str) -> None:
    assert broken(from_server(encode_frame(CLOSE, payload))) == [(unit, clause)]


def test_bytes_after_the_close_frame_are_one_unit() -> None:
    units = from_server(b"\x88\x00\x81\x01x\x81")
    assert (units[-1].unit, units[-1].length_bytes) == ("bytes after the close frame", 4)


# Broken rules: named, and the reading goes on.


@pytest.mark.parametrize(
    ("frame", "unit", "clause"),
    [
        ("81810000000061", "mask bit and length", "RFC 6455 5.1"),
        ("8300", "FIN, RSV and opcode", "RFC 6455 5.2"),
        ("8b00", "FIN, RSV and opcode", "RFC 6455 5.2"),
        ("a100", "FIN, RSV and opcode", "RFC 6455 5.2"),
        ("f100", "FIN, RSV and opcode", "RFC 6455 5.2"),
        ("c900", "FIN, RSV and opcode", "RFC 7692 6.1"),
        ("8000", "FIN, RSV and opcode", "RFC 6455 5.4"),
        ("0900", "FIN, RSV and opcode", "RFC 6455 5.5"),
        ("817e000161", "extended length", "RFC 6455 5.2"),
        ("817f000000000000000161", "extended length", "RFC 6455 5.2"),
        ("897e007e" + "00" * 126, "mask bit and length", "RFC 6455 5.5"),
        ("8101ff", "payload", "RFC 6455 8.1"),
        ("8101c3", "payload", "RFC 6455 8.1"),
        ("0101c38000", "mask bit and length", "RFC 6455 8.1"),
        ("0100810161", "FIN, RSV and opcode", "RFC 6455 5.4"),
    ],
)
def test_a_broken_rule_is_named_where_it_is_broken(frame: str, unit: str, clause: str) -> None:
    units = from_server(bytes.fromhex(frame) + b"\x81\x05Hello")
    assert broken(units) == [(unit, clause)]
    assert texts(units, "payload")[-1] == "'Hello'."


def test_a_client_frame_without_a_mask_is_named() -> None:
    assert broken(dissect(b"\x81\x01a", hint="client frames").up) == [("mask bit and length", "RFC 6455 5.1")]


def test_the_top_bit_of_a_length_is_named() -> None:
    units = from_server(bytes.fromhex("827f8000000000000000") + b"abc")
    assert broken(units) == [("extended length", "RFC 6455 5.2")]
    assert (units[-1].unit, units[-1].length_bytes) == ("unfinished payload", 3)


@pytest.mark.parametrize(
    ("cut", "last"),
    [
        (1, "FIN, RSV and opcode"),
        (2, "mask bit and length"),
        (3, "unfinished extended length"),
        (7, "unfinished masking key"),
        (8, "masking key"),
        (9, "unfinished payload"),
    ],
)
def test_a_frame_that_ends_early_has_an_unfinished_unit(cut: int, last: str) -> None:
    frame = encode_frame(TEXT, b"x" * 126, masking_key=KEY)
    units = dissect(frame[:cut], hint="client frames").up
    assert units[-1].unit == last
    assert broken(units) == []


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_a_rule_is_found_broken_exactly_where_a_vector_has_an_error(vector: dict[str, Any]) -> None:
    is_compressed = "extension" in vector
    up, down = opening(DEFLATE, DEFLATE) if is_compressed else opening()
    wire = bytes.fromhex(vector["hex"])
    dissection = dissect((up + wire, down) if vector["receiver"] == "server" else (up, down + wire))
    found = broken(dissection.up + dissection.down)
    if ("bytes after the close frame", "RFC 6455 5.5.1") in found:
        found.remove(("bytes after the close frame", "RFC 6455 5.5.1"))  # a receiver ignores them
    if is_compressed and vector["error"] == 1007:
        assert found == []  # what is wrong is inside the compressed data
    else:
        assert bool(found) == (vector["error"] is not None)


# The opening handshake, RFC 6455 4.


def test_the_fields_of_the_handshake_have_their_own_layer() -> None:
    dissection = dissect(opening())
    names = [
        dissection.up_bytes[u.offset : u.offset + u.length_bytes].decode()
        for u in dissection.up
        if u.unit == "field name" and u.layer == "opening handshake"
    ]
    assert names == [name for name in ASK if name != "Host"]
    assert broken(dissection.up + dissection.down) == []
    assert "WebSocket frames follow" in texts(dissection.down, "end of head")[0]


def accept_text(up: bytes, down: bytes) -> str:
    units = dissect((up, down)).down
    return next(u.text for u in units if u.unit == "field value" and u.spec == "RFC 6455 11.3.3")


def test_the_accept_value_is_checked_against_the_key() -> None:
    up, down = opening()
    assert "Right: " in accept_text(up, down)
    assert "It cannot be checked" in accept_text(b"", down)
    _, wrong = opening(answer={"Sec-WebSocket-Accept": "AAAAAAAAAAAAAAAAAAAAAAAAAAA="})
    assert "Wrong: the answer to the key is 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='" in accept_text(up, wrong)


@pytest.mark.parametrize(
    ("ask", "units"),
    [
        ({"Sec-WebSocket-Key": "short"}, ["field value", "end of head"]),
        ({"Sec-WebSocket-Key": ""}, ["end of head"]),
        ({"Sec-WebSocket-Version": "8"}, ["field value", "end of head"]),
        ({"Connection": "keep-alive"}, ["end of head"]),
        ({"Host": ""}, ["end of head"]),
        ({"Sec-WebSocket-Protocol": "a, a"}, ["end of head"]),
    ],
)
def test_a_wrong_opening_request_is_named(ask: dict[str, str], units: list[str]) -> None:
    up, _ = opening(ask)
    assert [unit for unit, clause in broken(dissect(up).up) if clause.startswith("RFC 6455 4")] == units


@pytest.mark.parametrize(
    ("ask", "answer", "units"),
    [
        ({}, {"Connection": "keep-alive"}, ["end of head"]),
        ({}, {"Upgrade": ""}, ["end of head"]),
        ({}, {"Sec-WebSocket-Accept": ""}, ["end of head"]),
        ({}, {"Sec-WebSocket-Protocol": "a"}, ["field value", "end of head"]),
        ({"Sec-WebSocket-Protocol": "a, b"}, {"Sec-WebSocket-Protocol": "b"}, []),
        ({}, DEFLATE, ["field value"]),
        (DEFLATE, DEFLATE, []),
    ],
)
def test_a_wrong_opening_response_is_named(ask: dict[str, str], answer: dict[str, str], units: list[str]) -> None:
    assert [unit for unit, _ in broken(dissect(opening(ask, answer)).down)] == units


def test_a_refused_handshake_leaves_http_in_place() -> None:
    up, _ = opening()
    refusal = b"HTTP/1.1 426 Upgrade Required\r\nSec-WebSocket-Version: 13\r\nContent-Length: 0\r\n\r\n"
    dissection = dissect((up + b"GET / HTTP/1.1\r\nHost: h\r\n\r\n", refusal))
    assert "WebSocket" not in {u.layer for u in dissection.up + dissection.down}
    assert texts(dissection.up, "method") == ["GET asks for a resource."] * 2


def test_frames_after_a_request_without_its_answer_are_recognised() -> None:
    up, _ = opening()
    assert texts(dissect(up + encode_frame(TEXT, b"Hi", masking_key=KEY)).up, "payload") == ["Unmasked: 'Hi'."]


# permessage-deflate, RFC 7692.


def test_compressed_messages_are_named_where_compression_was_agreed() -> None:
    up, down = opening(DEFLATE, DEFLATE)
    wire = encode_frame(TEXT, b"\xf2\x48", rsv1=True, fin=False) + encode_frame(
        CONTINUATION, b"\xcd\xc9\xc9\x07\x00"
    )
    dissection = dissect((up, down + wire + b"\x81\x02ok"))
    assert texts(dissection.down, "payload") == [
        "2 bytes, compressed with permessage-deflate.",
        "5 bytes, compressed with permessage-deflate.",
        "'ok'.",
    ]
    assert broken(dissection.down) == []


def test_rsv1_without_the_extension_is_a_broken_rule() -> None:
    up, down = opening()
    assert broken(dissect((up, down + b"\xc1\x02ok")).down) == [("FIN, RSV and opcode", "RFC 6455 5.2")]


def test_rsv1_without_the_handshake_may_be_right() -> None:
    assert "if permessage-deflate was agreed on" in from_server(b"\xc1\x00")[0].text
