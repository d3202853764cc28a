from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Iterator
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtlab.codecs.permessage_deflate import DeflateOptions
from rtlab.codecs.websocket_frames import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, Frame, FrameDecoder
from rtlab.codecs.websocket_frames import encode_frame as encode
from rtlab.codecs.websocket_session import (
    BinaryMessage,
    CloseReceived,
    Event,
    PingReceived,
    PongReceived,
    ProtocolViolation,
    Role,
    State,
    TextMessage,
    WebSocketSession,
)
from rtlab.errors import LocalProtocolError
from rtlab.resources import data_path

VECTORS = json.loads(data_path("vectors", "websocket.json").read_text(encoding="utf-8"))["vectors"]

KEY = bytes.fromhex("37fa213d")
ROLES: list[Role] = ["server", "client"]

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
SIZES = st.lists(st.integers(1, 100), min_size=1, max_size=8)
MESSAGES = st.builds(TextMessage, TEXTS) | st.builds(BinaryMessage, st.binary(max_size=300))


def session(role: Role = "server", compression: DeflateOptions | None = None, **limits: int) -> WebSocketSession:
    return WebSocketSession(role, compression=compression, random_bytes=lambda count: KEY[:count], **limits)


def from_client(opcode: int, payload: bytes = b"", *, fin: bool = True) -> bytes:
    return encode(opcode, payload, fin=fin, masking_key=KEY)


def frames(wire: bytes) -> list[tuple[int, bytes]]:
    return [(frame.opcode, frame.payload) for frame in FrameDecoder().feed(wire)]


