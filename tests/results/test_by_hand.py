"""by_hand(): bytes go over a real connection as they were typed, and what comes back is shown."""

from __future__ import annotations

import pytest

from rtlab.codecs.dissect import dissect
from rtlab.errors import InputError, LabNotRunning, WrongThread
from rtlab.results.by_hand import by_hand

WAITS = "Nothing came back: the lab waits for more bytes."
CLOSED = "The lab closed the connection."
OPEN = "The connection is open."

STREAMS = {
    "correct": ["'Hello'"],
    "no blank line": [],
    "no colon": [],
    "space before the colon": [],
    "comment": [],
    "retry with letters": ["'Hello'"],
    "zero byte in the id": ["'Hello'"],
}
CLOSE_CODES = {
    "no mask": 1002,
    "reserved bit": 1002,
    "reserved opcode": 1002,
    "not UTF-8": 1007,
    "ping in fragments": 1002,
    "forbidden close code": 1002,
    "correct close": 1000,
}
STATUSES = {
    "correct": 101,
    "short key": 400,
    "wrong version": 426,
    "no Upgrade": 400,
    "POST": 405,
    "foreign page": 403,
}


def broken(units):
    return [unit for unit in units if unit.text.startswith("Broken rule: ")]


def send(editor, preset):
    editor.data = editor.presets[preset]
    return editor.send_now()


# An event stream.


def test_every_stream_preset_delivers_what_the_standard_says(lab):
    editor = by_hand(lab)
    assert set(editor.presets) == set(STREAMS)
    for preset, events in STREAMS.items():
        reaction = send(editor, preset)
        assert [line.rpartition(": ")[2].removesuffix(".") for line in reaction.lines[1:]] == events, preset
        assert reaction.lines[0].startswith(f"The EventSource delivered {len(events) or 'no'} event"), preset
        assert reaction.dissection.down_bytes == editor.presets[preset]


def test_events_are_told_with_name_and_id(lab):
    editor = by_hand(lab, "event stream")
    editor.data = b"event: a\nid: 7\ndata: x\n\ndata: \xff\ndata: z\n\n"
    assert editor.send_now().lines == (
        "The EventSource delivered 2 events.",
        "Event 'a', last event ID '7': 'x'.",
        "Event 'message', last event ID '7': '\ufffd\\nz'.",
    )


def test_no_bytes_are_a_stream_too(lab):
    editor = by_hand(lab)
    editor.data = b""
    assert editor.send_now().lines == ("The EventSource delivered no events.",)


# A frame.


def test_a_correct_frame_comes_back_as_an_echo(lab):
    editor = by_hand(lab, "frame")
    reaction = editor.send_now()
    assert reaction.lines == ("The lab sent the text message 'Hello'.", OPEN)
    assert reaction.dissection.up_bytes == editor.data
    assert reaction.dissection.down_bytes == b"\x81\x05Hello"
    assert [unit.offset for unit in reaction.dissection.down] == [0, 1, 2]
    assert reaction.dissection == dissect((editor.data, b"\x81\x05Hello"))


@pytest.mark.parametrize(("preset", "code"), CLOSE_CODES.items(), ids=CLOSE_CODES)
def test_a_broken_frame_is_answered_with_a_close_code(lab, preset, code):
    reaction = send(by_hand(lab, "frame"), preset)
    assert reaction.lines[0].startswith(f"The lab sent a close frame, code {code}")
    assert reaction.lines[-1] == CLOSED
    assert bool(broken(reaction.dissection.up)) == (preset != "correct close")
    assert not broken(reaction.dissection.down)


def test_the_lab_waits_for_the_rest_of_a_frame(lab):
    editor = by_hand(lab, "frame")
    assert send(editor, "half a frame").lines == (WAITS,)
    assert set(editor.presets) == {"correct", "half a frame", *CLOSE_CODES}


def test_several_frames_are_answered_one_by_one(lab):
    editor = by_hand(lab, "frame")
    editor.data = bytes.fromhex("8982 00000000 6869  8281 00000000 ff")
    assert editor.send_now().lines == (
        "The lab sent a control frame with b'hi'.",
        "The lab sent a binary message of 1 bytes.",
        OPEN,
    )


# A handshake.


@pytest.mark.parametrize(("preset", "status"), STATUSES.items(), ids=STATUSES)
def test_a_handshake_gets_the_answer_that_it_deserves(lab, preset, status):
    reaction = send(by_hand(lab, "handshake"), preset)
    assert reaction.lines[0].startswith(f"The lab answered 'HTTP/1.1 {status} ")
    assert reaction.dissection.down_bytes.startswith(b"HTTP/1.1 %d " % status)
    if status != 101:
        assert reaction.lines[1].startswith("It said: ")


def test_the_lab_waits_for_the_end_of_a_head(lab):
    editor = by_hand(lab, "handshake")
    assert send(editor, "no blank line").lines == (WAITS,)
    assert set(editor.presets) == {"no blank line", *STATUSES}


def test_what_is_no_http_ends_the_connection(lab):
    editor = by_hand(lab, "handshake")
    editor.data = b"\x00\xff\r\n\r\n"
    assert editor.send_now().lines[-1] == CLOSED


# Labs.


@pytest.mark.parametrize("options", [{"isolated": True}, {"tls": True}], ids=["isolated", "tls"])
def test_any_lab_will_do(make_lab, options):
    lab = make_lab(**options)
    assert by_hand(lab, "frame").send_now().lines[0] == "The lab sent the text message 'Hello'."
    assert "101" in by_hand(lab, "handshake").send_now().lines[0]


@pytest.mark.parametrize("kind", ["frame", "handshake"])
def test_a_stopped_lab_is_refused(lab, kind):
    editor = by_hand(lab, kind)
    lab.stop()
    with pytest.raises(LabNotRunning):
        editor.send_now()


@pytest.mark.parametrize("kind", ["event stream", "frame", "handshake"])
def test_sending_is_refused_on_the_loop(lab, on_loop, kind):
    editor = by_hand(lab, kind)
    with pytest.raises(WrongThread):
        on_loop(editor.send_now)


def test_an_unknown_kind_is_refused(lab):
    with pytest.raises(InputError, match="kind must be"):
        by_hand(lab, "letter")
