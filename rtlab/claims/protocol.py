"""Experiments for the claims on the underlying protocol; those on HTTP/2 stand in a file of their own."""

from __future__ import annotations

import http.client

from rtlab.claims import multiplexing
from rtlab.claims.evidence import Evidence, Experiment
from rtlab.clients.websocket import WebSocket
from rtlab.clients.wire import Address
from rtlab.errors import InputError
from rtlab.experiments.connections import count_connections
from rtlab.experiments.framings import CHUNKS, FRAMES, UNTIL_CLOSE, framing_costs, read_framed
from rtlab.experiments.handshake import FORGED, change_one_thing, open_by_hand
from rtlab.experiments.http2_sharing import share_connection
from rtlab.experiments.opening import set_up_parts
from rtlab.experiments.passages import INTERMEDIARIES, try_intermediaries
from rtlab.experiments.waiting import wait_for_pool, wait_in_line
from rtlab.servers.lab import Lab, start_lab

_TLS_RECORD = 0x16
_CAP_OF_1999 = 2
"""Connections to one server in RFC 2616 8.1.4, the only number that HTTP/1.1 ever named."""


def own_protocol(lab: Lab) -> Evidence:
    """C06: name the layer of every byte until the first message, for a WebSocket and for an event stream."""
    layers = {
        way: {part.layer: part.wire_bytes for part in set_up_parts(lab, way) if part.direction == "down"}
        for way in ("websocket", "sse")
    }
    http_first = "HTTP/1.1" in layers["websocket"]
    after = try_intermediaries(lab, messages=3)[-1]
    frames_alone = after.arrived == 3 and after.body_bytes == 0 and after.other_bytes > 0
    return Evidence(
        "C06",
        "holds" if http_first and frames_alone and "WebSocket" in layers["websocket"] else "wrong",
        f"A reader of HTTP understood the opening handshake. Of the {after.other_bytes} bytes after the 101 it "
        "understood none: they were frames, and three messages arrived in them.",
        {f"{way}, {layer}": size for way, found in layers.items() for layer, size in found.items()}
        | {"bytes_after_101": after.other_bytes},
    )


def two_schemes(lab: Lab) -> Evidence:
    """C08: look at the first byte below ws and wss, and ask for a third scheme."""
    with start_lab(f"{lab.name}, C08", tls=True) as secured:
        first = {
            name: set_up_parts(each, "websocket")[0].first_byte for name, each in (("ws", lab), ("wss", secured))
        }
    try:
        WebSocket(lab.echo_url().replace("ws", "wsx", 1))
        third_refused = False
    except InputError:
        third_refused = True
    as_said = first == {"ws": ord("G"), "wss": _TLS_RECORD} and third_refused
    return Evidence(
        "C08",
        "holds" if as_said else "wrong",
        f"Below ws the first byte was {first['ws']:#04x}, the G of GET; below wss {first['wss']:#04x}, "
        f"a TLS record. A third scheme was {'refused' if third_refused else 'accepted'}.",
        {f"first_byte {name}": byte for name, byte in first.items()},
    )


def ports_80_and_443(lab: Lab) -> Evidence:
    """C11: list the default ports beside those of HTTP, and connect to a port that the system chose."""
    ws, wss = (Address.parse(f"{scheme}://127.0.0.1/", ("ws", "wss")).port for scheme in ("ws", "wss"))
    same = (ws, wss) == (http.client.HTTP_PORT, http.client.HTTPS_PORT)
    elsewhere = open_by_hand(lab).fits
    return Evidence(
        "C11",
        "holds" if same else "wrong",
        f"Without a port, ws means {ws} and wss {wss}, as http and https do. They are defaults: the lab's port "
        f"{lab.port} {'worked too' if elsewhere else 'did not work'}.",
        {"ws": ws, "wss": wss, "lab": lab.port},
    )


def through_intermediaries(lab: Lab) -> Evidence:
    """C12: go through a reverse proxy that drops the headers of one hop, and through one that passes them on."""
    unaware, aware = (
        {row.way: row for row in try_intermediaries(lab) if row.intermediary == name} for name in INTERMEDIARIES
    )
    passed = [bool(row["websocket"].arrived) for row in (unaware, aware)]
    streams = [bool(row["sse"].arrived) for row in (unaware, aware)]
    return Evidence(
        "C12",
        "holds" if all(passed) else "imprecise" if any(passed) else "wrong",
        f"Without Upgrade and Connection the handshake got {unaware['websocket'].status}; with both passed on, "
        f"{aware['websocket'].status}. The event stream passed {sum(streams)} of 2.",
        {"status_unaware": unaware["websocket"].status, "status_aware": aware["websocket"].status},
    )


def starts_as_http(lab: Lab) -> Evidence:
    """C13: open by hand over HTTP, then leave out the header, then change the answer."""
    done = open_by_hand(lab)
    tries = {each.change: each for each in change_one_thing(lab)}
    needed = not tries["no Upgrade"].opened and not tries["no Connection"].opened
    return Evidence(
        "C13",
        "holds" if done.fits and needed and not tries[FORGED].opened else "wrong",
        f"A request of {len(done.request)} bytes of text was answered by {done.head.status} and the accept value "
        f"computed by hand. Without Upgrade: {tries['no Upgrade'].status}. With one character of the accept value "
        f"changed, the client {'opened' if tries[FORGED].opened else 'refused'}.",
        {"status": done.head.status, "status_no_upgrade": tries["no Upgrade"].status},
    )


