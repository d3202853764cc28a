"""A worker of a swarm as a process: ``python -m rtlab.load.worker``.

::

    standard input                       standard output
    {"share": {...}}          ─►
                              ◄─         {"ready": true}
    {"start_ns": 123}         ─►
                              ◄─         {"progress": {...}}     each half second
                              ◄─         {"report": {...}}       or {"error": "..."}

It ends when its standard input closes: it never outlives whoever started it.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import threading
from dataclasses import asdict
from typing import Any

from rtlab.errors import RtlabError
from rtlab.findings.load import LoadProgress
from rtlab.load.crew import run_share
from rtlab.load.plan import Share


def main() -> int:
    """Do the share that standard input names.

    Returns:
        The exit code: 0, or 1 if the share cannot be done.
    """
    # To look for garbage among the objects of 10,000 connections would hold up the loop for some 50 ms, and nothing
    # that goes on here leaves any.
    gc.disable()
    try:
        share = Share.from_json(json.loads(sys.stdin.readline())["share"])
        _say("ready", True)
        start_ns = json.loads(sys.stdin.readline())["start_ns"]
    except ValueError:  # standard input was closed early
        return 1
    threading.Thread(target=_end_with_stdin, daemon=True).start()
    try:
        _say("report", run_share(share, start_ns, _tell).to_json())
    except RtlabError as error:
        _say("error", str(error))
        return 1
    return 0


def _tell(progress: LoadProgress) -> None:
    _say("progress", asdict(progress))


def _say(what: str, content: Any) -> None:
    sys.stdout.write(json.dumps({what: content}) + "\n")
    sys.stdout.flush()


def _end_with_stdin() -> None:
    # At once: nobody is there to read a report, and the system closes the connections.
    try:
        while sys.stdin.read(1):
            pass
    finally:
        os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
