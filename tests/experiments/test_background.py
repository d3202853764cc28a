from __future__ import annotations

import pytest

from rtlab.experiments.background import hidden_spans


@pytest.mark.parametrize(
    ("shown", "spans"),
    [
        ([(0.0, True)], ()),
        ([(0.0, True), (5.0, False), (8.0, True)], ((5.0, 8.0),)),
        ([(0.0, False), (2.0, True), (9.0, False)], ((0.0, 2.0), (9.0, 10.0))),
        ([(0.0, True), (5.0, False), (12.0, True)], ((5.0, 10.0),)),
        ([(0.0, True), (11.0, False), (12.0, True)], ()),
    ],
)
def test_the_times_hidden_lie_within_the_experiment(
    shown: list[tuple[float, bool]], spans: tuple[tuple[float, float], ...]
) -> None:
    assert hidden_spans(shown, 10.0) == spans
