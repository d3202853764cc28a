"""What came of attacks, as a tidy table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import pandas as pd

from rtlab.findings.attacks import Attempt
from rtlab.findings.injection import InjectedStream
from rtlab.tables.schema import rows_table

OUTCOMES = {True: "succeeded", False: "refused"}
"""The word for what came of an attempt."""


def attacks_table(attempts: Sequence[Attempt]) -> pd.DataFrame:
    """List what came of each attack, the servers side by side.

    Args:
        attempts: One for each attack and server.

    Returns:
        The ``attacks`` table (``describe("attacks")``), one row an attack and transport, in the order given.
    """
    rows: dict[tuple[str, str, str], dict[str, object]] = {}
    for attempt in attempts:
        place = attempt.family, attempt.attack, attempt.transport
        first = dict(zip(("family", "attack", "transport"), place, strict=True))
        row = rows.setdefault(place, {**first, "seen": attempt.seen, "fix": attempt.fix, "spec": attempt.spec})
        row[attempt.target.replace(" ", "_")] = OUTCOMES[attempt.succeeded]
    return rows_table(rows.values(), "attacks")


def injected_events_table(streams: Sequence[InjectedStream]) -> pd.DataFrame:
    """List the events that victims got from streams into which somebody had written.

    Args:
        streams: One for each attack and server.

    Returns:
        The ``injected_events`` table (``describe("injected_events")``), one row an event.
    """
    rows = [
        {"attack": stream.attack, "target": stream.target, "number": number, **asdict(event)}
        for stream in streams
        for number, event in enumerate(stream.events)
    ]
    return rows_table(rows, "injected_events")
