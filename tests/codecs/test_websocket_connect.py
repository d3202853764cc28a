import pytest

from rtlab.codecs.http1 import RequestHead
from rtlab.codecs.websocket_connect import answer_opening, check_opening
from rtlab.codecs.websocket_extensions import Extension
from rtlab.codecs.websocket_handshake import opening_request
from rtlab.errors import LocalProtocolError, RemoteProtocolError

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
FIELDS = (("Host", "127.0.0.1:1"), ("sec-websocket-version", "13"))


def connect(*fields, method="CONNECT"):
    return RequestHead(method, "/ws/news", (*FIELDS, *fields), "HTTP/2")


def test_an_extended_connect_is_answered_with_200_and_without_a_key():
    offers = (("sec-websocket-protocol", "a, rtlab.v1"), ("sec-websocket-extensions", "permessage-deflate"))
    opening = check_opening(connect(*offers, ("origin", "https://page.example")))
    assert (opening.key, opening.subprotocols, opening.origin) == ("", ("a", "rtlab.v1"), "https://page.example")
    head = answer_opening(opening, subprotocol="rtlab.v1", extensions=opening.extensions)
    assert (head.status, head.version) == (200, "HTTP/2")
    assert head.headers == (
        ("Sec-WebSocket-Protocol", "rtlab.v1"),
        ("Sec-WebSocket-Extensions", "permessage-deflate"),
    )


def test_an_upgrade_is_answered_as_ever():
    opening = check_opening(opening_request("127.0.0.1", "/", KEY))
    assert opening.key == KEY
    head = answer_opening(opening, extensions=(Extension("x"),))
    assert (head.status, head.get("Upgrade")) == (101, "websocket")


def test_a_key_means_nothing_over_http2():
    assert check_opening(connect(("sec-websocket-key", "x"))).key == ""


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (connect(method="GET"), 405),
        (RequestHead("CONNECT", "/", FIELDS[:1], "HTTP/2"), 400),
        (connect(("sec-websocket-version", "13")), 400),
        (connect(("sec-websocket-protocol", "a, a")), 400),
        (RequestHead("CONNECT", "/", FIELDS, "HTTP/1.1"), 405),
    ],
)
def test_a_wrong_opening_is_refused_with_its_status(head, status):
    with pytest.raises(RemoteProtocolError) as refused:
        check_opening(head)
    assert refused.value.status == status


def test_a_subprotocol_that_was_not_offered_is_not_agreed_on():
    with pytest.raises(LocalProtocolError, match="did not offer"):
        answer_opening(check_opening(connect()), subprotocol="a")
