import pandas as pd
import pytest

from rtlab.clients.publisher import Publisher
from rtlab.errors import InputError
from rtlab.load.engine import ProcessEngine
from rtlab.load.merge import make_report
from rtlab.load.plan import LoadPlan
from rtlab.results.swarm import Swarm, swarm
from rtlab.servers.lab import start_lab


@pytest.fixture(scope="module")
def isolated():
    """A lab in a process of its own."""
    with start_lab("test-swarm", isolated=True) as lab:
        yield lab


@pytest.fixture(scope="module")
def echoed(isolated):
    """A small swarm against an echo."""
    return swarm(
        isolated.echo_url(), connections=6, seconds=1.0, rate_per_s=60, workers=2, ramp_up_s=0.2, progress=False
    )


def test_an_echo_is_told_in_one_sentence(echoed):
    assert echoed.text.startswith(
        "6 of 6 WebSocket connections opened, 60 of 60 messages were sent, 60 arrived (60 a second), "
        "none missing (the server sends each to the sender), half of them within "
    )
    assert repr(echoed).endswith(echoed.text)
    assert "60 arrived (60 a second)" in echoed._repr_mimebundle_()["text/html"]


def test_its_tables_agree_with_one_another(echoed):
    assert echoed.table["sent"].tolist() == [60]
    assert echoed.seconds["messages"].sum() == 60 == echoed.connections["own"].sum()
    assert echoed.workers["connections"].tolist() == [3, 3]
    assert echoed.workers["sent"].sum() == 60
    assert echoed.latency["percentile"].tolist() == [10, 25, 50, 75, 90, 95, 100]
    assert echoed.latency["latency_ms"].is_monotonic_increasing
    checks = echoed.validity.set_index("check")["passed"]
    assert checks["nothing is missing"]
    assert checks["the sample agrees"]
    assert checks["every connection opened"]


def test_its_figures_carry_their_meaning(echoed):
    assert echoed.figure().layout.meta["description"].startswith(("Messages and latencies", "Not valid"))
    assert "99" not in echoed.figure("latency").layout.xaxis.ticktext
    with pytest.raises(InputError, match="seconds, latency"):
        echoed.figure("pie")


def test_it_comes_back_from_a_file_as_it_was(echoed, tmp_path):
    loaded = Swarm.load(echoed.save(tmp_path / "swarm.json"))
    assert loaded.text == echoed.text
    for name in ("table", "seconds", "latency", "connections", "workers", "validity"):
        pd.testing.assert_frame_equal(getattr(loaded, name), getattr(echoed, name))
    assert loaded.conditions == echoed.conditions


def test_event_streams_are_fed_by_post(isolated):
    found = swarm(
        isolated.sse_url("fed"),
        publish_url=isolated.publish_url("fed"),
        connections=4,
        seconds=0.5,
        rate_per_s=20,
        ramp_up_s=0.2,
        workers=1,
        progress=False,
    )
    assert "40 arrived" in found.text
    assert "none missing (the server sends each to all)" in found.text


def test_a_swarm_that_only_listens_says_so_by_what_it_leaves_out(isolated):
    found = swarm(isolated.sse_url("silent"), connections=2, seconds=0.2, ramp_up_s=0, workers=1, progress=False)
    assert found.text.startswith("2 of 2 SSE connections opened, 0 arrived (0 a second).")
    assert "missing" not in found.text
    assert "missing" not in found._repr_mimebundle_()["text/html"]
    assert found.latency.empty
    found.figure()


def test_messages_without_a_stamp_are_counted_but_have_no_age(isolated):
    with Publisher(isolated.publish_url("plain")) as publisher:
        sent = []

        def publish(progress):
            if progress.opened == 2 and not sent:
                sent.append(publisher.send("no stamp"))

        plan = LoadPlan(isolated.sse_url("plain"), connections=2, seconds=1.5, ramp_up_s=0)
        found = Swarm(make_report(plan, {}, ProcessEngine().run(plan.shares(1), publish, 60)))
    assert sent
    assert found.connections["messages"].tolist() == [1, 1]
    assert found.totals.aged == 0


def test_a_thousand_connections_are_opened_and_all_get_their_messages(isolated):
    found = swarm(
        isolated.ws_url("thousand"),
        connections=1000,
        seconds=1.0,
        rate_per_s=5,
        ramp_up_s=2.0,
        workers=2,
        sample=0.005,
        progress=False,
    )
    totals = found.totals
    assert (totals.opened, totals.ended, totals.sent) == (1000, 0, 5)
    assert (totals.returns, totals.expected - totals.missing) == ("to all", 5 * (1000 - totals.late))
    assert totals.sample.connections >= 4
    assert totals.sample.complaint == ""
    assert len(found.connections) == 1000


def test_progress_is_told_while_it_runs(isolated, capsys):
    swarm(isolated.echo_url(), connections=2, seconds=1.0, ramp_up_s=0, rate_per_s=10, workers=1)
    assert "2 opened" in capsys.readouterr().err


@pytest.mark.parametrize(
    "urls",
    [
        {"url": "ws://example.com/"},
        {"url": "https://192.0.2.1/stream"},
        {"url": "http://127.0.0.1:1/", "publish_url": "http://example.com/", "rate_per_s": 1},
    ],
)
def test_another_machine_needs_consent(urls):
    with pytest.raises(InputError, match=r"is not this machine.*consent=True"):
        swarm(**urls)


def test_with_consent_any_machine_is_asked():
    # This name cannot exist (RFC 6761 6.4), so nobody is bothered.
    found = swarm("ws://nowhere.invalid/", connections=1, seconds=0.1, ramp_up_s=0, consent=True, progress=False)
    assert found.totals.opened == 0
    assert found.connections["error"][0] != ""
    assert "every connection opened" in found.failed_checks
    assert "Handle with care" in found.text


def test_a_setting_that_cannot_work_is_refused(isolated):
    with pytest.raises(InputError, match="workers"):
        swarm(isolated.echo_url(), workers=0)
    with pytest.raises(InputError, match="cluster"):
        swarm(isolated.echo_url(), cluster=object())
