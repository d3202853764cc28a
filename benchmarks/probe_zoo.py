"""Holds the probe against a zoo: real servers, real proxies, and planted faults; what is found, missed, made up?

An exhibit is a server with a list of what is wrong with it. A hit is a fault of the list that the probe finds, a
miss one that it does not find, and a false alarm an error or a warning that is not on the list. Servers are used as
their documentation teaches, so some lists hold what is true of them: few look at Host, and some leave Origin to the
application.

Run: ``uv run python benchmarks/probe_zoo.py``, some three minutes; ``--save`` also writes ``data/probe_zoo.json``.
It needs ``rtlab[league]``; nginx, HAProxy and Node.js are left out with a word where they are not installed.
"""

from __future__ import annotations

import argparse
import itertools
import json
import platform
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rtlab.errors import MissingExtra
from rtlab.experiments.peer_servers import LIBRARIES
from rtlab.experiments.saturated import process
from rtlab.network import faults
from rtlab.network.faults import Fault
from rtlab.network.real_proxies import PROXIES as PROXY_NAMES
from rtlab.network.real_proxies import ProxyName, ProxySettings, RealProxy, find_proxy, proxy_version
from rtlab.results.capture import through
from rtlab.results.probe import probe
from rtlab.servers.guards import Guards
from rtlab.servers.lab import start_lab
from rtlab.stacks.serving import serving
from rtlab.stacks.stack import shipped_stack

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.probes.planted import publishing

ROOT = Path(__file__).parent.parent
FILE = ROOT / "data" / "probe_zoo.json"
AT_ONCE = 4
_SECONDS, _SECONDS_BEHIND_PROXIES = 1.0, 4.0
_FAST_PER_S, _BUSY_PER_S = 120.0, 200.0
_numbers = itertools.count()


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where an exhibit is; an empty address is not probed."""

    stream: str
    websocket: str
    ca_pem: str = ""


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One server with what is wrong with it.

    Attributes:
        name: What it is.
        serve: Runs it.
        stream: The faults of its event stream, by the ids of the probe's rules.
        websocket: Those of its WebSocket.
        seconds: How long the probe listens.
    """

    name: str
    serve: Callable[[], AbstractContextManager[Endpoints]]
    stream: frozenset[str] = frozenset()
    websocket: frozenset[str] = frozenset()
    seconds: float = _SECONDS


@dataclass(frozen=True, slots=True)
class Visit:
    """What the probe made of one endpoint of an exhibit."""

    exhibit: str
    endpoint: str
    planted: frozenset[str]
    found: frozenset[str]
    why_not: str = field(default="")

    @property
    def hits(self) -> frozenset[str]:
        """The faults that were found."""
        return self.planted & self.found

    @property
    def misses(self) -> frozenset[str]:
        """The faults that were not."""
        return self.planted - self.found

    @property
    def false_alarms(self) -> frozenset[str]:
        """What was found and is not there."""
        return self.found - self.planted


def _name() -> str:
    """Name a lab; one with the name of another would take its place."""
    return f"exhibit {next(_numbers)}"


@contextmanager
def _lab(*planted: Fault, **settings: Any) -> Iterator[Endpoints]:
    """A lab, busy, and perhaps a relay with faults before it."""
    with start_lab(_name(), heartbeat_s=0.2, **settings) as lab, publishing(lab, _FAST_PER_S):
        if not planted:
            yield Endpoints(lab.sse_url(), lab.ws_url(), lab.ca_pem)
            return
        with through(lab, *planted) as relay:
            yield Endpoints(relay.sse_url(), relay.ws_url())


@contextmanager
def _quiet_lab(*planted: Fault) -> Iterator[Endpoints]:
    with start_lab(_name()) as lab, through(lab, *planted) as relay:
        yield Endpoints(relay.sse_url(), relay.ws_url())


@contextmanager
def _proxy(name: ProxyName, settings: ProxySettings) -> Iterator[Endpoints]:
    find_proxy(name)
    with (
        start_lab(_name(), heartbeat_s=0.2) as lab,
        publishing(lab, _BUSY_PER_S),
        RealProxy(name, "127.0.0.1", lab.port, settings) as proxy,
    ):
        base = f"127.0.0.1:{proxy.port}"
        yield Endpoints(f"http://{base}/sse/news", f"ws://{base}/ws/news")


