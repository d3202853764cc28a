"""How fast rtlab's server is, beside other Python servers and a bare loop: every row of RESULTS.md.

Everybody takes turns in rounds, each run has a fresh server on a core of its own, and a ratio is that of medians;
its spread is that of the rounds. Use a quiet machine: beside other work every figure is smaller, and not by the
same factor.

"floor" is a bare selector loop in Python that does nothing but send; "C", where it is there, is a bare epoll server
in C, which is not part of this repository (``--ruler`` names its folder). Rates are for each second of the server's
processor time, so that a server which waits for its clients is not called slow.

Run: ``uv run python benchmarks/serving/run.py --output benchmarks/RESULTS.md``; ``--only WORD`` runs some rows.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

from rows import Row, Target, rows
from tqdm import tqdm

from rtlab.clock import date_utc
from rtlab.surroundings.machine import cpu_model

PACKAGES = ("tornado", "websockets", "aiohttp", "numpy")


def measure(row: Row, rounds: int, bar: tqdm[Any]) -> dict[str, list[float]]:
    """Let all arms of a row take turns."""
    found: dict[str, list[float]] = {name: [] for name in row.arms}
    for number in range(rounds):
        names = list(row.arms)
        for name in names[number % len(names) :] + names[: number % len(names)]:
            bar.set_description_str(f"{row.name}: {name}"[:70])
            found[name].append(row.arms[name]())
            bar.update()
    return found


def judged(target: Target, found: dict[str, list[float]]) -> str:
    """Say what came out of a target, as a line of a list."""
    ours = found[target.ours]
    sign = "≥" if target.at_least else "≤"
    if target.peer:
        peers = found[target.peer]
        value = median(ours) / median(peers)
        each = [a / b for a, b in zip(ours, peers, strict=True)]
        what = f"{target.ours} / {target.peer}"
    else:
        value, each, what = median(ours), ours, target.ours
    met = value >= target.limit if target.at_least else value <= target.limit
    spread = f"{min(each):.2f} to {max(each):.2f}"
    return f"- {'met' if met else '**missed**'}: {what} = {value:.2f} ({spread}), wanted {sign} {target.limit:g}"


def told(row: Row, found: dict[str, list[float]]) -> str:
    """Write a row as Markdown."""
    lines = [f"## {row.name[0].upper()}{row.name[1:]}", "", f"| | {row.unit}, median | lowest | highest |"]
    lines.append("|---|---:|---:|---:|")
    for name, values in found.items():
        cells = " | ".join(f"{value:,.0f}" if value >= 100 else f"{value:.2f}" for value in _summary(values))
        lines.append(f"| {name} | {cells} |")
    return "\n".join([*lines, "", *(judged(target, found) for target in row.targets), ""])


def _summary(values: list[float]) -> tuple[float, float, float]:
    return median(values), min(values), max(values)


def main() -> None:
    """Measure, print, and write what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="", metavar="WORD", help="only rows whose name holds it")
    parser.add_argument("--ruler", type=Path, metavar="DIR", help="the folder of a C server `cs` to measure with")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the results there, as Markdown")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep every figure")
    options = parser.parse_args()
    chosen = [row for row in rows(options.ruler) if options.only in row.name]
    parts, kept = [], {}
    with tqdm(total=options.rounds * sum(len(row.arms) for row in chosen), file=sys.stderr) as bar:
        for row in chosen:
            found = measure(row, options.rounds, bar)
            kept[row.name] = found
            parts.append(told(row, found))
            bar.write(parts[-1])
            if options.output:  # after each row, for a run takes long
                options.output.write_text(_page(parts, options.rounds), encoding="utf-8")
            if options.json:
                options.json.write_text(json.dumps(kept, indent=1), encoding="utf-8")


def _page(parts: list[str], rounds: int) -> str:
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    load = f", load {os.getloadavg()[0]:.2f} at the end" if hasattr(os, "getloadavg") else ""
    conditions = (
        f"{date_utc()}, {cpu_model()}, {os.cpu_count()} processors, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, {versions}; {rounds} rounds{load}."
    )
    return "\n".join(["# Results of the last run", "", conditions, "", (__doc__ or "").strip(), "", *parts])


if __name__ == "__main__":
    main()
