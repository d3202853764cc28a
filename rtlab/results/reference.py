"""``reference()``: measurements of other machines that come with rtlab."""

from __future__ import annotations

from rtlab.resources import data_path
from rtlab.results.bench import Bench

FOLDER = "reference_runs"


def reference() -> tuple[Bench, ...]:
    """Load the reference runs, each named by its machine and date.

    ``performance.reference()[0].behind(result.figure())`` draws one behind a figure of your own, in grey. A machine
    is not a goal: what may be compared with it are ratios and shapes.

    Returns:
        The runs, in the order of their file names.

    Raises:
        RecordingError: A run is damaged.
    """
    return tuple(Bench.load(path) for path in sorted(data_path(FOLDER).glob("*.json")))
