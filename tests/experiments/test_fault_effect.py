from __future__ import annotations

import pytest

from rtlab.errors import InputError
from rtlab.experiments.fault_effect import fault_effect
from rtlab.network.faults import Answer, BlackHole, Stall
from rtlab.servers.lab import Lab
from rtlab.workload import Workload

pytestmark = pytest.mark.measuring

QUICK = Workload(40.0, 40)


def lost(arrivals: object) -> int:
    return sum(arrival.received_ms is None for arrival in arrivals)  # type: ignore[attr-defined]


def test_a_stall_makes_messages_late_and_loses_none(lab: Lab) -> None:
    for effect in fault_effect(lab, [Stall()], workload=QUICK, on_s=0.3, off_s=0.8):
        assert len(effect.arrivals) == 40
        assert lost(effect.arrivals) == 0
        held = [arrival for arrival in effect.arrivals if 500 < arrival.sent_ms < 750]
        assert held
        for arrival in held:
            assert arrival.received_ms is not None and arrival.received_ms >= 790


def test_without_the_fault_nothing_is_lost(lab: Lab) -> None:
    sse, websocket = fault_effect(lab, [BlackHole()], run="without", workload=QUICK, on_s=0.3, off_s=0.5)
    assert (sse.transport, websocket.transport) == ("sse", "websocket")
    assert lost(sse.arrivals) == lost(websocket.arrivals) == 0


def test_after_a_black_hole_the_event_stream_resumes_and_the_websocket_does_not(lab: Lab) -> None:
    sse, websocket = fault_effect(lab, [BlackHole()], workload=QUICK, on_s=0.3, off_s=0.5)
    assert lost(sse.arrivals) == 0
    assert lost(websocket.arrivals) > 0


def test_a_cut_shows_what_meets_only_those_who_come_back(lab: Lab) -> None:
    for cuts in (False, True):
        sse, _ = fault_effect(lab, [Answer(503)], workload=QUICK, on_s=0.3, off_s=2.5, cuts=cuts)
        assert (lost(sse.arrivals) > 0) == cuts


@pytest.mark.parametrize("settings", [{"run": "both"}, {"on_s": 2.0, "off_s": 1.0}, {"off_s": 61.0}])
def test_settings_out_of_range_are_refused(lab: Lab, settings: dict[str, float]) -> None:
    with pytest.raises(InputError):
        fault_effect(lab, [], **settings)  # type: ignore[arg-type]


def test_a_lab_with_tls_is_refused(make_lab: object) -> None:
    with pytest.raises(InputError, match="without TLS"):
        fault_effect(make_lab(tls=True), [Stall()])  # type: ignore[operator]
