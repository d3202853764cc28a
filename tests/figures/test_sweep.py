import pandas as pd
import pytest

from rtlab.errors import InputError
from rtlab.figures.sweep import figure_sweep
from rtlab.tables.schema import TABLES


def table(*, ages=True, invalid=0, rates=(10.0, 20.0)):
    rows = []
    for count in (10, 100):
        for rate in rates:
            row = {"transport": "sse", "connections": count, "rate_per_s": rate, "payload_bytes": 64}
            row |= {"runs": 3, "invalid": invalid, "lost": 0}
            middle = count * (rate or 1)
            for name, unit, value in (("messages", "_per_s", middle), ("p50", "_ms", 1.0), ("p99", "_ms", 3.0)):
                known = value if ages or name == "messages" else None
                ends = (known, known and known / 1.1, known and known * 1.1)
                row |= dict(zip((f"{name}{unit}", f"{name}_low{unit}", f"{name}_high{unit}"), ends, strict=True))
            rows.append(row)
    return pd.DataFrame(rows, columns=[column.name for column in TABLES["sweep"]])


def test_each_combination_of_the_rest_is_a_curve_with_intervals():
    figure = figure_sweep(table(), "connections")
    assert [trace.name for trace in figure.data if trace.showlegend is not False] == ["10 a second", "20 a second"]
    assert len(figure.data) == 6
    assert [tuple(trace.x) for trace in figure.data] == [(10, 100)] * 6
    assert all(min(trace.error_y.array) > 0 for trace in figure.data)


def test_the_text_alternative_names_every_combination():
    said = figure_sweep(table(), "rate_per_s").layout.meta["description"]
    assert said.count("arrivals a second, 99 % within 3 ms") == 4
    assert "100 connections, 20 a second, 64 B: 2,000 arrivals" in said


def test_without_ages_there_is_one_panel():
    figure = figure_sweep(table(ages=False, rates=(None,)), "connections")
    assert len(figure.data) == 1
    assert "ms" not in figure.layout.meta["description"]


def test_a_run_that_failed_a_check_is_warned_of():
    assert figure_sweep(table(invalid=1), "connections").layout.meta["description"].startswith("Not valid")


@pytest.mark.parametrize("by", ["colour", "rate_per_s"])
def test_what_was_not_changed_is_no_axis(by):
    with pytest.raises(InputError, match=f"by is '{by}'"):
        figure_sweep(table(rates=(None,)), by)


def test_nothing_but_failures_cannot_be_drawn():
    with pytest.raises(InputError, match="nothing to draw"):
        figure_sweep(table().assign(messages_per_s=float("nan")), "connections")
