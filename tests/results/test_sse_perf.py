from __future__ import annotations

import pytest

from rtlab.errors import InputError
from rtlab.results.sse_perf import sse_perf
from rtlab.servers.lab import Lab


@pytest.mark.measuring
def test_chunks_grow_with_the_streams_until_all_are_open(lab: Lab) -> None:
    found = sse_perf(lab, streams=6, ramp_up_s=1.0, seconds=2.0, rate_per_s=50.0, progress=False)
    table = found.table
    assert table["streams"].is_monotonic_increasing
    assert table["streams"].iloc[-1] == 6
    assert table["second"].min() < 0
    full = table[table["second"] >= 0]["chunks_per_s"]
    assert full.max() > 0
    assert "6 streams with 50 events a second each" in found.text
    figure = found.figure()
    assert [bar.name for bar in figure.data] == ["streams", "chunks/s", "kB/s"]
    assert figure.layout.meta["description"].startswith("6 event streams were opened")


def test_a_setting_out_of_its_range_is_refused(lab: Lab) -> None:
    with pytest.raises(InputError):
        sse_perf(lab, streams=0)
