from __future__ import annotations

import pytest

from rtlab.experiments.scripted_server import Asked, ScriptedServer
from rtlab.experiments.situations import MOVED, SITUATIONS, START, Protocol
from rtlab.experiments.status_trials import Trial, judge, recorded_cells

BY_NAME = {situation.name: situation for situation in SITUATIONS}


def trial(name: str, *asked: Asked, protocol: Protocol = "sse", **seen: object) -> Trial:
    server = ScriptedServer({})
    server.requests.extend(asked)
    found = Trial(BY_NAME[name], protocol, server, "127.0.0.1")
    for field, value in seen.items():
        setattr(found, field, value)
    return found


def start(at_ms: int, last_event_id: str | None = None) -> Asked:
    return Asked(START, last_event_id, at_ms * 1_000_000, (at_ms + 10) * 1_000_000)


def test_a_delay_is_counted_from_the_end_of_the_answer() -> None:
    cell = judge(trial("opens, then ends", start(0), start(60, "7"), start(140, "7")), "x")
    assert (cell.outcome, cell.attempts, cell.delays_ms) == ("reconnects", 3, (50.0, 70.0))
    assert cell.last_event_id
    assert cell.agrees


def test_without_a_later_request_nothing_is_said_of_the_id() -> None:
    assert judge(trial("404 Not Found", start(0), state="closed"), "x").last_event_id is None


def test_coming_back_without_the_id_is_seen() -> None:
    assert judge(trial("opens, then ends", start(0), start(60)), "x").last_event_id is False


@pytest.mark.parametrize(
    ("seen", "outcome", "agrees"),
    [
        ({"state": "closed", "error": "HTTPError"}, "raises", True),
        ({"state": "closed"}, "closes", True),
        ({"state": "ended"}, "ends", False),
        ({"state": "ended", "got": ["this is the body of a refusal"]}, "reads it", False),
        ({}, "waits", False),
    ],
)
def test_who_is_refused_shall_fail_and_tell(seen: dict[str, object], outcome: str, agrees: bool) -> None:
    cell = judge(trial("500 Internal Server Error", start(0), **seen), "x")
    assert (cell.outcome, cell.agrees) == (outcome, agrees)


def test_who_asks_again_after_a_refusal_does_not_agree() -> None:
    cell = judge(trial("503 Service Unavailable", start(0), start(1_000)), "x")
    assert (cell.outcome, cell.agrees) == ("reconnects", False)


def test_the_503_of_a_second_request_ends_it_for_good() -> None:
    met = trial("opens, ends, then 503", start(0), start(60, "7"), state="closed", error="E")
    assert (judge(met, "x").outcome, judge(met, "x").agrees) == ("raises", True)
    never_met = trial("opens, ends, then 503", start(0), state="ended")
    assert (judge(never_met, "x").outcome, judge(never_met, "x").agrees) == ("ends", False)


def test_a_redirect_is_followed_or_is_an_error() -> None:
    moved = Asked(MOVED, None, 5)
    cell = judge(trial("301 Moved Permanently", start(0), moved, got=["first"]), "x")
    assert (cell.outcome, cell.state, cell.followed, cell.agrees) == ("follows", "open", True, True)
    for protocol, agrees in (("sse", False), ("websocket", True)):
        refused = trial("301 Moved Permanently", start(0), protocol=protocol, state="closed", error="E")
        assert judge(refused, "x").agrees == agrees


def test_look_ups_of_an_unknown_name_are_attempts() -> None:
    cell = judge(trial("unknown name", looked_up_ns=[0, 50_000_000, 150_000_000]), "x")
    assert (cell.outcome, cell.attempts, cell.delays_ms) == ("reconnects", 3, (50.0, 100.0))


def test_a_record_gets_the_standards_word_and_its_source() -> None:
    seen = {"situation": "204 No Content", "protocol": "sse", "client": "Old EventSource", "outcome": "reconnects"}
    rest = {"attempts": 2, "delays_ms": [3], "followed": False, "state": "reconnecting", "error": ""}
    cell = {**seen, **rest, "last_event_id": None, "delivered": 0}
    (found,) = recorded_cells([cell, {**cell, "situation": "no more"}], "Old 1, recorded on 2020-02-02")
    assert (found.agrees, found.clause, found.source) == (False, "HTML 9.2.2", "Old 1, recorded on 2020-02-02")


def test_each_situation_has_a_script_and_a_standard_for_both_protocols() -> None:
    assert len(BY_NAME) == len(SITUATIONS)
    for situation in SITUATIONS:
        for protocol in ("sse", "websocket"):
            assert situation.wanted[protocol].outcomes
            assert bool(situation.script[protocol]) != bool(situation.trouble)
