"""What a page might have reported, for results that need no browser to be looked at."""

from __future__ import annotations

from rtlab.findings.page_fetch import Ability
from rtlab.findings.page_replies import PageReply
from rtlab.findings.page_resumption import PageMoment, PageResumption, StreamRequest
from rtlab.findings.page_streams import StreamLane, StreamLimit
from rtlab.findings.reconnection import StatusCell
from rtlab.pages.records import PageFacts
from rtlab.records import WireChunk


def facts(route: str = "direct") -> PageFacts:
    return PageFacts("Chrome/156.0", "http://127.0.0.1:1", True, True, route)


LIMIT = StreamLimit(
    (
        StreamLane(1, 0.0, 10.0, 900.0, 1, 0),
        StreamLane(2, 5.0, 20.0, 1_900.0, 1, 0),
        StreamLane(3, 10.0, 904.0, 1_890.0, 0, 0),
        StreamLane(4, 15.0, None, 1_880.0, 0, 0),
    ),
    at_lab=2,
    closed_ms=900.0,
)

_GET = b"GET /sse/news HTTP/1.1\r\nHost: 127.0.0.1:1\r\nLast-Event-ID: k-1\r\n\r\n"
RESUMPTION = PageResumption(
    ids=("k-1", "k-2", "k-3"),
    requests=(
        StreamRequest(1, None, 0, ()),
        StreamRequest(2, "k-1", 1_000, (WireChunk("", 1, "up", 1_000, _GET),)),
    ),
    moments=(
        PageMoment(10.0, "open", 1, 1),
        PageMoment(20.0, "message", 1, 1, "k-1", "open"),
        PageMoment(30.0, "error", 0, 1),
        PageMoment(1_030.0, "open", 1, 2),
        PageMoment(1_031.0, "message", 1, 2, "k-2", "away"),
        PageMoment(1_050.0, "message", 1, 2, "k-3", "open"),
        PageMoment(1_060.0, "closed", 2, 2),
    ),
    away_ms=1_000.0,
)

ABILITIES = (
    Ability("set a header field", "EventSource", False, "it did not come"),
    Ability("set a header field", "fetch", True, "it came"),
    Ability("come back by itself", "EventSource", True, "2 requests"),
    Ability("come back by itself", "fetch", False, "1 request"),
)


def cell(client: str, situation: str, outcome: str, agrees: bool = True) -> StatusCell:
    return StatusCell(
        situation,
        client,
        "sse",
        outcome,
        1,
        (),
        False,
        "closed",
        "",
        None,
        0,
        "fail for good",
        "HTML 9.2.2",
        agrees,
    )


REPLIES = tuple(
    PageReply(
        events, states, cell("Chromium 156 EventSource", name, page, agrees), cell("rtlab EventSource", name, ours)
    )
    for name, events, states, page, ours, agrees in (
        ("404 Not Found", ("error",), (0, 2), "closes", "raises", True),
        ("opens, then ends", ("open", "message", "error") * 5, (0, 1) * 5, "reconnects", "reconnects", True),
        ("untrusted certificate", ("error", "error"), (0,), "reconnects", "raises", False),
    )
)
