"""The gate at the front door: public names pass as they are, unless a replay or a recording is asked for.

``RTLAB_REPLAY=1`` replays the recordings of the course, ``RTLAB_REPLAY=record`` makes them.
"""

from __future__ import annotations

import os
from typing import Any

PURE = frozenset(
    {
        "Guards",
        "Predict",
        "Quiz",
        "RtlabError",
        "Workload",
        "environment",
        "describe",
        "dissect",
        "doctor",
        "faults",
        "ledger",
    }
)
"""Names that need no network: they are the same in a replay. Whoever is not named here is replayed."""

COMPUTED = frozenset({"scorecard", "tooling.decision_record"})
"""Verbs that only compute with the results of others: a replay computes anew, and marks what comes of it."""


def gate(name: str, value: Any) -> Any:
    """Give what a public name stands for in this process.

    Args:
        name: A public name of rtlab.
        value: What it stands for when experiments run.

    Returns:
        The value itself, or a stand-in that replays or records what is done with it.
    """
    mode = os.environ.get("RTLAB_REPLAY", "").strip().lower()
    if mode in ("", "0", "no", "off", "false") or name in PURE:
        return value
    from rtlab.replay.stand_ins import stand_in

    return stand_in(name, value)


def recording() -> bool:
    """True if what happens is to be recorded, False if it is to be replayed."""
    return os.environ.get("RTLAB_REPLAY", "").strip().lower() == "record"
