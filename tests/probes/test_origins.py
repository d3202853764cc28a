from __future__ import annotations

import pytest

from rtlab.clients.wire import Address
from rtlab.probes.origins import ANOTHER_SITE, OTHER_SCHEME, origin_of, wrong_origins


@pytest.mark.parametrize("own", ["http://127.0.0.1:8888", "https://app.example", "http://[::1]:80"])
def test_there_are_nine_wrong_origins_and_none_is_the_own_one(own):
    wrong = wrong_origins(own)
    assert len(wrong) == len(set(wrong.values())) == 9
    assert own not in wrong.values()


def test_each_wrong_origin_is_what_its_name_says():
    wrong = wrong_origins("https://app.example:8443")
    assert wrong == {
        ANOTHER_SITE: "https://rtlab-probe.invalid",
        "null": "null",
        "another port": "https://app.example:8442",
        OTHER_SCHEME: "http://app.example:8443",
        "a subdomain": "https://rtlab-probe.app.example:8443",
        "its name and more": "https://app.example.rtlab-probe.invalid:8443",
        "more and its name": "https://rtlab-probeapp.example:8443",
        "its name as a user": "https://app.example:8443@rtlab-probe.invalid",
        "its name in a path": "https://rtlab-probe.invalid/https://app.example:8443",
    }
    assert wrong_origins("https://app.example")["another port"] == "https://app.example:442"


def test_the_origin_of_a_websocket_is_that_of_the_page_beside_it():
    assert origin_of(Address.parse("wss://app.example/ws", ("wss",))) == "https://app.example"
    assert origin_of(Address.parse("ws://127.0.0.1:81/ws", ("ws",))) == "http://127.0.0.1:81"