@contextmanager
def _library(name: str) -> Iterator[Endpoints]:
    library = LIBRARIES[name]
    if library.missing:
        raise MissingExtra(f"{name} needs {', '.join(library.missing)}: pip install 'rtlab[league]'.")
    with process(library.command("--rate", "50", "--compress")) as (line, _):
        ready = json.loads(line)
        yield Endpoints(ready["sse_url"] or "", ready["ws_url"] or "")


@contextmanager
def _node() -> Iterator[Endpoints]:
    with serving(shipped_stack("node-ws")) as served:
        yield Endpoints(served.events_url(1_000, 50), served.echo_url)


def _real(name: str, serve: Callable[[], AbstractContextManager[Endpoints]], *faults: str, ws: str = "") -> Exhibit:
    return Exhibit(name, serve, frozenset(faults), frozenset(ws.split()))


def _behind(name: ProxyName, title: str, settings: ProxySettings, stream: str = "", websocket: str = "") -> Exhibit:
    planted = frozenset(stream.split()), frozenset(websocket.split())
    return Exhibit(f"{name}, {title}", partial(_proxy, name, settings), *planted, _SECONDS_BEHIND_PROXIES)


def _planted(title: str, fault: Fault, stream: str = "", websocket: str = "", *, quiet: bool = False) -> Exhibit:
    serve = partial(_quiet_lab if quiet else _lab, fault)
    return Exhibit(f"planted: {title}", serve, frozenset(stream.split()), frozenset(websocket.split()))


HEALTHY = (
    _real("rtlab", _lab),
    _real("rtlab, TLS", partial(_lab, tls=True)),
    _real("rtlab, HTTP/2", partial(_lab, http2=True)),
    _real("rtlab, compression", partial(_lab, compression=True)),
    # It answers an offer of server_no_context_takeover without that parameter.
    _real("tornado", partial(_library, "tornado"), "HTTP-HOST", ws="HTTP-HOST WS-DEFLATE-OFFER"),
    _real("websockets", partial(_library, "websockets"), ws="HTTP-HOST WS-ORIGIN"),
    _real("aiohttp", partial(_library, "aiohttp"), "HTTP-HOST", ws="HTTP-HOST WS-ORIGIN"),
    _real("starlette + sse-starlette", partial(_library, "starlette"), "HTTP-HOST", ws="HTTP-HOST WS-ORIGIN"),
    _real("Node ws + better-sse", _node, "HTTP-HOST", ws="HTTP-HOST WS-ORIGIN"),
)
PROXIES = (
    _behind("nginx", "buffering off", ProxySettings(buffering=False, upgrade=True)),
    _behind("nginx", "told by the server", ProxySettings(upgrade=True)),
    # Asked with HTTP/1.0, as nginx did by default before 1.29.7; with HTTP/1.1 it passes each chunk on.
    _behind("nginx", "buffering on", ProxySettings(honours_accel=False), "SSE-BUFFERED", "WS-REFUSED"),
    _behind(
        "nginx",
        "compression",
        ProxySettings(honours_accel=False, compression=True),
        "SSE-COMPRESSED HTTP-NO-ANSWER",
        "WS-REFUSED",
    ),
    _behind("nginx", "told by the server, no upgrade", ProxySettings(), "", "WS-REFUSED"),
    _behind("haproxy", "by default", ProxySettings(no_delay=True, upgrade=True)),
    _behind("haproxy", "compression", ProxySettings(compression=True, upgrade=True), "SSE-COMPRESSED"),
)
FAULTS = (
    _planted("a buffer of 1 KiB", faults.BufferingProxy(1_024, honours_accel=False), "SSE-BUFFERED"),
    _planted(
        "a buffer that never fills",
        faults.BufferingProxy(1_000_000, honours_accel=False),
        "HTTP-NO-ANSWER",
        quiet=True,
    ),
    _planted("a buffer that heeds the server", faults.BufferingProxy()),
    _planted("gzip without flush", faults.GzipProxy(), "SSE-COMPRESSED"),
    _planted("HTTP/1.0", faults.Http10(), "HTTP-VERSION", "WS-REFUSED"),
    _planted("Last-Event-ID is dropped", faults.DropLastEventId(), "SSE-RESUME-LOST"),
    _planted("Upgrade is dropped", faults.StripUpgrade(), "", "WS-REFUSED"),
    _planted("another Content-Type, 200", faults.Answer(200), "HTTP-NOT-A-STREAM", "WS-REFUSED"),
    _planted("204", faults.Answer(204), "HTTP-STATUS", "WS-REFUSED"),
    _planted("503", faults.Answer(503), "HTTP-STATUS", "WS-REFUSED"),
    _planted("a reset", faults.Reset(after_bytes=600), "HTTP-CUT", "WS-CUT"),
    _planted("a black hole", faults.BlackHole(), "HTTP-NO-ANSWER", "HTTP-NO-ANSWER"),
    _planted("idle lines are cut", faults.IdleCut(0.3), "HTTP-CUT", "WS-CUT", quiet=True),
    _planted("latency", faults.Latency(latency_ms=40, jitter_ms=20)),
    _planted("slices of 7 bytes", faults.Slicing(7)),
    Exhibit("planted: no history", partial(_lab, history_messages=0), frozenset({"SSE-RESUME-LOST"})),
    Exhibit("planted: an instant retry", partial(_lab, retry_ms=1), frozenset({"SSE-RETRY"})),
    Exhibit(
        "planted: no guards",
        partial(_lab, guards=Guards(check_host=False, check_origin=False)),
        frozenset({"HTTP-HOST", "SSE-CORS-OPEN"}),
        frozenset({"HTTP-HOST", "WS-ORIGIN"}),
    ),
)
ZOO = HEALTHY + PROXIES + FAULTS


