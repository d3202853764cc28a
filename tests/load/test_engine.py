import os
import signal
import textwrap

import psutil
import pytest

from rtlab.errors import InputError
from rtlab.findings.load import LoadProgress, ShareFailure, ShareReport
from rtlab.load.engine import ProcessEngine
from rtlab.load.plan import LoadPlan

TIMEOUT_S = 40.0


def workers():
    """The worker processes of this process."""
    return [child for child in psutil.Process().children() if "rtlab.load.worker" in child.cmdline()]


def shares(url, *, seconds=0.5, **settings):
    return LoadPlan(url, connections=6, seconds=seconds, ramp_up_s=0.2, **settings).shares(2)


def ignore(progress):
    pass


def test_each_share_is_done_in_a_process_of_its_own(lab):
    seen = []
    results = ProcessEngine().run(shares(lab.ws_url("all"), rate_per_s=20), seen.append, TIMEOUT_S)
    assert [type(result) for result in results] == [ShareReport, ShareReport]
    assert [[row.number for row in result.connections] for result in results] == [[0, 2, 4], [1, 3, 5]]
    assert [result.sent for result in results] == [5, 5]
    assert [row.ours for result in results for row in result.connections] == [10] * 6
    assert all(result.sample.connections == 1 and not result.sample.complaint for result in results)
    assert max(progress.opened for progress in seen) == 6
    assert all(isinstance(progress, LoadProgress) for progress in seen)


def test_the_report_of_a_process_is_that_of_the_share(lab):
    (result,) = ProcessEngine().run(LoadPlan(lab.echo_url(), seconds=0.2).shares(1), ignore, TIMEOUT_S)
    assert isinstance(result, ShareReport)
    assert ShareReport.from_json(result.to_json()) == result


def test_a_worker_that_dies_is_named_and_the_others_are_kept(lab):
    killed = []

    def kill_one(progress):
        if progress.opened == 6 and not killed:
            killed.append(workers()[1])
            killed[0].kill()

    results = ProcessEngine().run(shares(lab.echo_url(), seconds=2.0, rate_per_s=20), kill_one, TIMEOUT_S)
    assert killed
    assert isinstance(results[0], ShareReport)
    assert sum(row.own for row in results[0].connections) == results[0].sent == results[0].planned
    assert isinstance(results[1], ShareFailure)
    assert (results[1].number, results[1].connections, results[1].planned) == (1, 3, 20)
    assert results[1].reason.startswith("Worker 1 ended with exit code ")


def test_the_last_words_of_a_worker_that_cannot_start_are_told(monkeypatch, lab):
    monkeypatch.setenv("PYTHONHASHSEED", "nonsense")
    results = ProcessEngine().run(shares(lab.echo_url()), ignore, TIMEOUT_S)
    assert all("PYTHONHASHSEED must be" in result.reason for result in results)


def test_a_share_that_takes_too_long_is_given_up(lab):
    results = ProcessEngine().run(shares(lab.echo_url(), seconds=600), ignore, 0.5)
    assert [result.reason for result in results] == [
        f"Worker {number} was given up: it was not done within 0.5 s" for number in range(2)
    ]
    assert workers() == []


def test_an_interrupt_leaves_no_worker(lab):
    pids = []

    def interrupt(progress):
        pids.extend(worker.pid for worker in workers())
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ProcessEngine().run(shares(lab.echo_url(), seconds=600), interrupt, TIMEOUT_S)
    assert len(pids) == 2
    assert workers() == []


PROGRAM = """
    from rtlab.load.engine import ProcessEngine
    from rtlab.load.plan import LoadPlan

    def tell(progress):
        if progress.opened == 6:
            print("open", flush=True)

    plan = LoadPlan(URL, connections=6, seconds=600, ramp_up_s=0.2)
    ProcessEngine().run(plan.shares(2), tell, 700)
"""


def started(python, lab):
    program = python("-c", textwrap.dedent(PROGRAM).replace("URL", repr(lab.echo_url())))
    assert program.stdout.readline() == "open\n"
    children = [child for child in psutil.Process(program.pid).children() if "rtlab.load.worker" in child.cmdline()]
    assert len(children) == 2
    return program, children


def test_a_signal_of_an_interrupt_ends_everything(python, lab, interrupt, until):
    program, children = started(python, lab)
    interrupt(program)
    assert program.wait(30) not in (0, None)
    assert "KeyboardInterrupt" in program.stderr.read()
    until(lambda: not any(child.is_running() for child in children), "the end of the workers")


@pytest.mark.skipif(os.name == "nt", reason="Windows ends a process only so")
def test_workers_do_not_outlive_a_kernel_that_is_killed(python, lab, until):
    program, children = started(python, lab)
    program.send_signal(signal.SIGKILL)
    program.wait(30)
    until(lambda: not any(child.is_running() for child in children), "the end of the workers")


def test_more_connections_than_the_system_allows_are_refused_before_anything_starts(monkeypatch, lab):
    monkeypatch.setattr("rtlab.load.limits.most_connections", lambda: 2)
    with pytest.raises(InputError, match="about 2 connections"):
        ProcessEngine().run(shares(lab.echo_url()), ignore, TIMEOUT_S)
