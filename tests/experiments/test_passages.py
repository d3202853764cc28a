from __future__ import annotations

from rtlab.experiments.passages import try_intermediaries
from rtlab.servers.lab import Lab


def test_only_the_handshake_needs_a_proxy_that_passes_upgrade_on(lab: Lab) -> None:
    found = try_intermediaries(lab, messages=2)
    assert [(each.way, each.status, each.arrived) for each in found] == [
        ("sse", 200, 2),
        ("websocket", 400, 0),
        ("sse", 200, 2),
        ("websocket", 101, 2),
    ]


def test_what_is_read_as_a_body_and_what_is_not_never_mix(lab: Lab) -> None:
    for each in try_intermediaries(lab, messages=2):
        assert (each.body_bytes > 0) == (each.way == "sse")
        assert (each.other_bytes > 0) == (each.status == 101)