def visit(exhibit: Exhibit) -> list[Visit]:
    """Run an exhibit and probe its endpoints.

    Args:
        exhibit: Which one.

    Returns:
        One visit an endpoint; if it cannot run here, one that says why.
    """
    visits = []
    try:
        with exhibit.serve() as there:
            for name, url, planted in (
                ("stream", there.stream, exhibit.stream),
                ("WebSocket", there.websocket, exhibit.websocket),
            ):
                if url:
                    found = probe(url, seconds=exhibit.seconds, ca_pem=there.ca_pem).at_least("warning")
                    visits.append(Visit(exhibit.name, name, planted, frozenset(each.id for each in found)))
    except MissingExtra as error:
        return [Visit(exhibit.name, "", frozenset(), frozenset(), str(error))]
    return visits


def table(visits: list[Visit]) -> str:
    """Write the visits as a table in Markdown, with the sums."""
    lines = ["| exhibit | endpoint | hits | misses | false alarms |", "|---|---|---|---|---|"]
    for each in visits:
        if each.why_not:
            lines.append(f"| {each.exhibit} | not here: {each.why_not} | | | |")
            continue
        cells = (", ".join(sorted(ids)) or "none" for ids in (each.hits, each.misses, each.false_alarms))
        lines.append(f"| {each.exhibit} | {each.endpoint} | {' | '.join(cells)} |")
    sums = [sum(len(getattr(each, name)) for each in visits) for name in ("hits", "misses", "false_alarms")]
    return "\n".join([*lines, f"| all | {len(visits)} | {sums[0]} | {sums[1]} | {sums[2]} |"])


def save(visits: list[Visit]) -> None:
    """Write what was found, with date and versions."""
    names = ("aiohttp", "sse-starlette", "starlette", "tornado", "uvicorn", "websockets")
    versions = {"python": platform.python_version(), **{name: version(name) for name in names}}
    versions["better-sse, ws"] = shipped_stack("node-ws").version
    for proxy in PROXY_NAMES:
        try:
            versions[proxy] = proxy_version(proxy)
        except MissingExtra:
            continue
    rows = [
        {
            "exhibit": each.exhibit,
            "endpoint": each.endpoint,
            "planted": sorted(each.planted),
            "found": sorted(each.found),
        }
        for each in visits
        if not each.why_not
    ]
    content = {"date": f"{datetime.now(UTC):%Y-%m-%d}", "versions": versions, "visits": rows}
    FILE.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def main() -> int:
    """Visit all, print the table, and give the exit code: 1 for a miss or a false alarm."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--save", action="store_true", help=f"write {FILE.relative_to(ROOT)}")
    given = parser.parse_args()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        visits = [each for found in pool.map(visit, ZOO) for each in found]
    print(table(visits))
    if given.save:
        save(visits)
    return 1 if any(each.misses or each.false_alarms for each in visits) else 0


if __name__ == "__main__":
    sys.exit(main())
