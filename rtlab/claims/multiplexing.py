"""Experiments for the claims on HTTP/2: C02, C22, C23 and C39; of two bare ends, or of a lab that speaks HTTP/2."""

from __future__ import annotations

from rtlab.claims.evidence import Evidence, Experiment
from rtlab.experiments.connections import count_connections
from rtlab.experiments.http2_limit import exceed_stream_limit
from rtlab.experiments.http2_sharing import share_connection
from rtlab.experiments.multiplexing import (
    LINE,
    READER,
    READER_WIDE,
    WINDOW_BYTES,
    count_multiplexed,
    stand_still,
    wait_beside,
    wait_for_stream,
)
from rtlab.experiments.waiting import POOL_CONNECTIONS, page_wait_ms, page_waited, wait_for_pool, wait_in_line
from rtlab.servers.lab import Lab, start_lab

_CLIENTS = 20


def one_connection_each(lab: Lab) -> Evidence:
    """C02: open WebSockets over HTTP/1.1, and as streams of one client over HTTP/2, and count connections."""
    own, multiplexed = count_connections(lab, "websocket", _CLIENTS), count_multiplexed("websocket", _CLIENTS)
    each_has_one = own.connections == own.clients
    some_share = multiplexed.connections < multiplexed.clients
    return Evidence(
        "C02",
        "wrong" if not each_has_one else "imprecise" if some_share else "holds",
        f"{own.clients} WebSockets over HTTP/1.1 needed {own.connections} TCP connections. "
        f"{multiplexed.clients} over HTTP/2, each a stream that an extended CONNECT opened, needed "
        f"{multiplexed.connections}; a message went both ways on each.",
        {"connections HTTP/1.1": own.connections, "connections HTTP/2": multiplexed.connections},
    )


def shared_window(lab: Lab) -> Evidence:
    """C22: count the connections of event streams over HTTP/2, then stop reading one of them."""
    with start_lab(f"{lab.name}, HTTP/2", http2=True) as speaks_http2:
        own, shared = share_connection(speaks_http2, _CLIENTS)
    found = {(each.what, each.connections): each for each in stand_still()}
    together, wide, apart = found[READER, 1], found[READER_WIDE, 1], found[READER, 2]
    blocked = together.meanwhile < together.streams and apart.meanwhile == apart.streams
    return Evidence(
        "C22",
        "wrong" if not 1 == shared.connections < own.connections else "imprecise" if blocked else "holds",
        f"{shared.streams} event streams of a lab needed {own.connections} connections over HTTP/1.1, and "
        f"{shared.connections} over HTTP/2, which took {shared.opening_bytes:,} bytes to open instead of "
        f"{own.opening_bytes:,}. With {WINDOW_BYTES:,} bytes "
        f"unread on one stream, {together.meanwhile} of {together.streams} others on its connection got their "
        f"event, and {apart.meanwhile} of {apart.streams} on another connection. With twice that window for the "
        f"connection it were {wide.meanwhile} of {wide.streams}.",
        {
            "connections HTTP/1.1": own.connections,
            "connections HTTP/2": shared.connections,
            "meanwhile, same connection": together.meanwhile,
            "meanwhile, wider window": wide.meanwhile,
            "meanwhile, another connection": apart.meanwhile,
        },
    )


def limit_of_streams(lab: Lab) -> Evidence:
    """C23: hold streams in a pool of six connections, and on one connection that allows 100 streams."""
    pool, few, full = wait_for_pool(lab), wait_for_stream(POOL_CONNECTIONS), wait_for_stream()
    pool_ms, few_ms, full_ms = (page_wait_ms(spans) for spans in (pool, few, full))
    moved = page_waited(pool) and not page_waited(few)
    with start_lab(f"{lab.name}, HTTP/2", http2=True) as speaks_http2:
        *_, refused = exceed_stream_limit(speaks_http2)
    return Evidence(
        "C23",
        "wrong" if not moved else "imprecise" if page_waited(full) else "holds",
        f"With {len(pool) - 1} event streams held over HTTP/1.1, a page waited {pool_ms:.0f} ms for a "
        f"connection. With {len(few) - 1} over HTTP/2 it waited {few_ms:.0f} ms for a stream; with "
        f"{len(full) - 1}, as many as MAX_CONCURRENT_STREAMS allows, {full_ms:.0f} ms. The lab refused "
        f"{refused.streams} stream beyond its {refused.limit}, with {refused.frame}, {refused.says}.",
        {
            "wait_ms HTTP/1.1": pool_ms,
            f"wait_ms HTTP/2, {len(few) - 1} streams": few_ms,
            f"wait_ms HTTP/2, {len(full) - 1} streams": full_ms,
            "refused": refused.streams,
        },
    )


def two_kinds_of_blocking(lab: Lab) -> Evidence:
    """C39: ask for a page with something slow before it, on both versions; then hold one connection."""
    slow, behind, _ = wait_in_line(lab)
    slow_stream, beside = wait_beside()
    removed = behind.answered_ms >= slow.answered_ms and beside.answered_ms < slow_stream.answered_ms
    behind_ms, beside_ms = (page.answered_ms - page.sent_ms for page in (behind, beside))
    found = {(each.what, each.connections): each for each in stand_still()}
    together, apart = found[LINE, 1], found[LINE, 2]
    stays = together.meanwhile == 0 < apart.meanwhile
    return Evidence(
        "C39",
        "holds" if removed and stays else "imprecise" if removed or stays else "wrong",
        f"After a slow request a page took {behind_ms:.0f} ms on one HTTP/1.1 connection, and {beside_ms:.0f} ms "
        f"on one HTTP/2 connection. While that itself was held, {together.meanwhile} of {together.streams} "
        f"streams got their event; with the streams on two connections and one of them held, {apart.meanwhile}.",
        {
            "page_ms HTTP/1.1": behind_ms,
            "page_ms HTTP/2": beside_ms,
            "meanwhile, one connection": together.meanwhile,
            "meanwhile, two connections": apart.meanwhile,
        },
    )


EXPERIMENTS: dict[str, Experiment] = {
    "C02": one_connection_each,
    "C22": shared_window,
    "C23": limit_of_streams,
    "C39": two_kinds_of_blocking,
}
