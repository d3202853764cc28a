"""What each command of ``rtlab`` can be told; what it does with that stands in its own module."""

from __future__ import annotations

import argparse
import functools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, get_args

from rtlab.records import Transport
from rtlab.servers.backpressure import POLICIES

Number = TypeVar("Number", int, float)

TRANSPORTS: tuple[str, ...] = get_args(Transport)
SUBJECTS = (*TRANSPORTS, "sse/sseclient-py", "websocket/websocket-client")
"""What ``compare`` takes: the transports with rtlab's own clients, and two other client libraries."""


def _add(parser: argparse.ArgumentParser, name: str, default: object, summary: str, **settings: Any) -> None:
    parser.add_argument(name, default=default, help=f"{summary} (default: %(default)s)", **settings)


def lab(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``rtlab lab``: how the notebooks are opened."""
    parser.add_argument(
        "--folder",
        type=Path,
        metavar="DIR",
        help="put the notebooks there; notebooks that you changed stay as they are "
        "(default: those of a checkout where they lie, else ./rtlab-notebooks)",
    )
    parser.add_argument("--fresh", action="store_true", help="put a fresh copy next to each notebook you changed")
    _add(parser, "--port", 8888, "TCP port; if it is taken, another one is used", type=_whole(1, 65535))
    _add(parser, "--ip", "127.0.0.1", "address to listen on", metavar="ADDRESS")
    parser.add_argument("--no-browser", action="store_true", help="print the address, open no browser")


def serve(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``rtlab serve``: what is served, and what is sent."""
    _add(parser, "--host", "127.0.0.1", "address to listen on")
    _add(parser, "--port", 0, "TCP port; 0 lets the system choose", type=_whole(0, 65535))
    parser.add_argument(
        "--tls", action="store_true", help="serve https and wss with a certificate made on the spot"
    )
    parser.add_argument(
        "--http2",
        action="store_const",
        const={},
        help="speak HTTP/2, too, with clients that choose it in the TLS handshake; brings --tls",
    )
    parser.add_argument(
        "--compress",
        dest="compression",
        action="store_const",
        const={},
        help="compress WebSocket messages for clients that offer permessage-deflate",
    )
    parser.add_argument(
        "--compress-once",
        dest="compression",
        action="store_const",
        const={"server_no_context_takeover": True},
        help="compress each message once, and send the same bytes to all: less work, more bytes",
    )
    # An isolated lab says how.
    parser.add_argument("--http2-options", dest="http2", type=json.loads, help=argparse.SUPPRESS)
    parser.add_argument("--compression", type=json.loads, help=argparse.SUPPRESS)
    parser.add_argument("--resumption", type=json.loads, default={}, help=argparse.SUPPRESS)
    parser.add_argument("--heartbeat-s", type=float, default=15.0, help=argparse.SUPPRESS)
    parser.add_argument(
        "--rate",
        type=_real(0, 1_000_000),
        metavar="PER_S",
        help="send messages on the channel `stream`, so many a second; 0 means as fast as every subscriber takes "
        "them (default: send none)",
    )
    _add(parser, "--payload-bytes", 32, "size of each payload", type=_whole(11, 1_048_576), metavar="N")
    parser.add_argument("--count", type=_whole(1), metavar="N", help="send so many messages (default: no end)")
    _add(parser, "--subscribers", 1, "wait for so many before sending", type=_whole(0), metavar="N")
    _add(parser, "--join", 1, "at rate 0, how many messages leave together", type=_whole(1, 10_000), metavar="K")
    parser.add_argument(
        "--backpressure",
        type=_backpressure,
        metavar="POLICY",
        help=f"what happens to subscribers that read too slowly: {', '.join(POLICIES)} (default: disconnect)",
    )
    parser.add_argument("--stamp", action="store_true", help="start each payload with its time, 20 digits, in ns")
    _add(parser, "--name", "default", "name of the lab")
    parser.add_argument("--until-stdin-closes", action="store_true", help=argparse.SUPPRESS)


def compare(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``rtlab compare``: what is compared."""
    _add(parser, "--rate", 20.0, "messages a second", type=_real(0, 1_000_000, above=True), metavar="PER_S")
    _add(parser, "--count", 100, "messages in each run", type=_whole(1, 1_000_000), metavar="N")
    _add(parser, "--payload-bytes", 64, "size of each payload", type=_whole(11, 1_048_576), metavar="N")
    _add(parser, "--transports", ",".join(TRANSPORTS), "which to compare", type=_transports, metavar="LIST")
    _add(parser, "--repeats", 5, "runs of each transport, in turns", type=_whole(1, 1000), metavar="N")
    parser.add_argument(
        "--precision",
        type=_real(0, 10, above=True),
        metavar="PART",
        help="go on until each interval is so narrow, such as 0.1 for 10 %% to each side of the median",
    )
    longest = _real(0, 86_400, above=True)
    _add(parser, "--most-s", 300.0, "with --precision, stop after so many seconds", type=longest, metavar="S")
    parser.add_argument("--no-pin", dest="pin", action="store_false", help="let the system choose the cores")
    _add(parser, "--seed", 1, "chooses the random gaps and the filler text", type=int, metavar="N")
    _add(parser, "--arrivals", "steady", "gaps between the messages", choices=("steady", "random"))
    parser.add_argument("--in-kernel", action="store_true", help="run the server in this process, not in its own")
    _add(parser, "--output", Path("report.html"), "write the report there", type=Path, metavar="FILE")
    parser.add_argument("--recording", type=Path, metavar="FILE", help="also save all deliveries, as JSON")
    parser.add_argument("--no-progress", dest="progress", action="store_false", help="show no progress bar")


def league(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``rtlab league``: which vectors are run."""
    parser.add_argument("--protocol", choices=("sse", "websocket"), help="only this one (default: both)")
    parser.add_argument("--output", type=Path, metavar="FILE", help="also save all verdicts, as JSON")
    parser.add_argument("--no-progress", dest="progress", action="store_false", help="show no progress bar")


def relay(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``rtlab relay``: where connections go, and what is done to them."""
    parser.add_argument("--to", metavar="HOST:PORT", help="the server; a URL will do, too")
    parser.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="NAME:SETTINGS",
        help="what is done to each connection, in this order; `--fault list` names all faults and their settings",
    )
    _add(parser, "--port", 0, "where to listen on 127.0.0.1; 0 lets the system choose", type=_whole(0, 65535))
    _add(parser, "--seed", 0, "chooses the random numbers of the faults", type=int, metavar="N")
    parser.add_argument(
        "--seconds", type=_real(0, 86_400, above=True), metavar="S", help="end after so long (default: on Ctrl-C)"
    )
    parser.add_argument(
        "--consent", action="store_true", help="needed if the server is not on this machine: its owner agrees"
    )


def swarm(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``rtlab swarm``: which clients come, and what they do."""
    parser.add_argument("url", metavar="URL", help="an event stream (http, https) or a WebSocket (ws, wss)")
    _add(parser, "--connections", 100, "how many clients", type=_whole(1), metavar="N")
    _add(parser, "--seconds", 10.0, "how long is measured", type=_real(0, 86_400, above=True), metavar="S")
    parser.add_argument(
        "--rate",
        type=float,
        metavar="PER_S",
        help="send so many messages a second in all, each when it is due (default: only listen)",
    )
    _add(parser, "--payload-bytes", 64, "size of each message that is sent, from 36", type=int, metavar="N")
    _add(parser, "--ramp-up", 1.0, "over how many seconds the connections open", type=float, metavar="S")
    parser.add_argument(
        "--publish-url", default="", metavar="URL", help="where messages are POSTed; needed for an event stream"
    )
    parser.add_argument("--workers", type=int, metavar="N", help="processes (default: all cores but one)")
    _add(parser, "--sample", 0.01, "the share of the connections that are checked in full", type=float)
    parser.add_argument(
        "--header",
        action="append",
        default=[],
        metavar="NAME:VALUE",
        help="a further header field; may be repeated",
    )
    parser.add_argument("--ca-file", type=Path, metavar="FILE", help="an authority to trust, as PEM")
    parser.add_argument(
        "--consent", action="store_true", help="needed if the server is not on this machine: its owner agrees"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also save all that was seen, as JSON")
    parser.add_argument("--no-progress", dest="progress", action="store_false", help="show no progress bar")


def bench(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``rtlab bench``: what is measured, and where it is kept."""
    parser.add_argument(
        "--only", metavar="LIST", help="measure only these, separated by commas; `--only list` names all"
    )
    effort = parser.add_mutually_exclusive_group()
    effort.add_argument("--quick", dest="effort", action="store_const", const="quick", help="see that all works")
    effort.add_argument(
        "--thorough", dest="effort", action="store_const", const="thorough", help="narrow intervals; takes long"
    )
    parser.set_defaults(effort="normal")
    parser.add_argument(
        "--json",
        type=Path,
        metavar="FILE",
        help="write everything there after each measurement; in a folder the file is named by the machine",
    )
    parser.add_argument(
        "--resume", action="store_true", help="keep what the JSON file has, and measure what is missing in it"
    )
    parser.add_argument(
        "--html", type=Path, metavar="FILE", help="write a report there that opens without a network"
    )
    parser.add_argument("--author", default="", metavar="NAME", help="who hands the report in")
    parser.add_argument("--no-progress", dest="progress", action="store_false", help="show no progress bar")


def _whole(lowest: int, highest: int = 2**31) -> Callable[[str], int]:
    return functools.partial(_number, int, lowest, highest, False)


def _real(lowest: float, highest: float, *, above: bool = False) -> Callable[[str], float]:
    return functools.partial(_number, float, lowest, highest, above)


def _number(kind: Callable[[str], Number], lowest: Number, highest: Number, above: bool, text: str) -> Number:
    try:
        value = kind(text)
    except ValueError:
        value = None
    if value is None or not lowest <= value <= highest or (above and value == lowest):
        start = "above" if above else "from"
        raise argparse.ArgumentTypeError(f"must be a number {start} {lowest} to {highest}, not {text!r}")
    return value


def _backpressure(text: str) -> dict[str, Any]:
    if text in POLICIES:
        return {"policy": text}
    try:
        return dict(json.loads(text))  # so an isolated lab says it, with the bound
    except (ValueError, TypeError):
        raise argparse.ArgumentTypeError(f"must be one of {', '.join(POLICIES)}, not {text!r}") from None


def _transports(text: str) -> str:
    for name in text.split(","):
        if name.strip() not in SUBJECTS:
            raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(SUBJECTS)}")
    return text


def probe(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``rtlab probe``: what is asked, and where the answer goes."""
    parser.add_argument("url", metavar="URL", help="an event stream (http, https) or a WebSocket (ws, wss)")
    parser.add_argument(
        "--seconds", type=float, default=10.0, metavar="S", help="how long it listens (default: %(default)s)"
    )
    parser.add_argument(
        "--header",
        action="append",
        default=[],
        metavar="NAME:VALUE",
        help="a further header field; may be repeated",
    )
    parser.add_argument(
        "--subprotocol",
        action="append",
        default=[],
        metavar="NAME",
        help="a sub-protocol to offer to a WebSocket server; may be repeated",
    )
    parser.add_argument("--ca-file", type=Path, metavar="FILE", help="an authority to trust, as PEM")
    parser.add_argument(
        "--consent",
        action="store_true",
        help="needed if the endpoint is not on this machine: it is yours, or its owner agrees",
    )
    parser.add_argument(
        "--intrusive",
        action="store_true",
        help="also try what may exhaust a server (long messages, a bomb, slow clients); on this machine alone",
    )
    for name, what in (("json", "JSON"), ("html", "a page"), ("sarif", "SARIF 2.1.0"), ("junit", "JUnit XML")):
        parser.add_argument(f"--{name}", type=Path, metavar="FILE", help=f"also save it as {what}")
    parser.add_argument(
        "--fail-on",
        choices=("error", "warning"),
        default="error",
        help="from which severity on the exit code is 1 (default: %(default)s)",
    )
    parser.add_argument(
        "--fixes", action="store_true", help="print lines for the configuration of servers and proxies"
    )
