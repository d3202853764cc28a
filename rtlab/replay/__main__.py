"""Make the recordings of notebooks: ``python -m rtlab.replay record notebooks/*.ipynb``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rtlab.replay.record import record_notebook
from rtlab.resources import data_path


def main(arguments: list[str] | None = None) -> None:
    """Record the notebooks that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m rtlab.replay", description=__doc__)
    parser.add_argument("command", choices=["record"])
    parser.add_argument("notebooks", nargs="+", type=Path, metavar="NOTEBOOK")
    parser.add_argument("--to", type=Path, help="folder of the recordings; that of rtlab's data if left out")
    options = parser.parse_args(arguments)
    folder = options.to or data_path() / "replays"
    folder.mkdir(exist_ok=True)
    for notebook in options.notebooks:
        path = record_notebook(notebook, folder)
        sys.stdout.write(f"{path.name}: {path.stat().st_size:,} bytes\n")


if __name__ == "__main__":
    main()
