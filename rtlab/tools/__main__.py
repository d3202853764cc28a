"""The command ``python -m rtlab.tools``: what is here, what can be installed, and all tools in one run.

::

    python -m rtlab.tools list
    python -m rtlab.tools install gatling jmeter artillery
    python -m rtlab.tools run all --out data/tools/2026-11-23.json
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from rtlab.errors import InputError, RtlabError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line.

    Args:
        arguments: The words after the module's name; None means those of this process.

    Returns:
        The exit code: 0; 1 if a tool has no result, or counts otherwise than the lab; 2 for an error.
    """
    options = _parser().parse_args(arguments)
    try:
        if options.command == "install":
            return _install(options.tools)
        return _run(options) if options.command == "run" else _list()
    except RtlabError as error:
        _say(f"rtlab.tools: {error}", stderr=True)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m rtlab.tools", description="Load tools, run against a lab.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="what each tool sees, and whether it is here")
    install = commands.add_parser("install", help="install tools that are no packages of Python or of the system")
    install.add_argument("tools", nargs="+", metavar="TOOL", help="gatling, jmeter, artillery")
    run = commands.add_parser("run", help="run tools and rtlab's own swarm on the same work")
    run.add_argument("tools", nargs="+", metavar="TOOL", help="names of tools, or all")
    run.add_argument("--out", type=Path, help="write the runs to this file")
    run.add_argument("--connections", type=int, default=5)
    run.add_argument("--messages", type=int, default=40)
    run.add_argument("--rate", type=float, default=20.0, help="messages a second")
    return parser


def _say(text: str, *, stderr: bool = False) -> None:
    Console(stderr=stderr, highlight=False, markup=False).print(text, soft_wrap=True)


def _install(names: Sequence[str]) -> int:
    from rtlab.tools.install import install_tool

    for name in names:
        _say(f"{name}: {install_tool(name)}")
    return 0


def _list() -> int:
    from rtlab.results.tool_support import tools

    _say(repr(tools()))
    return 0


def _run(options: argparse.Namespace) -> int:
    from rtlab.results.load_tools import SWARM, compare
    from rtlab.servers.lab import start_lab
    from rtlab.tools.catalogue import TOOLS

    if options.out and not options.out.resolve().parent.is_dir():
        raise InputError(f"The folder of {options.out} does not exist; make it first.")
    names = (SWARM, *TOOLS) if options.tools == ["all"] else options.tools
    with start_lab("tools") as lab:
        found = compare(
            lab,
            names,
            connections=options.connections,
            messages=options.messages,
            rate_per_s=options.rate,
            kept=False,
            progress=sys.stderr.isatty(),
        )
    _say(repr(found))
    if options.out:
        _say(f"Saved: {found.save(options.out)}")
    return 1 if any(run.problem or run.agrees is False for run in found.runs) else 0


if __name__ == "__main__":
    sys.exit(main())
