from __future__ import annotations

import numpy as np
import pytest

from rtlab.errors import InputError
from rtlab.figures.herd import figure_herd
from rtlab.findings.herd import HerdReturn
from rtlab.tables.herd import herd_attempts_table

MEASURED = HerdReturn("full jitter", "measured", 20, 5, 3, 1.5, 2.0, (3, 0, 2))


def test_a_tenth_without_attempts_is_a_gap() -> None:
    (line,) = figure_herd(herd_attempts_table([MEASURED])).data
    assert line.name == "full jitter"
    np.testing.assert_array_equal(line.y, [3, np.nan, 2])


def test_the_simulated_herd_stands_beside_the_measured_one() -> None:
    simulated = HerdReturn("full jitter", "simulated", 1_000, 5, 3, 1.5, 2.0, (5,))
    drawn = figure_herd(herd_attempts_table([MEASURED, simulated]))
    assert [line.xaxis for line in drawn.data] == ["x", "x2"]
    assert [note.text for note in drawn.layout.annotations] == ["20 clients, measured", "1,000 clients, simulated"]
    assert "full jitter, simulated: at most 5" in drawn.layout.meta["description"]


def test_a_long_time_is_drawn_with_few_points_and_all_peaks() -> None:
    slices = (1,) * 5_000 + (77,) + (1,) * 5_000
    (line,) = figure_herd(
        herd_attempts_table([HerdReturn("fixed delay", "simulated", 99, 1, 77, 1, 1, slices)])
    ).data
    assert len(line.y) <= 400
    assert np.nanmax(line.y) == 77


def test_a_herd_without_attempts_cannot_be_drawn() -> None:
    with pytest.raises(InputError, match="Nobody knocked"):
        figure_herd(herd_attempts_table([]))
