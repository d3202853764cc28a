"""Five minutes of slowloris, floods, slow readers, bombs and fragments against a lab with the default guards.

Lab and attacker are processes of their own, both on this machine. Meanwhile a healthy client asks for an echo, and
a new one for the page, twice a second. Prints what was seen in ten parts, and whether it is flat (see
``rtlab.results.exhaustion.Siege.is_flat``); the exit status says so, too.

Run: ``uv run python benchmarks/siege.py --seconds 300 --figure siege.html``
"""

from __future__ import annotations

import argparse
import sys

from rtlab.results.exhaustion import siege


def main() -> int:
    """Hold the siege that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=300.0, help="how long (default: %(default)s)")
    parser.add_argument("--figure", metavar="FILE", help="write the figure to this HTML file")
    options = parser.parse_args()
    held = siege(options.seconds)
    table = held.table
    part = (table["at_s"] // (options.seconds / 10)).clip(-1, 10)
    print(table.groupby(part).median().round(2).to_string(index=False))
    print(held.text)
    if options.figure:
        held.figure().write_html(options.figure)
    return 0 if held.is_flat else 1


if __name__ == "__main__":
    sys.exit(main())
