"""What TLS leaves readable is read, and nothing that comes breaks the reading."""

from __future__ import annotations

import ssl
from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from rtlab.codecs.tls_records import APPLICATION_DATA, HANDSHAKE, Record, read_records, server_name


def hello(name: str | None) -> bytes:
    """The first bytes of a real TLS client."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    client = context.wrap_bio(incoming, outgoing, server_hostname=name)
    with suppress(ssl.SSLWantReadError):
        client.do_handshake()
    return outgoing.read()


def test_the_name_that_a_real_client_asks_for_is_read() -> None:
    assert server_name(hello("bank.example")) == "bank.example"


def test_a_client_that_names_no_server_has_no_name() -> None:
    assert server_name(hello(None)) == ""
    assert server_name(b"GET / HTTP/1.1\r\n\r\n") == ""


def test_a_hello_in_two_records_is_read_as_one() -> None:
    body = hello("bank.example")[5:]
    parts = body[:40], body[40:]
    cut = b"".join(b"\x16\x03\x01" + len(part).to_bytes(2) + part for part in parts)
    assert server_name(cut) == "bank.example"


def test_an_unfinished_record_is_left_out() -> None:
    data = b"\x16\x03\x01\x00\x02ab\x17\x03\x03\x00\x01c\x17\x03\x03\x00\x09d"
    assert read_records(data) == (Record(HANDSHAKE, b"ab"), Record(APPLICATION_DATA, b"c"))


HELLO = hello("bank.example")


@given(st.binary(max_size=300), st.integers(0, 600))
def test_no_bytes_break_the_reading(noise: bytes, cut: int) -> None:
    assert server_name(HELLO[:cut]) in ("", "bank.example")
    assert isinstance(server_name(b"\x16\x03\x01" + len(noise).to_bytes(2) + noise), str)
    assert isinstance(server_name(noise), str)
