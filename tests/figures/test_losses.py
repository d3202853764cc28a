from __future__ import annotations

import pandas as pd

from rtlab.figures.losses import figure_losses
from rtlab.findings.simplicity import Loss, account
from rtlab.tables.losses import losses_table


def table() -> pd.DataFrame:
    found = []
    for seed, heard in ((1, [0, 1, 1]), (2, [0, 1, 2]), (3, [0])):
        found += [
            Loss("ids", "EventSource", seed, 1, account(range(4), 4), (20.0,)),
            Loss("no ids", "WebSocket", seed, 1, account(heard, 4), ()),
        ]
    return losses_table(found)


def test_each_pair_has_a_bar_of_medians_over_the_seeds() -> None:
    figure = figure_losses(table())
    assert {bar.name: list(bar.x) for bar in figure.data} == {
        "delivered": [4.0, 2.0],
        "lost": [0.0, 2.0],
        "doubled": [0.0, 0.0],
    }
    assert [list(part) for part in figure.data[0].y] == [["ids", "no ids"], ["EventSource", "WebSocket"]]


def test_the_description_tells_each_pair() -> None:
    assert "no ids, WebSocket: 2 lost and 0 doubled of 4" in figure_losses(table()).layout.meta["description"]
