"""``rtlab bench``: the suite of measurements without a notebook, with a report to hand in.

What measures is imported when it runs, so that ``rtlab -h`` answers at once.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from rtlab.errors import InputError

if TYPE_CHECKING:
    from rtlab.results.chapter import Chapter


def run(options: argparse.Namespace) -> int:
    """Measure, print what was found, and write what was asked for.

    Args:
        options: The command line's settings.

    Returns:
        The exit code: 0; 1 if a measurement failed; 130 if it was interrupted, with what is there kept.

    Raises:
        InputError: A setting cannot work.
    """
    from rich.console import Console

    from rtlab.results.bench import bench
    from rtlab.results.suite import SUITE

    console = Console(highlight=False, markup=False)
    if options.only == "list":
        for measurement in SUITE:
            console.print(f"{measurement.name}: {measurement.question}")
        return 0
    for path in (options.json, options.html):
        if path and not path.resolve().parent.is_dir():
            raise InputError(f"The folder of {path} does not exist; make it first.")

    def tell(chapter: Chapter) -> None:
        console.print(f"{chapter.name}: {chapter.question}")
        console.print(f"{chapter.error or chapter.text} ({chapter.state})\n")

    only = [name.strip() for name in (options.only or "").split(",") if name.strip()]
    found = bench(
        only,
        effort=options.effort,
        path=options.json,
        resume=options.resume,
        progress=options.progress,
        tell=tell,
    )
    if found.notice:
        console.print(found.notice)
    if options.json:
        console.print(f"Measurements: {found.save(options.json)}", soft_wrap=True)
    if options.html:
        console.print(f"Report: {found.html(options.html, author=options.author)}", soft_wrap=True)
    return 130 if found.missing else int(bool(found.failed))
