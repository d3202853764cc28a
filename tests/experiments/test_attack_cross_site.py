"""Attacks from other sites, run by a program against servers without the guard, with it, and the default lab."""

from __future__ import annotations

import pytest

from rtlab.experiments.attack_cross_site import (
    CARELESS,
    READING,
    REBINDING,
    WRITING,
    attempts,
    attempts_over_both,
)
from rtlab.findings.attacks import Attempt


@pytest.fixture(scope="module")
def found() -> tuple[Attempt, ...]:
    return attempts()


def of(found: tuple[Attempt, ...], attack: str, transport: str, target: str) -> Attempt:
    (one,) = (each for each in found if (each.attack, each.transport, each.target) == (attack, transport, target))
    return one


def test_without_a_guard_every_attack_succeeds_but_reading_an_event_stream_without_cors(
    found: tuple[Attempt, ...],
) -> None:
    outcomes = {(each.attack, each.transport): each.succeeded for each in found if each.target == "naive"}
    assert outcomes == {
        (READING, "websocket"): True,
        (READING, "sse"): False,
        (CARELESS, "sse"): True,
        (WRITING, "websocket"): True,
        (WRITING, "http"): True,
        (REBINDING, "sse"): True,
        (REBINDING, "websocket"): True,
    }


@pytest.mark.parametrize("target", ["fixed", "default lab"])
def test_no_attack_succeeds_against_a_guarded_server(found: tuple[Attempt, ...], target: str) -> None:
    tried = [each for each in found if each.target == target]
    assert len(tried) == 7
    assert not [each for each in tried if each.succeeded]


def test_the_default_lab_refuses_each_attack_with_403(found: tuple[Attempt, ...]) -> None:
    answers = [each.received.split(b"\r\n")[0] for each in found if each.target == "default lab"]
    assert answers == [b"HTTP/1.1 403 Forbidden"] * 7


def test_hijacking_carries_the_cookie_and_a_foreign_origin_and_gets_the_data(found: tuple[Attempt, ...]) -> None:
    naive = of(found, READING, "websocket", "naive")
    assert b"\r\nOrigin: http://evil.rtlab.test:8000\r\n" in naive.sent
    assert b"\r\nCookie: " in naive.sent
    assert naive.received.startswith(b"HTTP/1.1 101 ")
    assert b"Ada has" in naive.received
    fixed = of(found, READING, "websocket", "fixed")
    assert fixed.received.startswith(b"HTTP/1.1 403 ")


def test_what_cors_stops_has_crossed_the_wire_all_the_same(found: tuple[Attempt, ...]) -> None:
    stopped = of(found, READING, "sse", "naive")
    assert b"Ada has" in stopped.received
    assert "CORS" in stopped.seen


def test_a_rebound_name_stands_in_host_and_in_origin(found: tuple[Attempt, ...]) -> None:
    naive = of(found, REBINDING, "websocket", "naive")
    lines = naive.sent.split(b"\r\n")
    (host,) = (line.partition(b": ")[2] for line in lines if line.startswith(b"Host:"))
    assert host.startswith(b"evil.rtlab.test:")
    assert b"Origin: http://" + host in lines
    assert b"Origin" not in of(found, REBINDING, "sse", "naive").sent


def test_every_attempt_names_its_fix_and_its_rule(found: tuple[Attempt, ...]) -> None:
    assert all(each.fix and each.spec and each.seen and each.sent and each.received for each in found)
    assert {each.family for each in found} == {"cross-site"}


def test_only_what_was_run_over_both_is_compared() -> None:
    assert {each.attack for each in attempts_over_both()} == {READING, WRITING, REBINDING}
