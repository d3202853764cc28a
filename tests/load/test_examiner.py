import pytest

from rtlab.codecs.sse import encode_event
from rtlab.codecs.websocket_frames import encode_frame
from rtlab.findings.load import SampleCheck
from rtlab.load.counters import EventCounter, FrameCounter
from rtlab.load.examiner import Examiner, add_samples
from rtlab.load.stamp import STAMP_BYTES, make_payload

BEGIN_NS = 1_000


def ours(seq, *, connection=3, size=64, due_ns=BEGIN_NS):
    return make_payload(due_ns, connection, seq, size)


def examined(*payloads, transport="websocket"):
    examiner = Examiner(transport, 64, BEGIN_NS)
    counter = FrameCounter() if transport == "websocket" else EventCounter()
    for payload in payloads:
        data = encode_frame(1, payload) if transport == "websocket" else encode_event(payload.decode())
        examiner.check(data, counter.feed(data))
    return examiner.found


@pytest.mark.parametrize("transport", ["sse", "websocket"])
def test_messages_that_are_intact_and_in_order_pass(transport):
    found = examined(ours(0), ours(1), ours(0, connection=4), ours(5), b"something else", transport=transport)
    assert found == SampleCheck(1, 5, 0, 0, 0, "")


@pytest.mark.parametrize("transport", ["sse", "websocket"])
def test_a_changed_payload_is_found(transport):
    found = examined(ours(0)[:-1] + b"?", ours(1) + b"more", transport=transport)
    assert (found.damaged, found.out_of_order) == (2, 0)
    assert found.complaint == "message 0 of connection 3 came back changed"


def test_a_message_again_or_too_late_is_found():
    found = examined(ours(1), ours(1), ours(0))
    assert (found.damaged, found.out_of_order) == (0, 2)


def test_messages_of_an_earlier_swarm_are_not_judged():
    assert examined(ours(7, due_ns=BEGIN_NS - 1, size=80), ours(0)).complaint == ""


def test_a_lean_counter_that_miscounts_is_found():
    examiner = Examiner("websocket", 64, BEGIN_NS)
    examiner.check(encode_frame(1, ours(0)), [])
    examiner.check(encode_frame(1, ours(1)), [ours(1)[:STAMP_BYTES], b"invented"])
    examiner.check(encode_frame(1, ours(2)), [ours(3)[:STAMP_BYTES]])
    assert examiner.found.disagreements == 3
    assert examiner.found.complaint == "the lean counter found 0 messages, the codec 1"


def test_ids_that_do_not_rise_are_found():
    examiner, counter = Examiner("sse", 64, BEGIN_NS), EventCounter()
    for id in ("k3f9-1", "k3f9-2", "k3f9-10", "zzz-1", "opaque", "5", "6"):
        data = encode_event("x", id=id) + encode_event("the id stays")
        examiner.check(data, counter.feed(data))
    assert examiner.found.out_of_order == 0
    data = encode_event("x", id="6x") + encode_event("x", id="5")
    examiner.check(data, counter.feed(data))
    assert examiner.found.out_of_order == 1
    assert examiner.found.complaint == "the id 5 came behind 6"


def test_a_text_that_is_no_utf8_is_found_where_a_lean_counter_would_not_look():
    examiner, counter = Examiner("websocket", 64, BEGIN_NS), FrameCounter()
    data = encode_frame(1, b"\xff")
    examiner.check(data, counter.feed(data))
    assert examiner.found.disagreements == 1
    assert "UTF-8" in examiner.found.complaint


def test_samples_are_added_up_and_the_first_complaint_is_kept():
    parts = [SampleCheck(1, 10), SampleCheck(1, 5, 1, 2, 3, "first"), SampleCheck(1, 1, 0, 1, 0, "second")]
    assert add_samples(parts) == SampleCheck(3, 16, 1, 3, 3, "first")
