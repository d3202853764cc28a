from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtlab.codecs.http1 import RequestHead, ResponseHead
from rtlab.codecs.websocket_extensions import Extension
from rtlab.codecs.websocket_handshake import (
    GUID,
    Opening,
    accept_key,
    check_opening_request,
    check_opening_response,
    make_key,
    opening_request,
    opening_response,
)
from rtlab.errors import InputError, LocalProtocolError, RemoteProtocolError
from rtlab.resources import data_path

VECTORS = json.loads(data_path("vectors", "websocket.json").read_text(encoding="utf-8"))
KEY = "dGhlIHNhbXBsZSBub25jZQ=="  # RFC 6455 1.3

GOOD_FIELDS = {
    "Host": ["example.com"],
    "Upgrade": ["websocket"],
    "Connection": ["Upgrade"],
    "Sec-WebSocket-Key": [KEY],
    "Sec-WebSocket-Version": ["13"],
}

TOKENS = st.lists(st.from_regex(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+", fullmatch=True), unique=True, max_size=5)


def request(method: str = "GET", version: str = "HTTP/1.1", **changes: list[str]) -> RequestHead:
    """A correct request with some fields changed; an underscore in a name stands for a hyphen."""
    fields = GOOD_FIELDS | {name.replace("_", "-"): values for name, values in changes.items()}
    headers = tuple((name, value) for name, values in fields.items() for value in values)
    return RequestHead(method, "/chat", headers, version)


def refusal(head: RequestHead) -> RemoteProtocolError:
    with pytest.raises(RemoteProtocolError) as caught:
        check_opening_request(head)
    assert caught.value.spec.startswith("RFC 6455 4")
    return caught.value


def response(*extra: tuple[str, str], without: str = "", **changes: str) -> ResponseHead:
    fields = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Accept": accept_key(KEY)}
    fields |= {name.replace("_", "-"): value for name, value in changes.items()}
    fields.pop(without, None)
    return ResponseHead(101, "Switching Protocols", (*fields.items(), *extra))


# Keys.


def test_every_accept_key_vector_is_met() -> None:
    assert len(VECTORS["handshake"]) == 4
    for vector in VECTORS["handshake"]:
        assert accept_key(vector["key"]) == vector["accept"], vector["clause"]


def test_the_guid_is_that_of_the_rfc() -> None:
    assert GUID == "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def test_a_key_is_its_sixteen_bytes_in_base64() -> None:
    assert make_key(b"the sample nonce") == KEY


@pytest.mark.parametrize("count", [0, 15, 17])
def test_a_key_of_another_length_is_not_made(count: int) -> None:
    with pytest.raises(InputError, match="16 bytes"):
        make_key(bytes(count))


# The client's request.


def test_the_opening_request_has_what_the_rfc_asks_for() -> None:
    head = opening_request(
        "127.0.0.1:8888",
        "/ws/news?x=1",
        KEY,
        origin="http://127.0.0.1:8888",
        subprotocols=["v2.news", "v1.news"],
        extensions=[Extension("x-a", (("b", None), ("c", "1"))), Extension("x-d")],
        headers=(("Cookie", "a=b"),),
    )
    assert (head.method, head.target, head.version) == ("GET", "/ws/news?x=1", "HTTP/1.1")
    assert head.headers == (
        ("Host", "127.0.0.1:8888"),
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Key", KEY),
        ("Sec-WebSocket-Version", "13"),
        ("Origin", "http://127.0.0.1:8888"),
        ("Sec-WebSocket-Protocol", "v2.news, v1.news"),
        ("Sec-WebSocket-Extensions", "x-a; b; c=1, x-d"),
        ("Cookie", "a=b"),
    )


def test_a_request_without_origin_and_sub_protocols_leaves_their_headers_out() -> None:
    head = opening_request("h", "/", KEY)
    assert head.get("Origin") is None
    assert head.get("Sec-WebSocket-Protocol") is None
    assert head.get("Sec-WebSocket-Extensions") is None


@pytest.mark.parametrize("subprotocols", [["a b"], ["a,b"], [""], ["a", "a"], ["é"]])
def test_a_client_does_not_offer_malformed_sub_protocols(subprotocols: list[str]) -> None:
    with pytest.raises(LocalProtocolError, match="Sub-protocols"):
        opening_request("h", "/", KEY, subprotocols=subprotocols)


# The server's judgement.


def test_a_correct_request_is_accepted() -> None:
    assert check_opening_request(request()) == Opening(key=KEY)


@pytest.mark.parametrize("upgrade", ["WebSocket", "WEBSOCKET", "h2c, websocket", " websocket "])
def test_the_upgrade_token_is_found_in_any_case_and_place(upgrade: str) -> None:
    assert check_opening_request(request(Upgrade=[upgrade])).key == KEY


@pytest.mark.parametrize("connection", [["keep-alive, Upgrade"], ["upgrade"], ["keep-alive", "UPGRADE"]])
def test_the_connection_token_is_found_in_any_case_and_place(connection: list[str]) -> None:
    assert check_opening_request(request(Connection=connection)).key == KEY


@pytest.mark.parametrize("method", ["POST", "HEAD", "get", "CONNECT"])
def test_another_method_is_answered_with_405(method: str) -> None:
    error = refusal(request(method=method))
    assert (error.status, error.headers) == (405, (("Allow", "GET"),))


def test_http_1_0_is_answered_with_400() -> None:
    assert refusal(request(version="HTTP/1.0")).status == 400


@pytest.mark.parametrize("values", [[], ["13, 13"], ["12"], ["8"], ["14"], ["013"], ["junk"], [""], ["13", "13"]])
def test_another_version_is_answered_with_426_and_the_right_one(values: list[str]) -> None:
    error = refusal(request(Sec_WebSocket_Version=values))
    assert error.status == 426
    assert ("Sec-WebSocket-Version", "13") in error.headers
    assert ("Upgrade", "websocket") in error.headers


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("Host", []),
        ("Host", ["a.example", "b.example"]),
        ("Upgrade", []),
        ("Upgrade", [""]),
        ("Upgrade", ["h2c"]),
        ("Upgrade", ["websockets"]),
        ("Upgrade", ["websocket/13"]),
        ("Connection", []),
        ("Connection", ["keep-alive"]),
        ("Connection", ["not-upgrade"]),
        ("Sec-WebSocket-Key", []),
        ("Sec-WebSocket-Key", [""]),
        ("Sec-WebSocket-Key", ["not base64!"]),
        ("Sec-WebSocket-Key", ["é"]),
        ("Sec-WebSocket-Key", [KEY.rstrip("=")]),
        ("Sec-WebSocket-Key", [base64.b64encode(bytes(8)).decode()]),
        ("Sec-WebSocket-Key", [base64.b64encode(bytes(17)).decode()]),
        ("Sec-WebSocket-Key", [KEY, KEY]),
        # The same 16 bytes, but the unused bits of the last character are not 0.
        ("Sec-WebSocket-Key", [KEY.replace("Q==", "R==")]),
        ("Sec-WebSocket-Protocol", [""]),
        ("Sec-WebSocket-Protocol", ["a b"]),
        ("Sec-WebSocket-Protocol", ["a,,b"]),
        ("Sec-WebSocket-Protocol", ["a(b)"]),
        ("Sec-WebSocket-Protocol", ["a, b, a"]),
        ("Sec-WebSocket-Protocol", ["a", "a"]),
    ],
)
def test_a_wrong_header_is_answered_with_400(field: str, values: list[str]) -> None:
    error = refusal(request(**{field: values}))
    assert (error.status, error.headers) == (400, ())


