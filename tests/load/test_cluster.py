import os
import sys
import textwrap
from threading import Event

import psutil
import pytest

import rtlab
from rtlab.errors import InputError, MissingExtra
from rtlab.findings.load import ShareFailure, ShareReport
from rtlab.load.cluster import ClusterEngine
from rtlab.load.cluster_greeting import ClockComparison, compare_clocks
from rtlab.load.engine import ProcessEngine
from rtlab.load.merge import make_report, swarm_totals
from rtlab.load.plan import LoadPlan
from rtlab.results.swarm import swarm
from rtlab.results.sweep import sweep

from .dask_cluster import connected, local_cluster

pytestmark = pytest.mark.measuring

TIMEOUT_S = 40.0


@pytest.fixture(scope="module")
def scheduler():
    """The address of a cluster with two workers."""
    with local_cluster(2) as (address, _):
        with connected(address):
            pass  # Dask keeps one thread for good, which the first client starts
        yield address


@pytest.fixture
def client(scheduler):
    with connected(scheduler) as client:
        yield client


def plan(url, *, seconds=0.5, **settings):
    return LoadPlan(url, connections=6, seconds=seconds, ramp_up_s=0.2, **settings)


def ignore(progress):
    pass


def test_the_counts_are_those_of_the_local_engine(client, lab):
    totals = []
    seen = []
    for engine, tell in ((ProcessEngine(), ignore), (ClusterEngine(client), seen.append)):
        work = plan(lab.ws_url(f"all-{len(totals)}"), rate_per_s=20)
        results = engine.run(work.shares(2), tell, TIMEOUT_S)
        assert [[row.number for row in result.connections] for result in results] == [[0, 2, 4], [1, 3, 5]]
        totals.append(swarm_totals(make_report(work, {}, results)))
    names = ("workers", "lost_workers", "opened", "planned", "sent", "returns", "expected", "missing", "messages")
    local, spread = ([getattr(each, name) for name in names] for each in totals)
    assert spread == local == [2, 0, 6, 10, 10, "to all", 60, 0, 60]
    assert [each.sample.complaint for each in totals] == ["", ""]
    assert max(progress.opened for progress in seen) == 6


def test_on_one_machine_there_is_one_clock(client, lab):
    (result,) = ClusterEngine(client).run(plan(lab.echo_url(), rate_per_s=20).shares(1), ignore, TIMEOUT_S)
    assert result.clock_error_ms == 0
    assert result.from_future == 0


def test_each_share_has_a_worker_of_its_own(client, lab):
    before = client.run(os.getpid)
    pids = set()

    def look(progress):
        if progress.opened == 6:
            pids.update(
                line.pid for line in psutil.net_connections("tcp") if line.raddr and line.raddr.port == lab.port
            )

    ClusterEngine(client).run(plan(lab.echo_url(), seconds=1.5).shares(2), look, TIMEOUT_S)
    assert pids & set(before.values()) == set(before.values())


def test_a_worker_that_is_killed_is_named_and_the_others_are_kept(lab):
    killed = []

    def kill_one(progress):
        if progress.opened == 6 and not killed:
            killed.append(engine.addresses[1])
            psutil.Process(pids[killed[0]]).kill()

    with local_cluster(2) as (address, _), connected(address) as client:
        engine, pids = ClusterEngine(client), client.run(os.getpid)
        results = engine.run(plan(lab.echo_url(), seconds=3.0, rate_per_s=20).shares(2), kill_one, TIMEOUT_S)
    assert isinstance(results[0], ShareReport)
    assert sum(row.own for row in results[0].connections) == results[0].sent == results[0].planned
    assert isinstance(results[1], ShareFailure)
    assert (results[1].number, results[1].connections, results[1].planned) == (1, 3, 30)
    assert results[1].reason == f"Worker 1 ({killed[0]}), 3 connections, is lost: it died, or its line did"


def test_a_scheduler_that_dies_loses_every_share_and_the_swarm_ends(lab):
    killed = []

    def kill(progress):
        if progress.opened == 2 and not killed:
            killed.append(cluster)
            cluster.kill()

    with local_cluster(1) as (address, cluster), connected(address) as client:
        work = LoadPlan(lab.echo_url(), connections=2, seconds=2.0, ramp_up_s=0).shares(1)
        (result,) = ClusterEngine(client).run(work, kill, TIMEOUT_S)
    assert killed
    assert isinstance(result, ShareFailure)


def test_an_interrupt_leaves_nothing(client, lab, until):
    def interrupt(progress):
        if progress.opened == 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ClusterEngine(client).run(plan(lab.echo_url(), seconds=600).shares(2), interrupt, TIMEOUT_S)
    until(lambda: not lab.connections, "the end of the connections")
    until(lambda: not any(client.processing().values()), "the end of the tasks")


PROGRAM = """
    from distributed import Client
    from rtlab.load.cluster import ClusterEngine
    from rtlab.load.plan import LoadPlan

    def tell(progress):
        if progress.opened == 6:
            print("open", flush=True)

    plan = LoadPlan(URL, connections=6, seconds=600, ramp_up_s=0.2)
    ClusterEngine(Client(SCHEDULER)).run(plan.shares(2), tell, 700)
"""


def test_nothing_outlives_a_kernel_that_is_killed(client, scheduler, lab, python, until):
    program = textwrap.dedent(PROGRAM).replace("URL", repr(lab.echo_url())).replace("SCHEDULER", repr(scheduler))
    process = python("-c", program)
    assert process.stdout.readline() == "open\n"
    process.kill()
    process.wait(30)
    until(lambda: not lab.connections, "the end of the connections")


