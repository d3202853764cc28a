"""``python -m rtlab.stacks``: list the reference stacks, run them and keep what was found, or clean up."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from rtlab.errors import InputError, RtlabError
from rtlab.results import adoption
from rtlab.stacks.building import remove_builds

_SHOW, _SAY = (Console(highlight=False, markup=False, soft_wrap=True, stderr=stderr) for stderr in (False, True))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line.

    Args:
        arguments: The words after the program's name; None means those of this process.

    Returns:
        The exit code: 0, 1 if a stack could not be run or a step of it failed, 2 for a wrong argument.
    """
    parser = argparse.ArgumentParser(prog="python -m rtlab.stacks", description="The reference stacks.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="what there is, and what can run here")
    run = commands.add_parser("run", help="build, start and try stacks")
    run.add_argument("names", nargs="+", help="names of stacks, or all")
    run.add_argument("--output", type=Path, help="write the results to this JSON file")
    run.add_argument("--no-bench", action="store_true", help="measure no speed, as on a busy machine")
    commands.add_parser("clean", help="remove all that was built")
    options = parser.parse_args(arguments)
    try:
        return {"list": _list, "run": _run, "clean": _clean}[options.command](options)
    except RtlabError as error:
        _SAY.print(f"rtlab: {error}")
        return 2


def _clean(options: argparse.Namespace) -> int:
    _SHOW.print(f"Removed: {remove_builds()}")
    return 0


def _list(options: argparse.Namespace) -> int:
    _SHOW.print(adoption.stacks())
    return 0


def _run(options: argparse.Namespace) -> int:
    if options.output and not options.output.resolve().parent.is_dir():
        raise InputError(f"The folder of {options.output} does not exist; make it first.")
    names = None if options.names == ["all"] else options.names
    found = adoption.measure(names, bench=not options.no_bench, tell=_tell)
    _SHOW.print(found)
    table = found.table
    if options.output:
        _SHOW.print(f"Results: {found.save(options.output)}")
    return 0 if len(table) and bool(table["here"].all()) and not any(table["note"]) else 1


def _tell(done: int, total: int, what: str) -> None:
    _SAY.print(f"{done + 1} of {total}: {what}")


if __name__ == "__main__":
    sys.exit(main())
