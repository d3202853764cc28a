import subprocess
import sys

import pytest

from rtlab.errors import InputError
from rtlab.experiments.besieger import KINDS, besiege
from rtlab.experiments.siege import hold_out


@pytest.mark.parametrize("seconds", [0, 1.9, 3_601, float("nan")])
def test_a_siege_has_a_bounded_length(seconds):
    with pytest.raises(InputError, match="2 to 3,600"):
        hold_out(seconds)


def test_a_besieger_strikes_and_leaves_nothing_behind(make_lab, until, on_loop):
    lab = make_lab(compression=True)
    done = besiege(lab.port, 4.0)
    assert set(done) == set(KINDS)
    assert done.total() > 0
    until(lambda: on_loop(lambda: lab.server.door.inside) == 0)
    assert not [line for line in lab.log if line.level == "error"]


def test_a_besieger_ends_with_whoever_started_it(lab):
    command = [sys.executable, "-m", "rtlab.experiments.besieger", str(lab.port), "600"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as besieger:
        besieger.stdin.close()
        assert besieger.wait(60) == 0


@pytest.mark.measuring
@pytest.mark.timeout(300)
def test_a_short_siege_leaves_memory_and_descriptors_flat_and_everybody_served():
    from rtlab.results.exhaustion import siege

    held = siege(30.0, progress=False)
    assert held.unanswered == 0
    assert min(count for kind, count in held.strikes.items()) > 0
    assert [each.name for each in held.changes() if not each.is_flat and "ms" not in each.name] == []
    assert held.after[1] <= held.samples[0].descriptors + 16
    assert len(held.table) >= 30
