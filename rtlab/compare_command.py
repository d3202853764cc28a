"""``rtlab compare``: the comparison without a notebook, with a table in the terminal and a report to keep."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from rtlab.errors import InputError
from rtlab.results.comparison import Comparison, compare
from rtlab.results.report import write_report
from rtlab.servers.lab import start_lab
from rtlab.workload import Workload

_COLUMNS = {
    "delivered": "arrived",
    "lost": "lost",
    "median_ms": "median",
    "median_low_ms": "from",
    "median_high_ms": "to",
    "p99_ms": "p99",
}


def run(options: argparse.Namespace) -> int:
    """Compare, print the result and write what was asked for.

    Args:
        options: The command line's settings.

    Returns:
        The exit code: 0, or 1 if a validity check failed.

    Raises:
        InputError: A setting cannot work.
    """
    for path in (options.output, options.recording):
        if path and not Path(path).resolve().parent.is_dir():
            raise InputError(f"The folder of {path} does not exist; make it first.")
    workload = Workload(
        rate_per_s=options.rate,
        count=options.count,
        payload_bytes=options.payload_bytes,
        arrivals=options.arrivals,
        seed=options.seed,
    )
    transports = tuple(name.strip() for name in options.transports.split(",") if name.strip())
    with start_lab("compare", isolated=not options.in_kernel) as lab:
        result = compare(
            lab,
            workload,
            transports,
            repeats=options.repeats,
            precision=options.precision,
            most_s=options.most_s,
            pin=options.pin,
            progress=options.progress,
        )
    _print(result)
    if options.recording:
        print(f"Recording: {result.save(options.recording)}")
    if options.output:
        print(f"Report: {write_report(result, options.output)}")
    return 0 if result.valid else 1


def _print(result: Comparison) -> None:
    title = "Latency from the scheduled time, in ms; the median with its 95 % interval"
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD)
    table.add_column("transport", no_wrap=True)
    for head in _COLUMNS.values():
        table.add_column(head, justify="right", no_wrap=True)
    for _, row in result.summary.iterrows():
        name = row["transport"] if row["client"] == "rtlab" else f"{row['transport']}/{row['client']}"
        cells = [row[column] for column in _COLUMNS]
        table.add_row(name, *(f"{cell:.3f}" if isinstance(cell, float) else str(cell) for cell in cells))
    console = Console()
    console.print(table)
    console.print(result.verdict, highlight=False, markup=False)
