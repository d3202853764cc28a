from __future__ import annotations

import concurrent.futures
import re
import urllib.request

import pytest

from rtlab import clock
from rtlab.clients.websocket import WebSocket
from rtlab.errors import ConnectionEnded, InputError, LabError, WaitTimeout
from rtlab.exports.scenario import Scenario
from rtlab.servers.lab import Lab
from rtlab.tools.sender import Sender

SHAPE = Scenario("http://any/", connections=2, messages=5, rate_per_s=100.0)


def read(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=30) as answer:
        return bytes(answer.read())


def test_streams_get_every_message_and_an_end_as_http_has_it(lab: Lab) -> None:
    with (
        concurrent.futures.ThreadPoolExecutor(2) as pool,
        Sender(lab, "sse", SHAPE, 30.0, settle_s=0.0) as sender,
    ):
        bodies = [each.result(30) for each in [pool.submit(read, sender.scenario.sse_url) for _ in range(2)]]
        sender.require_done()
    assert sender.sent == 10
    for body in bodies:
        stamps = re.findall(rb"^data: (\d{20})@(\d+\.\d+) (\d{6}) ", body, re.MULTILINE)
        assert [int(number) for _, _, number in stamps] == [0, 1, 2, 3, 4]
        assert all(abs(clock.now_ns() - int(due_ns)) < 60e9 for due_ns, _, _ in stamps)


def test_sockets_get_every_message_and_a_close(lab: Lab) -> None:
    with Sender(lab, "websocket", SHAPE, 30.0, settle_s=0.0) as sender:
        url = sender.scenario.ws_url
        with WebSocket(url) as one, WebSocket(url) as other:
            assert [len(message.data) for message in one.take(5)] == [64] * 5
            assert len(list(other.take(5))) == 5
            with pytest.raises(ConnectionEnded):
                one.receive()
        sender.require_done()
    assert sender.sent == 10


def test_connections_that_do_not_come_are_told(lab: Lab) -> None:
    with (
        Sender(lab, "sse", SHAPE, 0.1) as sender,
        pytest.raises(WaitTimeout, match="0 of 2 connections came"),
    ):
        sender.require_done()


def test_an_end_before_everything_was_sent_is_told(lab: Lab) -> None:
    with (
        Sender(lab, "sse", SHAPE, 60.0) as sender,
        pytest.raises(LabError, match="0 of 10 messages were sent"),
    ):
        sender.require_done()


def test_a_lab_that_tools_cannot_use_is_refused(make_lab: object) -> None:
    with pytest.raises(InputError, match="without TLS"):
        Sender(make_lab(tls=True), "sse", SHAPE, 1.0)  # type: ignore[operator]
    with pytest.raises(InputError, match="isolated"):
        Sender(make_lab(isolated=True), "sse", SHAPE, 1.0)  # type: ignore[operator]


def test_another_transport_is_refused(lab: Lab) -> None:
    with pytest.raises(InputError, match="polling"):
        Sender(lab, "polling", SHAPE, 1.0)