def pieces(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


# The conformance vectors.


def vector_bytes(vector: dict[str, Any]) -> bytes:
    if vector["hex"] is not None:
        return bytes.fromhex(vector["hex"])
    return b"".join(map(generated_frame, vector["gen"]))


def generated_frame(rule: dict[str, Any]) -> bytes:
    """Build a frame by a vector's rule, without the code under test."""
    assert rule["lenbytes"] is None
    count, mask_bit = rule["count"], 0x80 * rule["masked"]
    head = bytes([0x80 * rule["fin"] | rule["rsv"] << 4 | rule["op"]])
    if count < 126:
        head += bytes([mask_bit | count])
    elif count < 65536:
        head += bytes([mask_bit | 126]) + count.to_bytes(2, "big")
    else:
        head += bytes([mask_bit | 127]) + count.to_bytes(8, "big")
    payload = bytes.fromhex(rule["hex"] or rule["byte"] * count)
    assert len(payload) == count
    if not rule["masked"]:
        return head + payload
    key = bytes.fromhex(rule["key"])
    return head + key + bytes(byte ^ key[at % 4] for at, byte in enumerate(payload))


def described(event: Event, like: dict[str, Any]) -> dict[str, Any]:
    """Say of a message what a vector says of the one it expects."""
    assert isinstance(event, TextMessage | BinaryMessage)
    is_text = isinstance(event, TextMessage)
    data = event.text.encode() if is_text else event.data
    facts = {
        "type": "text" if is_text else "binary",
        "text": event.text if is_text else None,
        "hex": data.hex(),
        "len": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    return {name: facts[name] for name in like}


def test_all_vectors_are_there() -> None:
    assert len(VECTORS) == 140
    assert [vector["extension"] for vector in VECTORS if "extension" in vector] == ["permessage-deflate"] * 22


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_every_vector_is_met_in_chunks_of_any_size(vector: dict[str, Any]) -> None:
    wire = vector_bytes(vector)
    for chunk_bytes in (len(wire), 65536, 3, 1):
        assert_vector_holds(vector, pieces(wire, chunk_bytes))


def assert_vector_holds(vector: dict[str, Any], chunks: list[bytes]) -> None:
    limits = {"max_message_bytes": vector["max_message_size"]} if "max_message_size" in vector else {}
    one = session(vector["receiver"], DeflateOptions() if "extension" in vector else None, **limits)
    events = [event for chunk in chunks for event in one.feed(chunk)]

    messages = [event for event in events if isinstance(event, TextMessage | BinaryMessage)]
    assert len(messages) == len(vector["messages"])
    for message, expected in zip(messages, vector["messages"], strict=True):
        assert described(message, like=expected) == expected

    pings = [event.payload.hex() for event in events if isinstance(event, PingReceived)]
    pongs = [event.payload.hex() for event in events if isinstance(event, PongReceived)]
    assert pings == [payload for name, payload in vector["control"] if name == "ping"]
    assert pongs == [payload for name, payload in vector["control"] if name == "pong"]

    assert one.close_code == vector["close_code"]
    assert [event.code for event in events if isinstance(event, CloseReceived)] == (
        [] if vector["close_code"] is None else [vector["close_code"]]
    )
    # The first choice of a vector, also where others would be acceptable.
    assert [event.code for event in events[-1:] if isinstance(event, ProtocolViolation)] == (
        [] if vector["error"] is None else [vector["error"]]
    )
    assert len(events) == len(messages) + len(pings) + len(pongs) + (one.should_drop is True)

    answers = frames(one.take_output())
    assert [payload.hex() for opcode, payload in answers if opcode == PONG] == pings
    close_codes = [int.from_bytes(payload[:2], "big") for opcode, payload in answers if opcode == CLOSE]
    expected_code = vector["error"] or (0 if vector["close_code"] == 1005 else vector["close_code"])
    assert close_codes == ([] if expected_code is None else [expected_code])


# The transition table.


def test_a_new_session_is_open() -> None:
    one = session()
    assert (one.state, one.can_send, one.should_drop, one.close_code) == (State.OPEN, True, False, None)
    assert one.take_output() == b""


@pytest.mark.parametrize("role", ROLES)
def test_send_close_starts_the_closing_handshake_and_the_answer_ends_it(role: Role) -> None:
    us, peer = session(role), session("client" if role == "server" else "server")
    request = us.send_close(4000, "done")
    assert (us.state, us.can_send, us.should_drop) == (State.CLOSING, False, False)

    assert peer.feed(request) == [CloseReceived(4000, "done")]
    assert (peer.state, peer.can_send, peer.should_drop) == (State.CLOSING, True, True)
    answer = peer.take_output()
    assert (peer.can_send, peer.close_code, peer.close_reason) == (False, 4000, "done")

    assert us.feed(answer) == [CloseReceived(4000, "")]
    assert (us.state, us.should_drop, us.close_code, us.take_output()) == (State.CLOSING, True, 4000, b"")
    us.end()
    assert (us.state, us.close_code) == (State.CLOSED, 4000)


def test_two_close_frames_that_cross_end_the_connection_without_an_answer() -> None:
    server, client = session("server"), session("client")
    from_server, to_server = server.send_close(1001), client.send_close(1000)
    server.feed(to_server)
    client.feed(from_server)
    assert (server.take_output(), client.take_output()) == (b"", b"")
    assert (server.close_code, client.close_code) == (1000, 1001)
    assert server.should_drop and client.should_drop


def test_a_close_frame_without_a_code_is_answered_without_one() -> None:
    one = session()
    assert one.feed(from_client(CLOSE)) == [CloseReceived(1005, "")]
    assert frames(one.take_output()) == [(CLOSE, b"")]


def test_a_violation_queues_a_close_frame_that_names_it() -> None:
    one = session()
    (event,) = one.feed(encode(TEXT, b"unmasked"))
    assert event == ProtocolViolation(1002, "A client must mask every frame.", "RFC 6455 5.1")
    assert (one.state, one.should_drop) == (State.CLOSING, True)
    assert frames(one.take_output()) == [(CLOSE, b"\x03\xeaA client must mask every frame.")]
    assert one.take_output() == b""
    assert not one.can_send
    one.end()
    assert one.close_code == 1006


def test_a_violation_after_our_close_frame_is_not_answered() -> None:
    one = session()
    one.send_close()
    assert [type(event) for event in one.feed(encode(TEXT, b"unmasked"))] == [ProtocolViolation]
    assert one.should_drop
    assert one.take_output() == b""


def test_tcp_that_ends_without_a_close_frame_is_1006() -> None:
    one = session()
    one.feed(from_client(PING) + from_client(TEXT, b"half")[:-1])
    one.end()
    assert (one.state, one.close_code, one.close_reason) == (State.CLOSED, 1006, "")
    assert (one.can_send, one.should_drop, one.take_output()) == (False, True, b"")
    assert one.feed(from_client(TEXT, b"late")) == []


def test_messages_still_arrive_after_our_close_frame_and_pings_are_no_longer_answered() -> None:
    one = session()
    one.send_close()
    events = one.feed(from_client(TEXT, b"in flight") + from_client(PING, b"?"))
    assert events == [TextMessage("in flight"), PingReceived(b"?")]
    assert one.take_output() == b""


# The order of what goes out.


@pytest.mark.parametrize("last", [from_client(CLOSE, b"\x03\xe8"), from_client(3)], ids=["close", "violation"])
def test_messages_before_the_end_in_the_same_chunk_can_be_answered_before_the_close_frame(last: bytes) -> None:
    one = session()
    message, _ = one.feed(from_client(TEXT, b"question") + last)
    assert message == TextMessage("question")
    output = one.send_text("answer") + one.take_output()
    assert [opcode for opcode, _ in frames(output)] == [TEXT, CLOSE]


def test_the_pong_for_a_ping_between_fragments_goes_before_the_answer_to_the_message() -> None:
    one = session()
    events = one.feed(
        from_client(TEXT, b"a", fin=False) + from_client(PING, b"?") + from_client(CONTINUATION, b"b")
    )
    assert events == [PingReceived(b"?"), TextMessage("ab")]
    assert frames(one.send_text("ab") + one.take_output()) == [(PONG, b"?"), (TEXT, b"ab")]


def test_every_ping_is_answered_in_order() -> None:
    one = session()
    one.feed(b"".join(from_client(PING, bytes([at])) for at in range(10)))
    assert frames(one.take_output()) == [(PONG, bytes([at])) for at in range(10)]
    assert one.take_output() == b""


# Sending.


def test_a_server_sends_unmasked_and_a_client_masked_with_a_new_key_each_time() -> None:
    assert session("server").send_text("Hello").hex() == "810548656c6c6f"
    keys = iter([b"\x00\x00\x00\x01", KEY])
    client = WebSocketSession("client", random_bytes=lambda count: next(keys)[:count])
    client.send_ping()
    assert client.send_text("Hello").hex() == "818537fa213d7f9f4d5158"


def test_masking_keys_are_random_by_default() -> None:
    client = WebSocketSession("client")
    decoded = FrameDecoder().feed(b"".join(client.send_binary(b"") for _ in range(20)))
    assert len({frame.masking_key for frame in decoded}) == 20


def test_fragments_may_cut_a_character() -> None:
    parts = [b"\xf0", b"", b"\x9f\x98", b"\x80"]
    assert FrameDecoder().feed(session("server").send_fragments(parts)) == [
        Frame(TEXT, b"\xf0", fin=False),
        Frame(CONTINUATION, b"", fin=False),
        Frame(CONTINUATION, b"\x9f\x98", fin=False),
        Frame(CONTINUATION, b"\x80", fin=True),
    ]


def test_a_single_fragment_is_an_unfragmented_message() -> None:
    assert session("server").send_fragments([b"\xff"], binary=True) == encode(BINARY, b"\xff")


@pytest.mark.parametrize("parts", [[], [b"\xff"], [b"\xe2", b"\x82"]])
def test_fragments_that_are_no_message_are_refused(parts: list[bytes]) -> None:
    one = session()
    one.feed(from_client(PING))
    with pytest.raises(LocalProtocolError):
        one.send_fragments(parts)
    assert frames(one.take_output()) == [(PONG, b"")]


def test_a_lone_surrogate_is_not_sent() -> None:
    with pytest.raises(LocalProtocolError, match="surrogate"):
        session().send_text("\udc00")


@pytest.mark.parametrize("send", [WebSocketSession.send_ping, WebSocketSession.send_pong])
def test_a_ping_or_pong_carries_at_most_125_bytes(send: Any) -> None:
    assert frames(send(session("server"), bytes(125)))[0][1] == bytes(125)
    with pytest.raises(LocalProtocolError, match="125"):
        send(session(), bytes(126))


def test_send_close_means_a_normal_end_unless_told_otherwise() -> None:
    assert frames(session("server").send_close()) == [(CLOSE, b"\x03\xe8")]
    assert frames(session("server").send_close(1011, "é")) == [(CLOSE, b"\x03\xf3\xc3\xa9")]


@pytest.mark.parametrize("code", [-1, 0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65536])
def test_a_close_code_that_may_not_be_sent_changes_nothing(code: int) -> None:
    one = session()
    with pytest.raises(LocalProtocolError, match="may not be sent"):
        one.send_close(code)
    assert (one.state, one.can_send) == (State.OPEN, True)


@pytest.mark.parametrize("how", ["sent", "queued and taken", "ended"])
def test_nothing_can_be_sent_once_our_close_frame_has_gone(
    how: Literal["sent", "queued and taken", "ended"],
) -> None:
    one = session()
    if how == "sent":
        one.send_close()
    elif how == "ended":
        one.end()
    else:
        one.feed(from_client(CLOSE))
        one.take_output()
    for send in (
        lambda: one.send_text(""),
        lambda: one.send_binary(b""),
        lambda: one.send_fragments([b""]),
        one.send_ping,
        one.send_pong,
        one.send_close,
    ):
        with pytest.raises(LocalProtocolError, match="closing"):
            send()


@pytest.mark.parametrize("last", [from_client(CLOSE), from_client(3)], ids=["close", "violation"])
def test_send_close_takes_the_place_of_the_close_frame_that_is_queued(last: bytes) -> None:
    one = session()
    one.feed(from_client(BINARY) + last)
    assert frames(one.send_close(1003)) == [(CLOSE, b"\x03\xeb")]
    assert one.take_output() == b""
    assert one.should_drop


# Limits.


def test_the_default_limits_are_a_mebibyte_and_4096_fragments() -> None:
    mebibyte = bytes(1_048_576)
    assert session().feed(from_client(BINARY, mebibyte)) == [BinaryMessage(mebibyte)]
    (event,) = session().feed(from_client(BINARY, mebibyte + b"x")[:14])
    assert isinstance(event, ProtocolViolation) and event.code == 1009

    begun = from_client(BINARY, fin=False) + from_client(CONTINUATION, fin=False) * 4094
    assert session().feed(begun + from_client(CONTINUATION)) == [BinaryMessage(b"")]
    (event,) = session().feed(begun + from_client(CONTINUATION, fin=False) * 2)
    assert isinstance(event, ProtocolViolation) and event.code == 1009


def test_a_message_of_many_small_fragments_is_allowed_by_argument() -> None:
    fragments = [from_client(TEXT if at == 0 else CONTINUATION, b"x" * 64, fin=at == 8191) for at in range(8192)]
    one = session(max_fragments=8192)
    assert one.feed(b"".join(fragments)) == [TextMessage("x" * 64 * 8192)]


def test_every_reason_that_a_violation_can_have_fits_a_close_frame() -> None:
    one = session(max_message_bytes=2**62)
    one.feed(from_client(BINARY, b"x", fin=False))
    (event,) = one.feed(b"\x80\xff" + (2**63 - 1).to_bytes(8, "big") + KEY)
    assert isinstance(event, ProtocolViolation)
    assert frames(one.take_output()) == [(CLOSE, (1009).to_bytes(2, "big") + event.message.encode())]


# Compression.


def test_with_compression_agreed_on_messages_are_compressed_and_control_frames_are_not() -> None:
    one = session("server", DeflateOptions())
    one.feed(from_client(PING, b"aaaaaaaa"))
    wire = one.send_text("Hello") + one.send_ping(b"bbbbbbbb") + one.send_close(1000, "cccccccc")
    assert [(frame.opcode, frame.rsv1, frame.payload) for frame in FrameDecoder().feed(wire)] == [
        (PONG, False, b"aaaaaaaa"),
        (TEXT, True, bytes.fromhex("f248cdc9c90700")),  # RFC 7692 7.2.3.1
        (PING, False, b"bbbbbbbb"),
        (CLOSE, False, b"\x03\xe8cccccccc"),
    ]


def test_only_the_first_fragment_of_a_compressed_message_has_rsv1() -> None:
    run = FrameDecoder().feed(session("client", DeflateOptions()).send_fragments([b"a", b"b", b"c"]))
    assert [(frame.opcode, frame.rsv1, frame.fin) for frame in run] == [
        (TEXT, True, False),
        (CONTINUATION, False, False),
        (CONTINUATION, False, True),
    ]


def test_the_sides_compress_each_by_its_own_parameters() -> None:
    agreed = DeflateOptions(server_no_context_takeover=True)
    for role, is_smaller in (("server", False), ("client", True)):
        one = session(role, agreed)  # type: ignore[arg-type]
        first, second = one.send_text("Hello " * 5), one.send_text("Hello " * 5)
        assert (len(second) < len(first)) is is_smaller


@pytest.mark.parametrize("role", ROLES)
def test_rsv1_stays_a_protocol_error_where_no_message_begins(role: Role) -> None:
    key = KEY if role == "server" else None
    for opcode in (PING, PONG, CLOSE, CONTINUATION):
        one = session(role, DeflateOptions())
        first = encode(TEXT, b"", fin=False, masking_key=key) if opcode == CONTINUATION else b""
        (event,) = one.feed(first + encode(opcode, b"", rsv1=True, masking_key=key))
        assert isinstance(event, ProtocolViolation)
        assert (event.code, event.spec) == (1002, "RFC 7692 6.1")


def test_bad_utf8_in_a_compressed_text_is_refused_before_the_message_ends() -> None:
    deflater = DeflateOptions().deflater("client")
    good, bad = deflater.deflate(b"good ", is_last=False), deflater.deflate(b"\xff", is_last=False)
    one = session("server", DeflateOptions())
    assert one.feed(encode(TEXT, good, fin=False, rsv1=True, masking_key=KEY)) == []
    (event,) = one.feed(encode(CONTINUATION, bad + bytes(1000), masking_key=KEY)[: 8 + len(bad)])
    assert isinstance(event, ProtocolViolation) and event.code == 1007


def test_the_limit_of_a_message_holds_for_what_is_restored_not_for_what_is_sent() -> None:
    noise = hashlib.shake_256(b"").digest(1000)
    frame = session("client", DeflateOptions()).send_binary(noise)
    assert len(FrameDecoder().feed(frame)[0].payload) > 1000
    assert session("server", DeflateOptions(), max_message_bytes=1000).feed(frame) == [BinaryMessage(noise)]
    (event,) = session("server", DeflateOptions(), max_message_bytes=999).feed(frame)
    assert isinstance(event, ProtocolViolation) and event.code == 1009


def test_the_limit_adds_up_over_the_fragments_of_a_compressed_message() -> None:
    client = session("client", DeflateOptions())
    run = client.send_fragments([bytes(600), bytes(400), b"x"], binary=True)
    (event,) = session("server", DeflateOptions(), max_message_bytes=1000).feed(run)
    assert isinstance(event, ProtocolViolation) and event.code == 1009


# Two sessions with each other.


def send(one: WebSocketSession, message: TextMessage | BinaryMessage) -> bytes:
    return one.send_text(message.text) if isinstance(message, TextMessage) else one.send_binary(message.data)


def cut(data: bytes, sizes: list[int]) -> Iterator[bytes]:
    """Cut data into pieces of the given sizes, again and again."""
    for size in itertools.cycle(sizes):
        if not data:
            return
        yield data[:size]
        data = data[size:]


@pytest.mark.parametrize("sender_role", ROLES)
@settings(deadline=None)
@given(messages=st.lists(MESSAGES, max_size=6), fragment_sizes=SIZES, chunk_sizes=SIZES)
def test_any_messages_in_any_fragments_and_any_chunks_come_back(
    sender_role: Role,
    messages: list[TextMessage | BinaryMessage],
    fragment_sizes: list[int],
    chunk_sizes: list[int],
) -> None:
    sender, receiver = session(sender_role), session("client" if sender_role == "server" else "server")
    wire = b""
    for message in messages:
        is_text = isinstance(message, TextMessage)
        data = message.text.encode() if isinstance(message, TextMessage) else message.data
        fragments = list(cut(data, fragment_sizes)) or [b""]
        wire += send(sender, message) + sender.send_fragments(fragments, binary=not is_text)
    received = [event for chunk in cut(wire, chunk_sizes) for event in receiver.feed(chunk)]
    assert received == [message for message in messages for _ in range(2)]


OPTIONS = st.builds(
    DeflateOptions,
    server_no_context_takeover=st.booleans(),
    client_no_context_takeover=st.booleans(),
    server_max_window_bits=st.integers(8, 15),
    client_max_window_bits=st.integers(8, 15),
    level=st.integers(1, 9),
    memory_level=st.integers(1, 9),
)


@pytest.mark.parametrize("sender_role", ROLES)
@settings(deadline=None)
@given(
    agreed=OPTIONS,
    messages=st.lists(MESSAGES | st.just(TextMessage("again")), max_size=6),
    fragment_sizes=SIZES,
    chunk_sizes=SIZES,
    are_compressed=st.lists(st.booleans(), min_size=18, max_size=18),
)
def test_any_messages_come_back_with_any_parameters_agreed_on_compressed_or_not(
    sender_role: Role,
    agreed: DeflateOptions,
    messages: list[TextMessage | BinaryMessage],
    fragment_sizes: list[int],
    chunk_sizes: list[int],
    are_compressed: list[bool],
) -> None:
    compressing, plain = session(sender_role, agreed), session(sender_role)
    receiver = session("client" if sender_role == "server" else "server", agreed)
    choices = iter(are_compressed)
    wire = b""
    for message in messages:
        is_text = isinstance(message, TextMessage)
        data = message.text.encode() if isinstance(message, TextMessage) else message.data
        fragments = list(cut(data, fragment_sizes)) or [b""]
        wire += send(compressing if next(choices) else plain, message)
        run = FrameDecoder().feed(
            (compressing if next(choices) else plain).send_fragments(fragments, binary=not is_text)
        )
        for frame in run:  # with a ping in front of each fragment
            key = KEY if sender_role == "client" else None
            wire += encode(PING, b"?", masking_key=key)
            wire += encode(frame.opcode, frame.payload, fin=frame.fin, rsv1=frame.rsv1, masking_key=key)
    received = [event for chunk in cut(wire, chunk_sizes) for event in receiver.feed(chunk)]
    whole = [event for event in received if not isinstance(event, PingReceived)]
    assert whole == [message for message in messages for _ in range(2)]


@settings(deadline=None)
@given(st.lists(MESSAGES, max_size=6), st.integers(1, 50))
def test_a_client_and_a_server_talk_and_close(
    messages: list[TextMessage | BinaryMessage], chunk_bytes: int
) -> None:
    client, server = WebSocketSession("client"), WebSocketSession("server")
    up = b"".join(send(client, message) for message in messages)
    up += client.send_ping(b"?") + client.send_close(1000, "all said")
    down = b""
    for chunk in pieces(up, chunk_bytes):
        for event in server.feed(chunk):
            if isinstance(event, TextMessage | BinaryMessage):
                down += send(server, event)
        down += server.take_output()
    events = [event for chunk in pieces(down, chunk_bytes) for event in client.feed(chunk)]
    assert [event for event in events if isinstance(event, TextMessage | BinaryMessage)] == messages
    assert [event for event in events if isinstance(event, PongReceived)] == [PongReceived(b"?")]
    assert events[-1] == CloseReceived(1000, "")
    assert client.should_drop and server.should_drop
    assert client.take_output() == b""


@settings(deadline=None)
@given(st.sampled_from(ROLES), st.lists(st.binary(max_size=30), max_size=6))
def test_random_bytes_never_raise_and_are_answered_with_legal_frames(role: Role, chunks: list[bytes]) -> None:
    one, peer = session(role), session("client" if role == "server" else "server")
    for chunk in chunks:
        one.feed(chunk)
        answers = peer.feed(one.take_output())
        assert not any(isinstance(event, ProtocolViolation) for event in answers)