@pytest.mark.parametrize("values", [[""], ["a b"], ["a", "b;"]])
def test_malformed_extensions_are_answered_with_400(values: list[str]) -> None:
    with pytest.raises(RemoteProtocolError) as caught:
        check_opening_request(request(Sec_WebSocket_Extensions=values))
    assert (caught.value.status, caught.value.spec) == (400, "RFC 6455 9.1")


def test_the_opening_tells_what_was_offered_in_order() -> None:
    opening = check_opening_request(
        request(
            Origin=["https://example.com"],
            Sec_WebSocket_Protocol=["v2.news,v1.news", "\tchat "],
            Sec_WebSocket_Extensions=["permessage-deflate; client_max_window_bits", "x-other"],
        )
    )
    assert opening.origin == "https://example.com"
    assert opening.subprotocols == ("v2.news", "v1.news", "chat")
    assert opening.extensions == (
        Extension("permessage-deflate", (("client_max_window_bits", None),)),
        Extension("x-other"),
    )


# The server's answer, and the client's judgement of it.


def test_the_answer_has_what_the_rfc_asks_for() -> None:
    head = opening_response(
        Opening(KEY, ("a", "b")), subprotocol="b", extensions=[Extension("x-a")], headers=(("Server", "lab"),)
    )
    assert (head.status, head.reason, head.version) == (101, "Switching Protocols", "HTTP/1.1")
    assert head.headers == (
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
        ("Sec-WebSocket-Protocol", "b"),
        ("Sec-WebSocket-Extensions", "x-a"),
        ("Server", "lab"),
    )


