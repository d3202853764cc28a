"""Experiments for the claims on communication direction: C01, C03, C16, C34, C35, C36."""

from __future__ import annotations

import secrets
from statistics import median

from rtlab.claims.evidence import Evidence, Experiment
from rtlab.clients.event_source import EventSource
from rtlab.clients.publisher import Publisher
from rtlab.experiments.exchange import converse
from rtlab.experiments.outage import cut_line
from rtlab.results.direction import crossover
from rtlab.servers.lab import Lab


def both_ways(lab: Lab) -> Evidence:
    """C01: hold a conversation of 50 messages each way over one WebSocket and count connections."""
    talk = converse(lab, "websocket", down=50, up=50, seconds=2.0)
    ups = [mark.at_ms for mark in talk.marks if mark.direction == "up"]
    between = sum(1 for mark in talk.marks if mark.direction == "down" and min(ups) < mark.at_ms < max(ups))
    arrived = len(talk.down_ms) == 50 and len(talk.up_ms) == 50
    one = talk.connections == 1 and talk.requests == 1
    return Evidence(
        "C01",
        "holds" if arrived and one and between > 0 else "wrong",
        f"{len(talk.down_ms)} messages came down and {len(talk.up_ms)} went up, mixed, "
        f"over {talk.connections} connection opened by {talk.requests} request.",
        {
            "down": len(talk.down_ms),
            "up": len(talk.up_ms),
            "connections": talk.connections,
            "down_between_ups": between,
        },
    )


def polling_avoided(lab: Lab) -> Evidence:
    """C03: read the same messages by push and by polling, and count requests."""
    talks = {way: converse(lab, way, down=20, up=0) for way in ("sse+post", "websocket", "polling+post")}
    requests = {way: talk.requests for way, talk in talks.items()}
    complete = all(len(talk.down_ms) == 20 for talk in talks.values())
    push = requests["sse+post"] == requests["websocket"] == 1
    ages = {way: median(talk.down_ms) for way, talk in talks.items() if talk.down_ms}
    fresher = complete and max(ages["sse+post"], ages["websocket"]) < ages["polling+post"]
    return Evidence(
        "C03",
        "holds" if complete and push and requests["polling+post"] > 1 and fresher else "wrong",
        f"For 20 messages SSE and WebSocket made {requests['sse+post']} request each, polling "
        f"{requests['polling+post']}; and polled messages were older when they came.",
        {f"requests {way}": count for way, count in requests.items()}
        | {f"median_ms {way}": age for way, age in ages.items()},
    )


def server_pushes(lab: Lab) -> Evidence:
    """C16: open an event stream, stay silent, and receive what the server publishes."""
    channel = f"push.{secrets.token_hex(6)}"
    with EventSource(lab.sse_url(channel), ca_pem=lab.ca_pem) as source:
        asked_bytes = source.traffic.bytes_up
        sent = [f"update {number}" for number in range(10)]
        for text in sent:
            lab.publish(text, channel=channel)
        got = [message.data for message in source.take(len(sent))]
        said_bytes = source.traffic.bytes_up - asked_bytes
    return Evidence(
        "C16",
        "holds" if got == sent and said_bytes == 0 else "wrong",
        f"{len(got)} updates arrived after one request; the client sent {said_bytes} bytes meanwhile.",
        {"arrived": len(got), "bytes_up_meanwhile": said_bytes},
    )


def one_way_only(lab: Lab) -> Evidence:
    """C34: an event stream has no way up; a note to the server needs a request of its own."""
    channel = f"oneway.{secrets.token_hex(6)}"
    with (
        EventSource(lab.sse_url(channel), ca_pem=lab.ca_pem) as source,
        Publisher(lab.publish_url(channel), ca_pem=lab.ca_pem) as publisher,
    ):
        asked_bytes = source.traffic.bytes_up
        publisher.send("a note to the server")
        back = source.receive().data
        stream_bytes = source.traffic.bytes_up - asked_bytes
        post_bytes, requests = publisher.traffic.bytes_up, publisher.traffic.requests
    can_send = any(hasattr(source, name) for name in ("send", "publish", "write"))
    return Evidence(
        "C34",
        "holds" if back == "a note to the server" and stream_bytes == 0 and not can_send else "wrong",
        f"The note took {requests} request of its own with {post_bytes} bytes; "
        f"the event stream carried {stream_bytes} bytes up.",
        {"stream_bytes_up": stream_bytes, "post_bytes_up": post_bytes, "requests": requests},
    )


def anything_sse_can(lab: Lab) -> Evidence:
    """C35: same messages over both on a good line; then cut the line and see who comes back."""
    calm = {way: converse(lab, way, down=20, up=0) for way in ("sse+post", "websocket")}
    equal = all(len(talk.down_ms) == 20 for talk in calm.values())
    lost = {way: cut_line(lab, way, cuts=1).lost for way in ("sse", "websocket", "websocket, resumed")}
    by_hand = lost["websocket, resumed"] == 0
    built_in = lost["sse"] == 0 and lost["websocket"] > 0
    verdict = "wrong" if not (equal and by_hand) else "imprecise" if built_in else "holds"
    return Evidence(
        "C35",
        verdict,
        f"On a good line both deliver everything. After a cut, of 60 messages SSE lost {lost['sse']} and a plain "
        f"WebSocket {lost['websocket']}; with ids, history and a reopening loop written by hand it lost "
        f"{lost['websocket, resumed']}.",
        {f"lost {way}": count for way, count in lost.items()},
    )


def better_for_replies(lab: Lab) -> Evidence:
    """C36: raise the client's rate and look where WebSocket saves what anybody would notice."""
    found = crossover(lab, (2, 20, 200), seconds=2.5, progress=False)
    rates = sorted({cost.rate_per_s for cost in found.costs})
    begins = found.rate_per_s
    verdict = "wrong" if begins is None else "holds" if begins == rates[0] else "needs measuring"
    numbers = {f"bytes_per_reply {cost.way} {cost.rate_per_s:g}/s": cost.bytes_per_reply for cost in found.costs}
    return Evidence("C36", verdict, f"{found.text} At {rates[0]:g} a second nobody would notice.", numbers)


EXPERIMENTS: dict[str, Experiment] = {
    "C01": both_ways,
    "C03": polling_avoided,
    "C16": server_pushes,
    "C34": one_way_only,
    "C35": anything_sse_can,
    "C36": better_for_replies,
}
