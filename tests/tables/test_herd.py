from __future__ import annotations

import math

from rtlab.findings.herd import HerdReturn
from rtlab.tables.herd import herd_attempts_table, herd_table

RETURNS = [
    HerdReturn("full jitter", "measured", 20, 5, 3, 1.5, 2.0, (3, 0, 2)),
    HerdReturn("fixed delay", "simulated", 20, 4, 4, 1.5, None, (0, 4)),
]


def test_a_herd_that_never_was_back_has_no_time() -> None:
    table = herd_table(RETURNS)
    assert list(table["back_95_s"]) == [1.5, 1.5]
    assert math.isnan(table["back_all_s"][1])


def test_tenths_without_attempts_are_left_out() -> None:
    table = herd_attempts_table(RETURNS)
    assert list(table["at_s"]) == [0.1, 0.3, 0.2]
    assert list(table["attempts"]) == [3, 2, 4]
    assert list(table["source"]) == ["measured", "measured", "simulated"]
