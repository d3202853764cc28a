import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtlab.codecs.resume import (
    ResumableMessage,
    decode_hello,
    decode_resumable,
    encode_hello,
    encode_resumable,
)
from rtlab.errors import LocalProtocolError, RemoteProtocolError

one_line = st.text().filter(lambda text: not set(text) & set("\r\n"))


@given(st.from_regex(r"[0-9]{0,18}", fullmatch=True))
def test_a_hello_arrives_as_it_was_sent(last_event_id):
    assert decode_hello(encode_hello(last_event_id)) == last_event_id


@given(id=one_line, event=one_line, data=st.text())
def test_a_message_arrives_as_it_was_sent(id, event, data):
    message = ResumableMessage(id, event, data)
    assert decode_resumable(encode_resumable(message)) == message


def test_the_wire_form_is_the_documented_one():
    assert encode_hello("41") == "last-event-id: 41"
    assert encode_resumable(ResumableMessage("42", "price", '{"eur": 12.5}')) == (
        'id: 42\nevent: price\n\n{"eur": 12.5}'
    )
    assert encode_resumable(ResumableMessage("42", "", "plain")) == "id: 42\n\nplain"


@pytest.mark.parametrize("text", ["", "hello", "Last-Event-ID: 1", "last-event-id: 1\n", "last-event-id: 1\r2"])
def test_another_first_message_is_refused_with_1008(text):
    with pytest.raises(RemoteProtocolError, match="last-event-id") as caught:
        decode_hello(text)
    assert caught.value.close_code == 1008


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "id: 1",
        "id: 1\n",
        "id\n\nx",
        "event: a\n\nx",
        "event: a\nid: 1\n\nx",
        "id: 1\nid: 2\n\nx",
        "id: 1\nretry: 5\n\nx",
        "id: 1\nevent\n\nx",
    ],
)
def test_a_message_without_its_header_lines_is_refused(text):
    with pytest.raises(RemoteProtocolError, match="starts with"):
        decode_resumable(text)


@pytest.mark.parametrize("end", ["\r", "\n"])
def test_a_line_end_cannot_be_sent_in_an_id_or_a_name(end):
    with pytest.raises(LocalProtocolError):
        encode_hello(f"1{end}")
    with pytest.raises(LocalProtocolError):
        encode_resumable(ResumableMessage(f"1{end}", "", ""))
    with pytest.raises(LocalProtocolError):
        encode_resumable(ResumableMessage("1", f"a{end}b", ""))
