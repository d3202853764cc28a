import json
import sys

import pytest

from rtlab import clock
from rtlab.load.plan import LoadPlan

TIMEOUT_S = 30


@pytest.fixture
def worker(python):
    """A worker that has its share and is ready."""

    def start(plan):
        process = python("-m", "rtlab.load.worker", stdin=-1)
        say(process, {"share": plan.shares(1)[0].to_json()})
        assert json.loads(process.stdout.readline()) == {"ready": True}
        return process

    return start


def say(process, message):
    process.stdin.write(json.dumps(message) + "\n")
    process.stdin.flush()


def hang_up(process):
    process.stdin.close()
    process.stdin = None  # so that nobody closes it again


def test_a_worker_says_that_it_is_ready_then_how_far_it_is_then_what_it_saw(worker, lab):
    process = worker(LoadPlan(lab.echo_url(), connections=2, seconds=0.3, ramp_up_s=0))
    say(process, {"start_ns": clock.now_ns()})
    said = [json.loads(line) for line in process.stdout]
    assert {key for line in said[:-1] for key in line} == {"progress"}
    assert len(said[-1]["report"]["connections"]) == 2
    assert process.wait(TIMEOUT_S) == 0
    assert process.stderr.read() == ""


def test_a_worker_ends_when_its_standard_input_closes(worker, lab, until):
    process = worker(LoadPlan(lab.echo_url(), connections=2, seconds=600, ramp_up_s=0))
    say(process, {"start_ns": clock.now_ns()})
    until(lambda: len(lab.connections) == 2, "two connections")
    hang_up(process)
    assert process.wait(TIMEOUT_S) == 1
    until(lambda: not lab.connections, "the end of the connections")


def test_a_worker_that_never_starts_ends_too(worker, lab):
    process = worker(LoadPlan(lab.echo_url()))
    hang_up(process)
    assert process.wait(TIMEOUT_S) == 1
    assert process.stderr.read() == ""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on open files")
def test_a_share_that_the_system_does_not_allow_is_an_error_in_words(worker):
    process = worker(LoadPlan("ws://127.0.0.1:1/", connections=1_000_000))
    say(process, {"start_ns": clock.now_ns()})
    assert "connections" in json.loads(process.stdout.readline())["error"]
    assert process.wait(TIMEOUT_S) == 1
