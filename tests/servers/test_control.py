import asyncio
import json

import pytest

from rtlab.servers.guards import Guards
from rtlab.workload import Workload, read_seq

PLAY = {"channel": "news", "workload": Workload(rate_per_s=1_000, count=20).settings(), "start_ns": 0}


def ask(client, lab, target, body=None):
    nonce = f"X-Rtlab-Nonce: {lab.nonce}"
    if body is None:
        client.get(target, nonce)
    else:
        client.post(target, body, nonce)
    return client.answer()[0::2]


def test_the_state_names_connections_log_and_clock(lab, raw):
    raw(lab).open_stream()
    status, body = ask(raw(lab), lab, "/control/state")
    state = json.loads(body)
    assert status == 200
    assert [(c["transport"], c["channel"]) for c in state["connections"]] == [("sse", "news")]
    assert {"at_ns", "level", "text"} == set(state["log"][0])
    assert isinstance(state["now_ns"], int)


def test_control_requests_are_not_logged(lab, raw):
    ask(raw(lab), lab, "/control/state")
    assert not [line for line in lab.log if "control" in line.text]


def test_playing_sends_the_workload_and_tells_when(lab, raw):
    stream = raw(lab).open_stream()
    status, body = ask(raw(lab), lab, "/control/play", json.dumps(PLAY).encode())
    sent_ns = json.loads(body)["sent_ns"]
    assert status == 200
    assert len(sent_ns) == 20
    assert sent_ns == sorted(sent_ns)
    assert [read_seq(stream.chunk().partition(b"data: ")[2]) for _ in range(20)] == list(range(20))


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[]", 400),
        (b"{}", 400),
        (b"\xff", 400),
        (json.dumps({**PLAY, "start_ns": "soon"}).encode(), 400),
        (json.dumps({**PLAY, "workload": {"count": 0}}).encode(), 400),
        (json.dumps({**PLAY, "workload": {"colour": 1}}).encode(), 400),
        (json.dumps({**PLAY, "workload": {"count": "1"}}).encode(), 400),
        (json.dumps({**PLAY, "channel": "a/b"}).encode(), 503),
    ],
)
def test_what_is_no_workload_is_refused(lab, raw, body, status):
    assert ask(raw(lab), lab, "/control/play", body)[0] == status


@pytest.mark.parametrize("leave", ["close", "reset"])
def test_playing_stops_when_nobody_waits_for_the_answer(lab, raw, until, on_loop, leave):
    endless = {**PLAY, "workload": Workload(rate_per_s=100, count=100_000).settings()}
    client = raw(lab)
    client.post("/control/play", json.dumps(endless).encode(), f"X-Rtlab-Nonce: {lab.nonce}")

    def handlers():
        return on_loop(lambda: [task for task in asyncio.all_tasks() if "_execute" in repr(task.get_coro())])

    until(handlers)
    getattr(client, leave)()
    until(lambda: not handlers())
    assert [line.text for line in lab.log if line.level == "error"] == []


def test_cutting_breaks_the_connections_of_one_channel(lab, raw, until):
    cut = [raw(lab).open_stream(), raw(lab).open_websocket("/ws/news")]
    stays = raw(lab).open_stream("/sse/other")
    until(lambda: len(lab.connections) == 3)
    assert ask(raw(lab), lab, "/control/cut/news", b"") == (200, b'{"broken": 2}')
    assert all(client.is_over() for client in cut)
    until(lambda: len(lab.connections) == 1)
    lab.publish("x", channel="other")
    assert b"data: x" in stays.chunk()


def test_the_limits_of_bodies_hold_here_too(make_lab, raw):
    lab = make_lab(guards=Guards(max_body_bytes=10))
    assert ask(raw(lab), lab, "/control/play", bytes(11))[0] == 400
