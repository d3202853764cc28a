from __future__ import annotations

from rtlab.codecs.websocket_handshake import accept_key
from rtlab.experiments.handshake import FORGED, change_one_thing, open_by_hand
from rtlab.servers.lab import Lab, start_lab


def test_a_handshake_by_hand_gets_the_value_that_was_computed(lab: Lab) -> None:
    done = open_by_hand(lab)
    assert done.fits
    assert done.accept == accept_key(done.key)
    assert done.request.startswith(b"GET /echo HTTP/1.1\r\n")
    assert done.answer.startswith(b"HTTP/1.1 101 ")
    assert done.answer.endswith(b"\r\n\r\n")


def test_each_change_gets_its_own_status(lab: Lab) -> None:
    tries = change_one_thing(lab)
    assert {each.change: each.status for each in tries} == {
        "nothing": 101,
        "no Upgrade": 400,
        "no Connection": 400,
        "no key": 400,
        "a key of 15 bytes": 400,
        "no version": 426,
        "version 8": 426,
        "POST": 405,
        "HTTP/1.0": 400,
        "no Host": 400,
        "a foreign Origin": 403,
        FORGED: 101,
    }
    assert [each.change for each in tries if each.opened] == ["nothing"]


def test_a_client_names_the_forged_value_as_its_reason(lab: Lab) -> None:
    assert "does not answer the key" in change_one_thing(lab)[-1].why


def test_a_handshake_by_hand_works_over_tls() -> None:
    with start_lab("handshake tls", tls=True) as secured:
        assert open_by_hand(secured).fits
