from __future__ import annotations

from rtlab.findings.faults import Arrival, FaultEffect
from rtlab.tables.fault_effects import fault_arrivals_table, fault_effects_table

EFFECTS = (
    FaultEffect("without", "sse", (Arrival(0, 0.0, 1.0), Arrival(1, 10.0, 12.0))),
    FaultEffect("with", "sse", (Arrival(0, 0.0, 500.0), Arrival(1, 10.0, None), Arrival(2, 20.0, 900.0))),
    FaultEffect("with", "websocket", (Arrival(0, 0.0, None),)),
)


def test_a_lost_message_stays_as_a_row() -> None:
    arrivals = fault_arrivals_table(EFFECTS)
    assert len(arrivals) == 6
    assert arrivals["received_ms"].isna().sum() == 2
    assert list(arrivals["age_ms"].dropna()) == [1.0, 2.0, 500.0, 880.0]


def test_losses_ages_and_silence_are_summed_up() -> None:
    without, faulty, lost = fault_effects_table(fault_arrivals_table(EFFECTS)).to_dict("records")
    assert (without["sent"], without["lost"], without["median_ms"], without["longest_silence_ms"]) == (
        2,
        0,
        1.5,
        11,
    )
    assert (faulty["sent"], faulty["lost"], faulty["oldest_ms"], faulty["longest_silence_ms"]) == (3, 1, 880, 400)
    assert (lost["transport"], lost["lost"]) == ("websocket", 1)
    assert lost["oldest_ms"] != lost["oldest_ms"]


def test_nothing_gives_empty_tables() -> None:
    assert fault_effects_table(fault_arrivals_table(())).empty
