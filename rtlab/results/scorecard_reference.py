"""Measures what stands in for a learner's own results: ``python -m rtlab.results.scorecard_reference FILE``.

It takes some minutes on a machine that does nothing else. Tools that are not installed are left out.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from rtlab.errors import MissingExtra
from rtlab.findings.scorecard import Measure
from rtlab.json_file import save_json
from rtlab.resources import data_path
from rtlab.results import security
from rtlab.results.comparison import compare
from rtlab.results.direction import exchange, outage
from rtlab.results.documents import documents
from rtlab.results.idle import idle
from rtlab.results.league import League
from rtlab.results.messages import overhead
from rtlab.results.postman import postman
from rtlab.results.programs import programs
from rtlab.results.protocol import on_the_wire
from rtlab.results.scorecard import FORMAT
from rtlab.results.scorecard_measures import measures_of
from rtlab.servers.lab import Lab, start_lab
from rtlab.surroundings import place


def measure_all(lab: Lab) -> list[Measure]:
    """Run one experiment for each measure.

    Args:
        lab: A running lab in this process.

    Returns:
        The measures.
    """
    runs: tuple[Callable[[], object], ...] = (
        lambda: exchange(lab, ("sse+post", "websocket"), progress=False),
        lambda: on_the_wire(lab).set_up(),
        lambda: security.attacks(progress=False),
        lambda: outage(lab, progress=False),
        lambda: programs(progress=False),
        lambda: idle(libraries=("rtlab",), ways=("sse", "websocket"), progress=False),
        lambda: compare(lab, transports=("sse", "websocket"), progress=False),
        lambda: overhead(lab, progress=False),
        lambda: League.load(max(data_path("league").glob("*.json"))),
        lambda: documents(lab),
        lambda: postman(lab),
    )
    found: list[Measure] = []
    for run in runs:
        try:
            found += measures_of(run())
        except MissingExtra:
            continue
    return found


def main() -> None:
    """Measure, and write the file that is named."""
    with start_lab("scorecard") as lab:
        measures = measure_all(lab)
    content = {"conditions": place.conditions(), "measures": [each.to_json() for each in measures]}
    save_json(content, Path(sys.argv[1]), format=FORMAT, what="scorecard")


if __name__ == "__main__":
    main()
