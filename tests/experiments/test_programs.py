"""The reference programs under each fault, as real processes."""

from __future__ import annotations

import pytest

from rtlab.errors import InputError
from rtlab.experiments.program_sizes import program_sizes
from rtlab.experiments.programs import FAULTS, try_fault
from rtlab.resources import data_path
from rtlab.tables import simplicity_columns

pytestmark = pytest.mark.measuring

FOLDER = data_path("reference_programs")
PAIRS = tuple((protocol, level) for protocol in ("sse", "websocket") for level in ("bare", "robust"))
OUTCOMES = {
    "cut line": ("died", "survived"),
    "half-open line": ("stuck", "survived"),
    "server restart": ("died", "survived"),
    "slow readers": ("memory grows", "survived"),
    "wrong token": ("let in", "refused"),
    "server exception": ("died", "survived"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_robust_programs_survive_what_bare_ones_do_not(fault: str) -> None:
    trials = try_fault(FOLDER, fault, PAIRS)
    assert [(trial.protocol, trial.level) for trial in trials] == list(PAIRS)
    assert [trial.outcome for trial in trials] == list(OUTCOMES[fault]) * 2, trials
    assert [trial.passed for trial in trials] == [False, True] * 2
    assert all(trial.lost == trial.doubled == 0 for trial in trials if trial.level == "robust")


def test_the_library_that_reconnects_does_not_resume() -> None:
    (trial,) = try_fault(FOLDER, "cut line", (("websocket", "bare"),), client="reconnecting_client.py")
    assert trial.outcome == "survived with loss"
    assert 0 < trial.lost < trial.expected


def test_the_tables_know_each_fault() -> None:
    assert tuple(FAULTS) == simplicity_columns.FAULTS


def test_an_unknown_fault_is_refused() -> None:
    with pytest.raises(InputError, match="cut line"):
        try_fault(FOLDER, "flood", PAIRS)


def test_every_program_is_counted() -> None:
    sizes = program_sizes(FOLDER)
    assert len(sizes) == 8
    assert all(size.lines > 5 and size.branches > 1 for size in sizes)
    lines = {(size.protocol, size.level, size.part): size.lines for size in sizes}
    for protocol in ("sse", "websocket"):
        for part in ("server", "client"):
            assert lines[protocol, "robust", part] > lines[protocol, "bare", part]
