from __future__ import annotations

import socket

import pytest

import rtlab
from rtlab.errors import LabError, WaitTimeout
from rtlab.stacks.serving import serving

from .conftest import Make

SILENT = "import threading; print('I listen nowhere', flush=True); threading.Event().wait(120)"
CRASHING = "print('about to fail', flush=True); raise SystemExit(7)"
OTHER_THAN_HTTP = """
import os, socket
listener = socket.create_server(("127.0.0.1", int(os.environ["PORT"])))
while True:
    line, _ = listener.accept()
    line.recv(1000)
    line.sendall(b"good day")
    line.close()
"""


def test_a_server_is_there_and_gone_again(make: Make) -> None:
    with serving(make()) as served:
        assert served.start_ms > 0
        with rtlab.EventSource(served.events_url(3, 0)) as source:
            assert [event.data for event in source.take(3)] == ['{"n":1}', '{"n":2}', '{"n":3}']
    with pytest.raises((ConnectionError, TimeoutError)):
        socket.create_connection(("127.0.0.1", served.port), timeout=30)


def test_a_lab_of_the_same_kernel_runs_on(make: Make) -> None:
    with rtlab.start_lab("beside a stack") as lab, serving(make()), rtlab.EventSource(lab.sse_url()) as source:
        lab.publish("still here")
        assert source.receive().data == "still here"


def test_a_server_that_crashes_at_its_start_is_told_with_its_words(make: Make) -> None:
    with pytest.raises(LabError, match="ended by itself") as caught, serving(make({"server.py": CRASHING})):
        pass
    assert "about to fail" in str(caught.value)


@pytest.mark.parametrize("text", [SILENT, OTHER_THAN_HTTP], ids=["no port", "no HTTP"])
def test_a_server_that_never_answers_is_ended_after_its_time(make: Make, text: str) -> None:
    stack = make({"server.py": text})
    with pytest.raises(WaitTimeout, match="does it read the variable PORT"), serving(stack, start_timeout_s=1.0):
        pass
