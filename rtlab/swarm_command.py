"""``rtlab swarm``: many clients against a server from the command line, with the result as a table and a file."""

from __future__ import annotations

import argparse
import math
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from rtlab.errors import InputError

if TYPE_CHECKING:
    from rtlab.results.swarm import Swarm

_COLUMNS = {
    "second": "second",
    "opened": "opened",
    "sent": "sent",
    "messages": "arrived",
    "p50_ms": "p50",
    "p99_ms": "p99",
    "max_ms": "oldest",
}


def run(options: argparse.Namespace) -> int:
    """Let the swarm loose, print the result and write what was asked for.

    Args:
        options: The command line's settings.

    Returns:
        The exit code: 0, or 1 if a validity check failed.

    Raises:
        InputError: A setting cannot work, or the server is on another machine and consent is not given.
    """
    from rtlab.results.swarm import swarm  # here, so that help does not wait for pandas

    if options.json and not options.json.resolve().parent.is_dir():
        raise InputError(f"The folder of {options.json} does not exist; make it first.")
    try:
        ca_pem = options.ca_file.read_text(encoding="ascii") if options.ca_file else ""
    except (OSError, ValueError) as error:
        raise InputError(f"{options.ca_file} cannot be read as PEM: {error}.") from error
    result = swarm(
        options.url,
        connections=options.connections,
        seconds=options.seconds,
        rate_per_s=options.rate,
        payload_bytes=options.payload_bytes,
        ramp_up_s=options.ramp_up,
        publish_url=options.publish_url,
        workers=options.workers,
        sample=options.sample,
        headers=[_header(text) for text in options.header],
        ca_pem=ca_pem,
        consent=options.consent,
        progress=options.progress,
    )
    console = Console(highlight=False, markup=False)
    console.print(_table(result))
    console.print(result.text)
    if options.json:
        console.print(f"Saved: {result.save(options.json)}", soft_wrap=True)
    return 0 if result.valid else 1


def _table(result: Swarm) -> Table:
    table = Table(title="Each second; latencies in ms", title_justify="left", box=SIMPLE_HEAD)
    for head in _COLUMNS.values():
        table.add_column(head, justify="right", no_wrap=True)
    for row in result.seconds[list(_COLUMNS)].itertuples(index=False):
        table.add_row(*(_cell(value) for value in row))
    return table


def _cell(value: int | float) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    return "–" if math.isnan(value) else f"{value:,.3f}"


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        raise InputError(f"A header is NAME:VALUE, not {text!r}.")
    return name.strip(), value.strip()