def one_long_connection(lab: Lab) -> Evidence:
    """C18: keep one stream, then cut it three times, and count."""
    calm, cut = (count_connections(lab, "sse", 1, cuts=cuts) for cuts in (0, 3))
    single = calm.connections == calm.requests == 1
    stays_single = cut.connections == cut.requests == 1
    return Evidence(
        "C18",
        "wrong" if not single else "holds" if stays_single else "imprecise",
        f"Undisturbed, the stream needed {calm.connections} connection and {calm.requests} request; cut "
        f"{cut.cuts} times, {cut.connections} connections and {cut.requests} requests.",
        {"connections": cut.connections, "requests": cut.requests, "cuts": cut.cuts},
    )


def cap_on_connections(lab: Lab) -> Evidence:
    """C24: open 120 event streams to one host at the same time."""
    found = count_connections(lab, "sse", 120)
    return Evidence(
        "C24",
        "outdated" if found.connections == found.clients > _CAP_OF_1999 else "holds",
        f"{found.connections} of {found.clients} event streams from one client were open at the same time over "
        f"HTTP/1.1. Nothing stopped them; the {_CAP_OF_1999} of 1999 is gone from the standard.",
        {"connections": found.connections, "clients": found.clients},
    )


def rests_on_http(lab: Lab) -> Evidence:
    """C37: read the same events framed in three ways, and follow a stream through a reader of HTTP."""
    texts = ["Hello", "two\nlines", "x" * 1_000]
    read = read_framed(texts)
    stream = try_intermediaries(lab)[0]
    costs = {cost.carrier: cost.wire_bytes - cost.payload_bytes for cost in framing_costs(("Hello",))}
    with start_lab(f"{lab.name}, HTTP/2", http2=True) as speaks_http2:
        carried = share_connection(speaks_http2, 6)
    all_there = all(each.delivered == each.streams * each.messages for each in carried)
    all_http = stream.arrived > 0 and stream.other_bytes == 0 and all_there
    return Evidence(
        "C37",
        "holds" if all_http and all(got == texts for got in read.values()) else "wrong",
        f"The same events were read in {len(read)} framings: bytes around one are {costs[UNTIL_CLOSE]} until "
        f"close, {costs[CHUNKS]} in a chunk, {costs[FRAMES]} in a DATA frame of HTTP/2. A reader of "
        f"HTTP/1.1 understood all of a stream. One lab delivered {carried[0].delivered} events over "
        f"{carried[0].version}, and {carried[1].delivered} over {carried[1].version}.",
        costs,
    )


def limit_and_blocking(lab: Lab) -> Evidence:
    """C38: wait for a full pool, then behind a slow answer, and see whether it is the same."""
    *streams, page = wait_for_pool(lab)
    slow, behind, alone = wait_in_line(lab)
    waited_ms = page.sent_ms - page.wanted_ms
    pool_waits = page.sent_ms >= streams[-1].ended_ms
    # The stream that ended was the last one: had the order mattered, the page would still wait for the first.
    any_will_do = streams[0].ended_ms >= page.answered_ms
    in_order = slow.answered_ms <= behind.answered_ms and alone.answered_ms < slow.answered_ms
    return Evidence(
        "C38",
        "wrong" if not pool_waits else "imprecise" if any_will_do and in_order else "holds",
        f"With six streams held, the seventh request waited {waited_ms:.0f} ms, until any one of them ended. That "
        f"is not head-of-line blocking: that needs only one connection. On it a page took "
        f"{behind.answered_ms - behind.sent_ms:.0f} ms behind a slow answer, and "
        f"{alone.answered_ms - alone.sent_ms:.0f} ms on a connection of its own.",
        {
            "pool_wait_ms": waited_ms,
            "behind_ms": behind.answered_ms - behind.sent_ms,
            "alone_ms": alone.answered_ms - alone.sent_ms,
        },
    )


def compatible_with_http(lab: Lab) -> Evidence:
    """C40: send both through a proxy that reads HTTP, and compare what it could read."""
    *_, stream, socket = try_intermediaries(lab, messages=10)
    handshake_read = socket.status == 101
    messages_read = socket.arrived == 10 and socket.other_bytes == 0
    return Evidence(
        "C40",
        "wrong" if not handshake_read else "holds" if messages_read else "imprecise",
        f"Of the event stream the proxy read {stream.status} and {stream.body_bytes} bytes of body; of the "
        f"WebSocket it read {socket.status}, and then {socket.other_bytes} bytes that were no HTTP.",
        {"sse_body_bytes": stream.body_bytes, "websocket_other_bytes": socket.other_bytes},
    )


EXPERIMENTS: dict[str, Experiment] = {
    "C06": own_protocol,
    "C08": two_schemes,
    "C11": ports_80_and_443,
    "C12": through_intermediaries,
    "C13": starts_as_http,
    "C18": one_long_connection,
    "C24": cap_on_connections,
    "C37": rests_on_http,
    "C38": limit_and_blocking,
    "C40": compatible_with_http,
    **multiplexing.EXPERIMENTS,
}
