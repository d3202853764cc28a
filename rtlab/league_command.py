"""``rtlab league``: the protocol vectors without a notebook, with the verdicts and deviations in the terminal."""

from __future__ import annotations

import argparse

from rich.console import Console
from rich.padding import Padding
from rich.table import Table

from rtlab.errors import InputError
from rtlab.results.league import League, league

_TITLES = {"sse": "SSE parsers", "websocket": "WebSocket receivers"}
_COLUMNS = {
    "vectors": "vectors",
    "ok": "OK",
    "informational": "INFO.",
    "unimplemented": "UNIMPL.",
    "non_strict": "NON-STRICT",
    "failed": "FAILED",
}
_OURSELVES = "rtlab"


def run(options: argparse.Namespace) -> int:
    """Run the league, print what it found, and write what was asked for.

    Args:
        options: The command line's settings.

    Returns:
        The exit code: 0, or 1 if a vector FAILED with rtlab itself.

    Raises:
        InputError: A setting cannot work.
    """
    if options.output and not options.output.resolve().parent.is_dir():
        raise InputError(f"The folder of {options.output} does not exist; make it first.")
    found = league(options.protocol, progress=options.progress)
    console = Console(highlight=False, markup=False)
    _print_verdicts(found, console)
    _print_deviations(found, console)
    console.print(found.text)
    if options.output:
        console.print(f"League: {found.save(options.output)}", soft_wrap=True)
    ours = found.table[found.table["peer"] == _OURSELVES]
    return 1 if int(ours["failed"].sum()) else 0


def _print_verdicts(found: League, console: Console) -> None:
    for protocol, rows in found.table.groupby("protocol", sort=False):
        table = Table(box=None, padding=(0, 1, 0, 0))
        table.add_column(_TITLES[str(protocol)], no_wrap=True)
        for head in _COLUMNS.values():
            table.add_column(head, justify="right")
        for row in rows.to_dict("records"):
            table.add_row(f"{row['peer']} {row['version']}", *(str(row[name]) for name in _COLUMNS))
        console.print(table)
        console.print()


def _print_deviations(found: League, console: Console) -> None:
    for (peer, protocol), deviations in found.deviations.groupby(["peer", "protocol"], sort=False):
        console.print(f"{peer} ({protocol})")
        alike = deviations.groupby(["verdict", "consequence"], sort=False, observed=True)
        for (verdict, consequence), rows in alike:
            console.print(Padding(f"{verdict}: {consequence}", (0, 0, 0, 2), expand=False))
            console.print(Padding(", ".join(rows["vector"]), (0, 0, 0, 4), expand=False))
        console.print()
