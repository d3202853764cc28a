from __future__ import annotations

import pytest

from rtlab.network.faults import Stall
from rtlab.results.fault_effects import fault_effects
from rtlab.servers.lab import Lab
from rtlab.workload import Workload

pytestmark = pytest.mark.measuring


def test_a_stall_before_and_after_over_both_protocols(lab: Lab) -> None:
    found = fault_effects(lab, Stall(), workload=Workload(40.0, 20), on_s=0.1, off_s=0.9, progress=False)
    assert len(found.table) == 4
    assert set(found.table["transport"]) == {"sse", "websocket"}
    rows = found.table[found.table["run"] == "with"]
    assert (rows["lost"] == 0).all() and (rows["oldest_ms"] >= 200).all()
    assert len(found.arrivals) == 80
    assert found.text.startswith("With Stall(direction='both'): SSE lost 0 of 20 messages, and the oldest was ")
    assert len(found.figure().data) == 4
    assert "longest_silence_ms" in found._repr_mimebundle_()["text/html"]
