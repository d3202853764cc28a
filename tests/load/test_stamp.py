from hypothesis import given
from hypothesis import strategies as st

from rtlab.load.stamp import STAMP_BYTES, WHO, Stamp, make_payload, read_stamp, who


@given(
    due_ns=st.integers(0, 10**20 - 1),
    connection=st.integers(0, 999_999),
    seq=st.integers(0, 99_999_999),
    size=st.integers(STAMP_BYTES, 3000),
)
def test_a_stamp_says_which_message_it_is(due_ns, connection, seq, size):
    payload = make_payload(due_ns, connection, seq, size)
    assert len(payload) == size
    assert payload.isascii()
    assert read_stamp(payload) == read_stamp(payload[:STAMP_BYTES]) == Stamp(due_ns, connection, seq)
    assert payload[WHO] == who(connection)


def test_messages_that_follow_one_another_differ_in_their_filler():
    first, second = (make_payload(1, 2, seq, 64)[STAMP_BYTES:] for seq in (5, 6))
    assert first != second


def test_a_message_of_another_server_has_no_stamp_of_a_swarm():
    assert read_stamp(b"%020dxxxxxxxxxxxxxxxxxxxx" % 5) is None
    assert read_stamp(b"hello") is None
