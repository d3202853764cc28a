"""The command ``rtlab``: what can be asked for on a command line, and nothing of how it is done.

Each command's module is imported when the command runs, so that ``rtlab -h`` answers at once.
"""

from __future__ import annotations

import argparse
import functools
import importlib
import os
import sys
from collections.abc import Callable, Collection, Sequence

import rtlab
from rtlab import cli_options
from rtlab.errors import RtlabError

Command = Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line.

    Args:
        arguments: The words after ``rtlab``; None means those of this process.

    Returns:
        The exit code: 0 for done, 1 for a doctor or a probe that found a problem, 2 for an error, 130 for Ctrl-C.
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
    cli_options.lab(lab)
    serve = add("serve", _serve, "run a server for SSE, WebSocket and polling", "rtlab serve --port 8000 --rate 10")
    cli_options.serve(serve)
    compare = add(
        "compare",
        _compare,
        "measure the transports side by side and write a report",
        "rtlab compare --rate 50 --transports sse,websocket --output report.html",
    )
    cli_options.compare(compare)
    swarm = add(
        "swarm",
        _swarm,
        "load a server with many clients, and see what they see",
        "rtlab swarm ws://127.0.0.1:8000/echo --connections 1000 --rate 500 --seconds 10",
    )
    cli_options.swarm(swarm)
    bench = add(
        "bench",
        _bench,
        "measure this machine, with a report to hand in",
        "rtlab bench --quick --html report.html",
    )
    cli_options.bench(bench)
    probe = add(
        "probe",
        _probe,
        "find out what is wrong with an event stream or a WebSocket",
        "rtlab probe http://127.0.0.1:8000/sse/news --seconds 30 --fail-on warning",
    )
    cli_options.probe(probe)
    league = add(
        "league",
        _league,
        "hold parsers and decoders against the standards, byte by byte",
        "rtlab league --protocol sse --output league.json",
    )
    cli_options.league(league)
    relay = add(
        "relay",
        _relay,
        "pass connections on to a server, with the faults of real networks and proxies",
        "rtlab relay --to 127.0.0.1:8000 --fault idle-cut:idle_s=60 --fault latency:latency_ms=80,jitter_ms=20",
    )
    cli_options.relay(relay)
    add("doctor", _doctor, "look for what will not work here, and say how to mend it", "rtlab doctor")
    switches = {name for c in made for action in c._actions if action.nargs == 0 for name in action.option_strings}
    return parser, commands.choices, switches


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


def _swarm(options: argparse.Namespace) -> int:
    return int(importlib.import_module("rtlab.swarm_command").run(options))


def _bench(options: argparse.Namespace) -> int:
    return int(importlib.import_module("rtlab.bench_command").run(options))


def _probe(options: argparse.Namespace) -> int:
    return int(importlib.import_module("rtlab.probe_command").run(options))


def _league(options: argparse.Namespace) -> int:
    return int(importlib.import_module("rtlab.league_command").run(options))


def _relay(options: argparse.Namespace) -> int:
    from rtlab.relay_command import run

    return run(options, functools.partial(print, flush=True))


def _doctor(options: argparse.Namespace) -> int:
    from rtlab.surroundings.diagnosis import doctor

    report = doctor()
    print(report)
    return 0 if report.ok else 1
