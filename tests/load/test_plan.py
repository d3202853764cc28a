import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtlab.errors import InputError
from rtlab.load.plan import LoadPlan, Share

WS, SSE, POST = "ws://127.0.0.1:1/a", "http://127.0.0.1:1/a", "http://127.0.0.1:1/p"


@given(
    connections=st.integers(1, 60),
    workers=st.integers(1, 9),
    rate_per_s=st.floats(0.1, 200),
    seconds=st.floats(0.1, 3),
)
def test_the_shares_of_a_plan_make_it_whole(connections, workers, rate_per_s, seconds):
    plan = LoadPlan(WS, connections=connections, rate_per_s=rate_per_s, seconds=seconds)
    shares = plan.shares(workers)
    assert sorted(number for share in shares for number in share.connections) == list(range(connections))
    assert all(len(share.connections) for share in shares)
    messages = [list(share.schedule()) for share in shares]
    assert [len(each) for each in messages] == [share.planned for share in shares]
    assert all(each == sorted(each) for each in messages)
    everything = sorted(message for each in messages for message in each)
    assert [at_ns for at_ns, _, _ in everything] == [round(k * 1e9 / rate_per_s) for k in range(plan.planned)]
    assert len({(connection, seq) for _, connection, seq in everything}) == plan.planned


def test_messages_go_round_the_connections():
    plan = LoadPlan(WS, connections=3, rate_per_s=10, seconds=0.5)
    assert list(plan.shares(1)[0].schedule()) == [
        (0, 0, 0),
        (100_000_000, 1, 0),
        (200_000_000, 2, 0),
        (300_000_000, 0, 1),
        (400_000_000, 1, 1),
    ]


def test_without_a_rate_nothing_is_planned():
    share = LoadPlan(SSE).shares(1)[0]
    assert (share.planned, list(share.schedule())) == (0, [])


def test_a_share_survives_json_and_pickle():
    plan = LoadPlan(SSE, 7, 2.0, 5.0, 99, 0.5, POST, 0.5, (("Cookie", "a=b"),))
    for share in plan.shares(3):
        assert pickle.loads(pickle.dumps(share)) == share
        assert Share.from_json(json.loads(json.dumps(share.to_json()))) == share


@pytest.mark.parametrize(
    "settings",
    [
        {"url": "ftp://127.0.0.1/a"},
        {"url": "127.0.0.1:80"},
        {"connections": 0},
        {"connections": 2.5},
        {"connections": True},
        {"seconds": 0},
        {"seconds": float("nan")},
        {"rate_per_s": 0},
        {"payload_bytes": 35},
        {"ramp_up_s": -1},
        {"sample": 0},
        {"sample": 1.5},
        {"publish_url": POST},
        {"publish_url": WS, "rate_per_s": 1},
        {"url": SSE, "rate_per_s": 1},
        {"headers": (("X-A", "two\r\nlines"),)},
        {"ca_pem": "no certificate"},
    ],
)
def test_a_setting_that_cannot_work_is_refused(settings):
    with pytest.raises(InputError):
        LoadPlan(**({"url": WS} | settings))


def test_a_plan_needs_a_worker():
    with pytest.raises(InputError, match="workers"):
        LoadPlan(WS).shares(0)


def test_the_header_fields_tell_which_sub_protocols_are_offered():
    plan = LoadPlan(WS, headers=(("sec-websocket-protocol", "a, b"), ("X", "c"), ("Sec-WebSocket-Protocol", "d")))
    assert plan.subprotocols == ("a", "b", "d")
