from __future__ import annotations

import pandas as pd
import pytest

from rtlab.errors import InputError
from rtlab.figures.arrivals import figure_arrivals
from rtlab.probes.gaps import gap_counts

COLUMNS = ["at_ms", "size_bytes", "events", "ends_inside"]


def gaps(*gaps_ms: float) -> pd.DataFrame:
    return pd.DataFrame(gap_counts(gaps_ms), columns=["gap", "count"])


def test_pieces_that_end_inside_an_event_are_marked_and_counted_in_the_description():
    rows = [(10.0, 40, 1, False), (520.0, 4_096, 80, True), (1_020.0, 4_096, 80, True)]
    figure = figure_arrivals(pd.DataFrame(rows, columns=COLUMNS), gaps(0.1, 0.1, 500.0), verdict="collected")
    whole, cut, bars = figure.data
    assert list(whole.x) == [0.01]
    assert list(cut.x) == [0.52, 1.02]
    assert whole.marker.symbol != cut.marker.symbol
    assert sum(bars.y) == 3
    assert figure.layout.meta["description"] == (
        "3 pieces with 161 events came; 2 of them ended inside an event. Most gaps between events are below 1 ms. "
        "Buffering: collected."
    )


def test_a_stream_of_which_nothing_came_can_be_drawn():
    figure = figure_arrivals(pd.DataFrame([], columns=COLUMNS), gaps())
    assert figure.layout.meta["description"].startswith("0 pieces with 0 events came")


def test_another_table_is_refused():
    with pytest.raises(InputError):
        figure_arrivals(pd.DataFrame({"x": [1]}), gaps())
