"""Runs the Autobahn test suite against rtlab's WebSocket server and client, or against other libraries.

::

    run_autobahn.py                                      261 cases, both roles, with compression
    run_autobahn.py --cases all --compression off on     all 517 cases, without compression and with it
    run_autobahn.py --testee tornado websockets aiohttp websocket-client

Exit codes: 0 for all as expected, 1 for another verdict in any case of rtlab, 3 if the suite cannot be had here.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import itertools
import json
import platform
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import autobahn_peers as peers
from autobahn_suite import SUITE, Unavailable, Verdicts, free_port, try_client, try_server, wait_for_port

import rtlab
from rtlab import clock
from rtlab.clients.client import Received
from rtlab.codecs.permessage_deflate import DeflateOptions
from rtlab.errors import ConnectionEnded
from rtlab.loop_thread import shared
from rtlab.servers.server import LabServer

# Groups 9 (long messages), 12 and 13 (compression) take minutes; of the last two, one case of each kind is here.
QUICK = [
    *(f"{group}.*" for group in (1, 2, 3, 4, 5, 6, 7, 10)),
    *("12.1.1", "12.1.2", "12.1.3", "12.2.1", "12.3.1", "12.4.1", "12.5.1"),
    *("13.1.1", "13.2.1", "13.3.1", "13.4.1", "13.5.1", "13.6.1", "13.7.1"),
]
SELECTIONS = {"quick": QUICK, "all": ["*"]}
LIMITS_S = {"quick": 240, "all": 3 * 3600}
PATIENT = rtlab.Guards(
    max_message_bytes=1 << 25, max_fragments=1 << 20, max_buffered_bytes=1 << 27, idle_timeout_s=600
)


def echo_with_rtlab(url: str, compression: bool) -> None:
    """Echo with rtlab's client until the connection is over."""

    def echo(message: Received) -> None:
        sending = client.send_soon(message.data)
        with suppress(StopIteration, ConnectionEnded):
            sending.send(None)  # it writes before it waits for anything: an answer that comes later would be late
        sending.close()

    client = rtlab.WebSocket(
        url, compression=compression, max_message_bytes=1 << 25, max_fragments=1 << 20, on_received=echo
    )
    with client, suppress(ConnectionEnded):
        client.receive(timeout_s=600)


@contextmanager
def rtlab_server(compression: bool) -> Iterator[str]:
    """Run rtlab's server, with limits that the suite does not reach and no pings: it takes each for an answer."""
    server = LabServer(guards=PATIENT, compression=DeflateOptions() if compression else None, heartbeat_s=86_400)
    shared.hold()
    try:
        shared.call(server.start, 30)
        yield server.http_url.replace("http", "ws", 1) + "/echo"
        errors = [line.text for line in server.log.lines() if line.level == "error"]
        assert not errors, errors
    finally:
        shared.call(server.stop, 30)
        shared.release()


@contextmanager
def peer_server(name: str) -> Iterator[str]:
    """Run a server with another library in a process of its own."""
    port = free_port()
    command = [sys.executable, str(Path(peers.__file__)), name, str(port)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
        try:
            wait_for_port(port)
            yield f"ws://127.0.0.1:{port}/"
        finally:
            assert server.stdin
            server.stdin.close()
            server.wait(30)


def try_testee(name: str, role: str, compression: bool, cases: list[str], limit_s: float) -> Verdicts:
    """Run cases against one library in one role."""
    if role == "client":
        if name == "rtlab":
            return try_client(lambda url: echo_with_rtlab(url, compression), cases, limit_s)
        return try_client(peers.CLIENTS[name], cases, limit_s)
    if name != "rtlab":
        with peer_server(name) as url:
            return try_server(url, cases, limit_s)
    with rtlab_server(compression) as url:
        return try_server(url, cases, limit_s)


def summary(name: str, role: str, compression: bool, found: Verdicts) -> dict[str, object]:
    """Count the verdicts of one run, and name the cases that did not go well."""

    def named(*wanted: str) -> list[str]:
        return [
            case
            for case, said in sorted(found.items(), key=lambda item: [int(part) for part in item[0].split(".")])
            if {said["behavior"], said["behaviorClose"]} & set(wanted)
        ]

    return {
        "testee": name,
        "version": rtlab.__version__ if name == "rtlab" else importlib.metadata.version(name),
        "date": datetime.date.today().isoformat(),
        "python": platform.python_version(),
        "role": role,
        "compression": compression,
        "cases": len(found),
        "verdicts": dict(Counter(said["behavior"] for said in found.values()).most_common()),
        "closing": dict(Counter(said["behaviorClose"] for said in found.values()).most_common()),
        "failed": named("FAILED", "FAILED BY CLIENT", "WRONG CODE", "UNCLEAN"),
        "non_strict": named("NON-STRICT"),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description="Run the Autobahn test suite.")
    parser.add_argument("--testee", nargs="+", choices=["rtlab", *peers.NAMES], default=["rtlab"])
    parser.add_argument("--role", nargs="+", choices=["server", "client"], default=["server", "client"])
    parser.add_argument("--cases", choices=SELECTIONS, default="quick")
    parser.add_argument("--compression", nargs="+", choices=["on", "off"], default=["on"], help="for rtlab only")
    parser.add_argument("--save", type=Path, metavar="FILE", help="add the counts to this file")
    options = parser.parse_args()
    runs = []
    try:
        for name, role, switch in itertools.product(options.testee, options.role, options.compression):
            if name == "rtlab" or name in (peers.SERVERS if role == "server" else peers.CLIENTS):
                begun_ns = clock.now_ns()
                cases, limit_s = SELECTIONS[options.cases], LIMITS_S[options.cases]
                found = try_testee(name, role, switch == "on", cases, limit_s)
                took_s = round((clock.now_ns() - begun_ns) / 1e9)
                runs.append(summary(name, role, switch == "on", found) | {"took_s": took_s})
                print(json.dumps(runs[-1]), flush=True)
    except Unavailable as error:
        print(error, file=sys.stderr)
        return 3
    if options.save:
        save(options.save, runs)
    return int(any(run["testee"] == "rtlab" and (run["failed"] or run["non_strict"]) for run in runs))


def save(path: Path, runs: list[dict[str, object]]) -> None:
    """Add runs to a file, or begin one."""
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"suite": SUITE, "runs": []}
    kept["runs"] += runs
    path.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
