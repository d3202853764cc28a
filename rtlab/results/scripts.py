"""``scenario()`` and ``scripts()``: an experiment as load scripts that anybody can run by hand."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from rtlab.errors import InputError
from rtlab.exports.artillery import ARTILLERY_PROCESSOR, artillery_processor, artillery_script
from rtlab.exports.gatling import GATLING_CLASS, gatling_script
from rtlab.exports.jmeter import jmeter_script
from rtlab.exports.k6 import k6_script
from rtlab.exports.locust import locust_script
from rtlab.exports.scenario import Scenario
from rtlab.results.text_files import write_files
from rtlab.servers.address import Addresses

WRITERS: dict[str, dict[str, Callable[[Scenario], str]]] = {
    "k6": {"k6.js": k6_script},
    "gatling": {f"{GATLING_CLASS}.java": gatling_script},
    "locust": {"locustfile.py": locust_script},
    "jmeter": {"jmeter.jmx": jmeter_script},
    "artillery": {"artillery.yml": artillery_script, ARTILLERY_PROCESSOR: artillery_processor},
}
"""What writes each file, by tool and file name."""


def scenario(
    lab: Addresses,
    channel: str = "news",
    *,
    connections: int = 5,
    messages: int = 40,
    rate_per_s: float = 20.0,
    payload_bytes: int = 64,
    p95_limit_ms: float | None = None,
) -> Scenario:
    """Describe a load on a channel of a lab; for another server make a ``Scenario`` with its addresses.

    Args:
        lab: A lab; it must send the messages itself while a script runs.
        channel: The channel's name.
        connections: How many connections of each kind, 1 to 10,000.
        messages: How many messages each waits for, 1 to 100,000.
        rate_per_s: How many a second come, above 0 to 10,000.
        payload_bytes: How large each is, 48 to 65,536.
        p95_limit_ms: A check: 95 of 100 messages must be younger on arrival; None for no such check.

    Raises:
        InputError: A setting is out of its range.
    """
    return Scenario(
        lab.sse_url(channel),
        lab.ws_url(channel),
        connections,
        messages,
        rate_per_s,
        payload_bytes,
        p95_limit_ms=p95_limit_ms,
    )


def scripts(work: Scenario, folder: str | os.PathLike[str] | None = None) -> dict[str, str]:
    """Write a scenario as scripts for k6, Gatling, Locust, JMeter and Artillery.

    The command that runs each stands in its first lines.

    Args:
        work: What to do.
        folder: An existing folder to write the files to; None writes none.

    Returns:
        The text of each file by its name.

    Raises:
        InputError: The folder does not exist.
        RecordingError: A file cannot be written.
    """
    written = {name: write(work) for writers in WRITERS.values() for name, write in writers.items()}
    if folder is not None:
        if not Path(folder).is_dir():
            raise InputError(f"The folder {os.fspath(folder)!r} does not exist; make it first.")
        write_files(written, Path(folder))
    return written
