"""DNS rebinding against labs, by a program whose names all lead to this machine."""

from __future__ import annotations

from rtlab.experiments.rebinding import try_rebinding


def test_only_the_check_of_host_stops_a_rebound_name() -> None:
    tries = try_rebinding(in_browser=False)
    assert [(each.server, each.transport, each.read) for each in tries] == [
        ("naive", "sse", True),
        ("naive", "websocket", True),
        ("fixed", "sse", False),
        ("fixed", "websocket", False),
        ("default lab", "sse", False),
        ("default lab", "websocket", False),
    ]
    assert all(b"\r\nHost: evil.rtlab.test:" in each.request for each in tries)
    assert {each.seen for each in tries if not each.read} == {"status 403"}