def test_a_share_that_takes_too_long_is_given_up(client, lab, until):
    results = ClusterEngine(client).run(plan(lab.echo_url(), seconds=600).shares(2), ignore, 0.5)
    assert all(result.reason.endswith("is lost: it was not done within 0.5 s") for result in results)
    until(lambda: not lab.connections, "the end of the connections")


def test_a_worker_that_is_busy_does_not_begin_late(client, lab):
    busy, _ = ClusterEngine(client).addresses
    other_work = client.submit(lambda: Event().wait(4), workers=[busy], pure=False)
    results = ClusterEngine(client).run(plan(lab.echo_url()).shares(2), ignore, TIMEOUT_S)
    other_work.result(timeout=30)
    assert busy in results[0].reason
    assert "it could not begin in time" in results[0].reason
    assert isinstance(results[1], ShareReport)


def test_the_error_of_a_clock_is_half_a_round_trip(client):
    address = ClusterEngine(client).addresses[0]
    found = compare_clocks(client, address)
    assert abs(found.offset_ns) <= found.error_ns  # it is the same clock
    assert 0 < found.error_ns < 60e9


HOURS_AHEAD = (-1, 2)


@pytest.fixture
def other_clocks(client, monkeypatch):
    """Workers whose clocks are hours apart, and that seem to be on other machines."""
    monkeypatch.setattr("rtlab.load.cluster.greet", lambda client, addresses: set())
    monkeypatch.setattr("rtlab.load.cluster.refuse_loopback_elsewhere", lambda plan, elsewhere: None)

    def turn(hours):
        from rtlab import clock

        true_ns = clock.now_ns
        clock.now_ns = lambda: true_ns() + hours * 3_600_000_000_000
        clock.true_ns = true_ns

    def turn_back():
        from rtlab import clock

        clock.now_ns = clock.true_ns

    for address, hours in zip(ClusterEngine(client).addresses, HOURS_AHEAD, strict=True):
        client.run(turn, hours, workers=[address])
    yield client
    client.run(turn_back)


def test_times_from_other_clocks_are_brought_to_this_one(other_clocks, lab):
    work = plan(lab.ws_url("clocks"), rate_per_s=20)
    results = ClusterEngine(other_clocks).run(work.shares(2), ignore, TIMEOUT_S)
    assert [row.ours for result in results for row in result.connections] == [10] * 6
    assert all(0 < result.clock_error_ms < 60_000 for result in results)
    totals = swarm_totals(make_report(work, {}, results))
    assert totals.aged == 60
    assert totals.max_ms < 60_000


def test_a_clock_that_drifts_makes_the_error_larger(client, lab, monkeypatch):
    comparisons = iter([ClockComparison(0, 1_000_000), ClockComparison(7_000_000, 2_000_000)])
    monkeypatch.setattr("rtlab.load.cluster.greet", lambda client, addresses: set())
    monkeypatch.setattr("rtlab.load.cluster.refuse_loopback_elsewhere", lambda plan, elsewhere: None)
    monkeypatch.setattr("rtlab.load.cluster.compare_clocks", lambda client, address: next(comparisons))
    (result,) = ClusterEngine(client).run(plan(lab.echo_url()).shares(1), ignore, TIMEOUT_S)
    assert result.clock_error_ms == 9


def test_workers_elsewhere_are_not_sent_to_their_own_loopback_address(client, monkeypatch):
    monkeypatch.setattr("rtlab.load.cluster.greet", lambda client, addresses: set())
    with pytest.raises(InputError, match="means each machine itself"):
        ClusterEngine(client).run(plan("ws://localhost:1/").shares(1), ignore, TIMEOUT_S)


def test_another_version_is_refused(client, monkeypatch):
    monkeypatch.setattr(rtlab, "__version__", "99.0")
    with pytest.raises(InputError, match=r"has rtlab .*, not 99.0; install the same version"):
        ClusterEngine(client).run(plan("ws://127.0.0.1:1/").shares(1), ignore, TIMEOUT_S)


def test_workers_without_rtlab_are_named(client):
    def hide():
        import sys

        sys.modules["rtlab.load.cluster_worker"] = None

    def show():
        import sys

        del sys.modules["rtlab.load.cluster_worker"]

    client.run(hide)
    try:
        with pytest.raises(InputError, match=r"Worker tcp://.* cannot run rtlab; install version"):
            ClusterEngine(client).run(plan("ws://127.0.0.1:1/").shares(1), ignore, TIMEOUT_S)
    finally:
        client.run(show)


def test_the_learners_verbs_take_the_client(client, lab):
    settings = {"rate_per_s": 20, "seconds": 0.5, "ramp_up_s": 0, "cluster": client, "progress": False}
    found = swarm(lab.echo_url(), connections=4, **settings)
    assert found.workers["connections"].tolist() == [2, 2]
    assert found.conditions["cluster_workers"] == 2
    assert found.text.startswith("4 of 4 WebSocket connections opened, 10 of 10 messages were sent, 10 arrived")
    swept = sweep(lab.echo_url(), connections=(1, 2), repeats=1, **(settings | {"rate_per_s": (20,)}))
    assert swept.table["messages"].tolist() == [10, 10]
    assert swept.failed == ()


def test_more_shares_than_workers_are_refused(client):
    with pytest.raises(InputError, match="workers is 3, but this cluster has 2"):
        ClusterEngine(client).run(plan("ws://127.0.0.1:1/").shares(3), ignore, TIMEOUT_S)


def test_anything_else_is_no_client(scheduler):
    with pytest.raises(InputError, match=r"no distributed\.Client"):
        ClusterEngine(object())


def test_without_dask_the_text_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingExtra, match=r"rtlab\[cluster\]"):
        ClusterEngine(object())
