"""A look at the machine before a measurement begins: whoever else is at work will be in the figures."""

from __future__ import annotations

import threading

import pandas as pd

from rtlab.experiments.processor_time import machine_cores, processor_time
from rtlab.tables.schema import TABLES, check
from rtlab.tables.validity import OTHERS_LIMIT

_LOOK_S = 0.3


def quiet() -> pd.DataFrame:
    """Look for a moment how much of the machine others use.

    Returns:
        A ``validity`` table of one row (``describe("validity")``).
    """
    before = processor_time(None)
    threading.Event().wait(_LOOK_S)
    used = processor_time(None).since(before)
    share = used.others_ns(used.at_ns) / used.at_ns / machine_cores()
    row = (
        "the machine was quiet before",
        share <= OTHERS_LIMIT,
        share,
        OTHERS_LIMIT,
        "of all cores",
        "What other programs do while a measurement is on is in its figures, and more so in those of one side.",
    )
    return check(pd.DataFrame([row], columns=[column.name for column in TABLES["validity"]]), "validity")
