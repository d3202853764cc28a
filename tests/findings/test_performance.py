from __future__ import annotations

import math

from rtlab.findings.performance import Drained


def drained(**changes: object) -> Drained:
    given: dict[str, object] = {
        "server": "rtlab",
        "way": "sse",
        "connections": 2,
        "payload_bytes": 100,
        "seconds": 2.0,
        "deliveries": 4_000,
        "bytes_down": 480_000,
        "bytes_up": 20,
        "server_cpu_s": 1.0,
        "client_cpu_s": 0.5,
    }
    return Drained(**given | changes)  # type: ignore[arg-type]  # of the fields


def test_rates_and_shares_follow_from_counts_and_times() -> None:
    found = drained()
    assert (found.deliveries_per_s, found.payload_mb_per_s) == (2_000, 0.2)
    assert (found.bytes_down_per_s, found.bytes_up_per_s) == (240_000, 10)
    assert (found.server_us_each, found.server_share, found.client_share) == (250, 0.5, 0.25)
    assert not found.client_busier
    assert drained(client_cpu_s=1.5).client_busier
    assert drained(deliveries=0).server_us_each == math.inf


def test_percentiles_of_ages_are_ages_that_occurred() -> None:
    found = drained(ages_us=tuple(float(age) for age in range(100, 0, -1)))
    assert (found.age_us(50), found.age_us(99), found.age_us(100)) == (50, 99, 100)
    assert math.isnan(drained().age_us(50))
