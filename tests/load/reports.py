"""Reports of swarms that never were."""

from array import array

from rtlab.findings.load import LoadConnection, LoadSecond, SampleCheck, ShareFailure, ShareReport
from rtlab.load.histogram import Times
from rtlab.load.merge import make_report
from rtlab.load.plan import LoadPlan

PLAN = LoadPlan("ws://127.0.0.1:1/a", connections=4, seconds=2.0, ramp_up_s=1.0, rate_per_s=4.0)


def times(*milliseconds):
    histogram = Times()
    histogram.add(array("q", [round(value * 1e6) for value in milliseconds]))
    return histogram.encode()


def row(number, *, sent=2, own=2, ours=2, opened_ms=500.0, error=""):
    return LoadConnection(number, opened_ms, sent, ours, own, ours, 100, 200, error)


def share(number, rows, **settings):
    defaults = {
        "planned": 4,
        "sent": sum(each.sent for each in rows),
        "refusals": {},
        "seconds": (
            LoadSecond(-1, opened=len(rows), bytes_up=50, latencies=times(900)),
            LoadSecond(0, sent=4, messages=4, bytes_down=100, bytes_up=150, latencies=times(1, 2, 3, 4)),
        ),
        "lags": times(0.5, 1.5),
        "sample": SampleCheck(1, 2),
        "cpu_share": 0.1,
        "stall_ms": 1.0,
        "from_future": 0,
    }
    return ShareReport(number, connections=tuple(rows), **(defaults | settings))


def report(*shares, plan=PLAN, failures=()):
    return make_report(plan, {"machine": "test"}, [*shares, *failures])


FAILURE = ShareFailure(1, 2, 4, "Worker 1 ended with exit code -9: it said nothing")