def test_a_server_does_not_choose_a_sub_protocol_that_was_not_offered() -> None:
    with pytest.raises(LocalProtocolError, match="did not offer"):
        opening_response(Opening(KEY, ("a",)), subprotocol="b")


def test_a_correct_answer_without_sub_protocol_is_accepted() -> None:
    head = response(Upgrade="WebSocket", Connection="keep-alive, upgrade")
    assert check_opening_response(head, KEY, offered_subprotocols=["a"]) is None


def test_an_answer_may_accept_an_extension_that_was_offered_and_no_other() -> None:
    offered = [Extension("x-a", (("b", None),)), Extension("x-c")]
    head = response(Sec_WebSocket_Extensions="x-a; d=1")
    assert check_opening_response(head, KEY, offered_extensions=offered) is None
    for answer in ("x-e", "X-A", "x-a, x-e", "x-a x-c", ""):
        with pytest.raises(RemoteProtocolError):
            check_opening_response(response(Sec_WebSocket_Extensions=answer), KEY, offered_extensions=offered)


@pytest.mark.parametrize(
    "head",
    [
        response(without="Upgrade"),
        response(Upgrade="h2c"),
        response(Upgrade="websocket, h2c"),
        response(without="Connection"),
        response(Connection="close"),
        response(without="Sec-WebSocket-Accept"),
        response(Sec_WebSocket_Accept=""),
        response(Sec_WebSocket_Accept=accept_key(KEY).lower()),
        response(Sec_WebSocket_Accept=KEY),
        response(("Sec-WebSocket-Accept", accept_key(KEY))),
        response(Sec_WebSocket_Extensions="permessage-deflate"),
        response(Sec_WebSocket_Protocol="c"),
        response(Sec_WebSocket_Protocol="A"),
        response(Sec_WebSocket_Protocol=""),
        response(("Sec-WebSocket-Protocol", "a"), ("Sec-WebSocket-Protocol", "b")),
    ],
    ids=lambda head: "; ".join(f"{name}: {value}" for name, value in head.headers),
)
def test_a_wrong_answer_is_refused(head: ResponseHead) -> None:
    with pytest.raises(RemoteProtocolError) as caught:
        check_opening_response(head, KEY, offered_subprotocols=["a", "b"])
    assert caught.value.spec == "RFC 6455 4.1"


@settings(deadline=None)
@given(st.binary(min_size=16, max_size=16), TOKENS, st.data())
def test_what_one_side_makes_the_other_accepts(nonce: bytes, offered: list[str], data: st.DataObject) -> None:
    chosen = data.draw(st.sampled_from([None, *offered]))
    key = make_key(nonce)
    opening = check_opening_request(opening_request("h", "/", key, origin="null", subprotocols=offered))
    assert opening == Opening(key, tuple(offered), "null")
    answer = opening_response(opening, subprotocol=chosen)
    assert check_opening_response(answer, key, offered_subprotocols=offered) == chosen
