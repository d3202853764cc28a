from __future__ import annotations

import pytest

from rtlab.errors import InputError
from rtlab.figures.fault_effects import figure_fault_effects
from rtlab.findings.faults import Arrival, FaultEffect
from rtlab.tables.fault_effects import fault_arrivals_table

EFFECTS = (
    FaultEffect("without", "sse", (Arrival(0, 0.0, 1.0), Arrival(1, 10.0, 12.0))),
    FaultEffect("with", "sse", (Arrival(0, 0.0, 500.0), Arrival(1, 10.0, None), Arrival(2, 20.0, 400.0))),
)


def test_each_run_is_a_stair_that_rises_by_one_with_each_arrival() -> None:
    figure = figure_fault_effects(fault_arrivals_table(EFFECTS), on_s=0.1, off_s=0.3, title="Stall()")
    without, faulty = figure.data
    assert (without.name, faulty.name) == ("SSE, without the fault", "SSE, with the fault")
    assert list(faulty.x) == [0.0, 0.4, 0.5, 0.5]
    assert list(faulty.y) == [0, 1, 2, 2]
    assert without.line.dash != faulty.line.dash
    assert (figure.layout.shapes[0].x0, figure.layout.shapes[0].x1) == (0.1, 0.3)
    assert "SSE: 2 of 3 arrived" in figure.layout.meta["description"]
    assert figure.layout.title.text == "Stall()"


def test_a_table_of_another_kind_is_refused() -> None:
    with pytest.raises(InputError):
        figure_fault_effects(fault_arrivals_table(EFFECTS).drop(columns="run"), on_s=0, off_s=1)
