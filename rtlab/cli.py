"""The command ``rtlab``: what can be asked for on a command line, and nothing of how it is done.

Each command's module is imported when the command runs, so that ``rtlab -h`` answers at once.
"""

from __future__ import annotations

import argparse
import functools
import importlib
import json
import os
import sys
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any, TypeVar, get_args

import rtlab
from rtlab.errors import RtlabError
from rtlab.records import Transport

Number = TypeVar("Number", int, float)
Command = Callable[[argparse.Namespace], int]

TRANSPORTS: tuple[str, ...] = get_args(Transport)
SUBJECTS = (*TRANSPORTS, "sse/sseclient-py", "websocket/websocket-client")
"""What ``compare`` takes: the transports with rtlab's own clients, and two other client libraries."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line.

    Args:
        arguments: The words after ``rtlab``; None means those of this process.

    Returns:
        The exit code: 0 for done, 1 for a doctor that found a problem, 2 for an error, 130 for Ctrl-C.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal that cannot show a sign gets a question mark
            stream.reconfigure(errors="replace")
    parser, commands, switches = build_parser()
    words = list(sys.argv[1:] if arguments is None else arguments)
    options = parser.parse_args(command_first(words, commands, switches))
    run: Command = options.run
    try:
        code = run(options)
        sys.stdout.flush()  # so that a reader who has left is noticed here
        return code
    except RtlabError as error:
        print(f"rtlab: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader of our output has left, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141


def command_first(words: Sequence[str], commands: Collection[str], switches: Collection[str]) -> list[str]:
    """Move the command to the front, so that options may stand before it; without one it is ``lab``.

    Args:
        words: The command line without the program's name.
        commands: The names of the commands.
        switches: The options that take no value: a word after any other option is its value.

    Returns:
        The words with the command first; unchanged if they ask for the program's own help or version.
    """
    if words and not words[0].startswith("-"):
        return list(words)
    for at, word in enumerate(words):
        before = words[at - 1] if at else ""
        is_value = before.startswith("-") and "=" not in before and before not in switches
        if word in commands and not is_value:
            return [word, *words[:at], *words[at + 1 :]]
    if set(words) & {"-h", "--help", "--version"}:
        return list(words)
    return ["lab", *words]


def build_parser() -> tuple[argparse.ArgumentParser, Collection[str], Collection[str]]:
    """Make the parser.

    Returns:
        The parser, the names of its commands, and all options that take no value.
    """
    parser = argparse.ArgumentParser(
        prog="rtlab",
        description="A laboratory for real-time web protocols, in a notebook.",
        epilog="Without a command it is `rtlab lab`; `rtlab COMMAND -h` tells more.\nExample: rtlab --port 9000",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"rtlab {rtlab.__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    made: list[argparse.ArgumentParser] = []

    def add(name: str, run: Command, summary: str, example: str) -> argparse.ArgumentParser:
        command = commands.add_parser(
            name,
            help=summary,
            description=f"{summary[0].upper()}{summary[1:]}.",
            epilog=f"Example: {example}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        command.set_defaults(run=run)
        made.append(command)
        return command

    lab = add("lab", _lab, "open JupyterLab on the notebooks", "rtlab lab --folder my-notebooks --no-browser")
    _lab_options(lab)
    serve = add("serve", _serve, "run a server for SSE, WebSocket and polling", "rtlab serve --port 8000 --rate 10")
    _serve_options(serve)
    compare = add(
        "compare",
        _compare,
        "measure the transports side by side and write a report",
        "rtlab compare --rate 50 --transports sse,websocket --output report.html",
    )
    _compare_options(compare)
    league = add(
        "league",
        _league,
        "hold parsers and decoders against the standards, byte by byte",
        "rtlab league --protocol sse --output league.json",
    )
    _league_options(league)
    relay = add(
        "relay",
        _relay,
        "pass connections on to a server, with the faults of real networks and proxies",
        "rtlab relay --to 127.0.0.1:8000 --fault idle-cut:idle_s=60 --fault latency:latency_ms=80,jitter_ms=20",
    )
    _relay_options(relay)
    add("doctor", _doctor, "look for what will not work here, and say how to mend it", "rtlab doctor")
    switches = {name for c in made for action in c._actions if action.nargs == 0 for name in action.option_strings}
    return parser, commands.choices, switches


def _add(parser: argparse.ArgumentParser, name: str, default: object, summary: str, **settings: Any) -> None:
    parser.add_argument(name, default=default, help=f"{summary} (default: %(default)s)", **settings)


def _lab_options(parser: argparse.ArgumentParser) -> None:
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


def _serve_options(parser: argparse.ArgumentParser) -> None:
    _add(parser, "--host", "127.0.0.1", "address to listen on")
    _add(parser, "--port", 0, "TCP port; 0 lets the system choose", type=_whole(0, 65535))
    parser.add_argument(
        "--tls", action="store_true", help="serve https and wss with a certificate made on the spot"
    )
    parser.add_argument(
        "--compress",
        dest="compression",
        action="store_const",
        const={},
        help="compress WebSocket messages for clients that offer permessage-deflate",
    )
    # An isolated lab says how.
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
    parser.add_argument("--stamp", action="store_true", help="start each payload with its time, 20 digits, in ns")
    _add(parser, "--name", "default", "name of the lab")
    parser.add_argument("--until-stdin-closes", action="store_true", help=argparse.SUPPRESS)


def _compare_options(parser: argparse.ArgumentParser) -> None:
    _add(parser, "--rate", 20.0, "messages a second", type=_real(0, 1_000_000, above=True), metavar="PER_S")
    _add(parser, "--count", 100, "messages in each run", type=_whole(1, 1_000_000), metavar="N")
    _add(parser, "--payload-bytes", 64, "size of each payload", type=_whole(11, 1_048_576), metavar="N")
    _add(parser, "--transports", ",".join(TRANSPORTS), "which to compare", type=_transports, metavar="LIST")
    _add(parser, "--repeats", 5, "runs of each transport, in turns", type=_whole(1, 1000), metavar="N")
    _add(parser, "--seed", 1, "chooses the random gaps and the filler text", type=int, metavar="N")
    _add(parser, "--arrivals", "steady", "gaps between the messages", choices=("steady", "random"))
    parser.add_argument("--in-kernel", action="store_true", help="run the server in this process, not in its own")
    _add(parser, "--output", Path("report.html"), "write the report there", type=Path, metavar="FILE")
    parser.add_argument("--recording", type=Path, metavar="FILE", help="also save all deliveries, as JSON")
    parser.add_argument("--no-progress", dest="progress", action="store_false", help="show no progress bar")


def _league_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--protocol", choices=("sse", "websocket"), help="only this one (default: both)")
    parser.add_argument("--output", type=Path, metavar="FILE", help="also save all verdicts, as JSON")
    parser.add_argument("--no-progress", dest="progress", action="store_false", help="show no progress bar")


def _relay_options(parser: argparse.ArgumentParser) -> None:
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


def _lab(options: argparse.Namespace) -> int:
    from rtlab.jupyter import open_lab

    return open_lab(
        folder=options.folder,
        port=options.port,
        ip=options.ip,
        browser=not options.no_browser,
        fresh=options.fresh,
        say=functools.partial(print, flush=True),
    )


def _serve(options: argparse.Namespace) -> int:
    return int(importlib.import_module("rtlab.servers.serve").run(options))


def _compare(options: argparse.Namespace) -> int:
    return int(importlib.import_module("rtlab.compare_command").run(options))


def _league(options: argparse.Namespace) -> int:
    return int(importlib.import_module("rtlab.league_command").run(options))


def _relay(options: argparse.Namespace) -> int:
    from rtlab.relay_command import run

    return run(options, functools.partial(print, flush=True))


def _doctor(options: argparse.Namespace) -> int:
    from rtlab.environment.diagnosis import doctor

    report = doctor()
    print(report)
    return 0 if report.ok else 1


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


def _transports(text: str) -> str:
    for name in text.split(","):
        if name.strip() not in SUBJECTS:
            raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(SUBJECTS)}")
    return text
