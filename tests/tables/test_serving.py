from __future__ import annotations

import math

import pytest

from rtlab.findings.echo import Echo
from rtlab.findings.performance import Drained
from rtlab.tables.serving import echoes_table, peers_table


def drained(library: str, way: str, deliveries: int) -> Drained:
    return Drained(library, way, 2, 32, 0.5, deliveries, 0, 0, 0.25, 0.1)


def echo(library: str, way: str, clients: int, round_trips: int) -> Echo:
    return Echo(library, way, clients, 0.5, round_trips, 38 * round_trips, 34 * round_trips, 0.1, 0.2)


def test_the_fastest_library_comes_first_with_the_mean_of_its_repeats() -> None:
    found = [drained("slow", "sse", 100), drained("fast", "websocket", 100), drained("fast", "sse", 200)]
    table = peers_table([*found, drained("fast", "sse", 800)])
    assert list(table["library"]) == ["fast", "fast", "slow"]
    assert list(table["transport"]) == ["sse", "websocket", "sse"]
    assert table.loc[0, "deliveries_per_s"] == pytest.approx(800.0)
    assert list(table["repeats"]) == [2, 1, 1]
    assert math.isnan(table.loc[1, "deliveries_low_per_s"])
    assert table.loc[2, "server_us_each"] == pytest.approx(2_500.0)


def test_round_trips_are_listed_by_number_of_clients_with_their_bytes() -> None:
    table = echoes_table(
        [echo("a", "websocket", 9, 50), echo("a", "websocket", 1, 20), echo("b", "sse+post", 1, 5)]
    )
    assert list(table["clients"]) == [1, 1, 9]
    assert list(table["round_trips_per_s"].round()) == [40, 10, 100]
    assert set(table["bytes_up_each"]) == {38.0}
    assert set(table["bytes_down_each"]) == {34.0}
