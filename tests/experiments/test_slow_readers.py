from __future__ import annotations

import pytest

from rtlab.errors import InputError
from rtlab.experiments.saturated import WAYS
from rtlab.experiments.slow_readers import pause_readers
from rtlab.findings.slow_readers import SlowReading
from rtlab.servers.backpressure import POLICIES

pytestmark = pytest.mark.measuring

KEPT_BYTES = 65_536
PAYLOAD_BYTES = 32_768


@pytest.fixture(scope="module")
def found() -> dict[tuple[str, str], SlowReading]:
    """Most of a second at 13 MB a second: more than the buffers of both systems take."""
    runs = pause_readers(
        readers=3,
        slow=1,
        pause_s=0.8,
        rate_per_s=400,
        payload_bytes=PAYLOAD_BYTES,
        kept_bytes=KEPT_BYTES,
        repeats=1,
    )
    return {(run.way, run.policy): run for run in runs}


def test_each_policy_is_tried_over_both_transports(found: dict[tuple[str, str], SlowReading]) -> None:
    assert set(found) == {(way, policy) for way in WAYS for policy in POLICIES}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("policy", POLICIES)
def test_those_who_read_get_everything(found: dict[tuple[str, str], SlowReading], way: str, policy: str) -> None:
    run = found[way, policy]
    assert [(each.received, each.missed, each.cut) for each in run.good] == [(run.sent, 0, False)] * 2
    assert run.p99_ms > 0


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("policy", POLICIES)
def test_what_one_who_pauses_got_and_missed_adds_up(
    found: dict[tuple[str, str], SlowReading], way: str, policy: str
) -> None:
    (slow,) = found[way, policy].slow
    assert slow.received + slow.missed == slow.newest + 1
    assert (slow.gaps == 0) == (slow.missed == 0)


@pytest.mark.parametrize("way", WAYS)
def test_who_waits_leaves_nothing_out_and_slows_the_others(
    found: dict[tuple[str, str], SlowReading], way: str
) -> None:
    run = found[way, "wait"]
    assert run.slow[0].received == run.sent
    assert max(each.got_per_s for each in run.good) < 0.9 * run.rate_per_s


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("policy", ["drop_oldest", "latest"])
def test_who_drops_leaves_one_gap_and_ends_with_the_newest(
    found: dict[tuple[str, str], SlowReading], way: str, policy: str
) -> None:
    run = found[way, policy]
    assert run.slow[0].gaps >= 1
    assert run.slow[0].newest == run.sent - 1
    assert not run.slow[0].cut


@pytest.mark.parametrize("way", WAYS)
def test_who_disconnects_sends_no_more_and_leaves_no_gap(
    found: dict[tuple[str, str], SlowReading], way: str
) -> None:
    run = found[way, "disconnect"]
    assert run.slow[0].cut
    assert run.slow[0].gaps == 0
    assert run.slow[0].newest < run.sent - 1


@pytest.mark.parametrize(
    "wrong",
    [{"policies": ()}, {"policies": ("hope",)}, {"slow": 20}, {"slow": 0}, {"repeats": 0}, {"pause_s": 0.01}],
)
def test_settings_that_cannot_work_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InputError, match=r"policies: any of|pause_s: 0\.1 to 10"):
        pause_readers(**wrong)  # type: ignore[arg-type]  # wrong on purpose
