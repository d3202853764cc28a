"""May these figures be believed? Every way in which an experiment can fool its reader, checked one by one.

A transport that is merely slow fails no check. What fails is shown beside the figures and never hidden: an
invalid run is a lesson too.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from rtlab.errors import InputError
from rtlab.records import Recording
from rtlab.tables.build import connections_table, deliveries_table, runs_table
from rtlab.tables.schema import TABLES, check
from rtlab.tables.statistics import MINIMUM_REPEATS, RESOLUTION_MS, summary
from rtlab.tables.validity_measures import (
    broken_rounds,
    clock_gap_ms,
    cold_factor,
    number,
    others_share,
    plan_deviation_ms,
    server_lag_ms,
    tail_s,
    working_shares,
)

OTHERS_LIMIT = 0.25
"""How much of all cores others may use: on two cores half a core; the server and the client need the rest."""
# A process that uses more than this share of a core queues what arrives, and then measures its own queue.
_CPU_LIMIT = 0.8
# A process that two share is busy for each message with this chance: above, the median itself is one of waiting.
_SHARED_LIMIT = 0.5
# The gap between messages at 20 a second, the course's usual rate: a shorter stall delays one message at most.
_STALL_LIMIT_MS = 50.0
# The coarsest timer in use ticks every 15.6 ms (Windows); a server that is later than that is overloaded.
_LAG_LIMIT_MS = 20.0
# A plan is exact; this is room for its rounding, and too little for the jitter of real sending.
_PLAN_LIMIT_MS = 0.01
# An interval half as wide as the median itself tells little more than the order of magnitude.
_WIDTH_LIMIT = 0.5
# Polling in step with the schedule can make the first messages up to 2 times slower; a cold start does more.
_COLD_LIMIT = 3.0
# A run ends with its last arrival; closing handshakes and their timeouts take seconds.
_TAIL_LIMIT_S = 0.5


def validity(recording: Recording) -> pd.DataFrame:
    """Check everything that can make the figures of a recording false.

    The recording's ``conditions`` must say ``drawn``: whether anything was drawn while measuring. They hold
    ``clock_offset_ms`` and ``clock_error_ms`` if the server's clock was compared with the client's, ``route`` and
    ``machine_cores``, and ``precision`` if one was asked for: half the width of an interval by its median.

    Args:
        recording: What an experiment saw.

    Returns:
        The ``validity`` table (``describe("validity")``), one row a check, always the same checks in the same
        order. A check whose ``measured`` is missing could not be made and has not passed.

    Raises:
        InputError: The recording has no runs or no deliveries, or its workload does not say its ``count``.
    """
    if not recording.runs or not recording.deliveries:
        raise InputError("The recording has no runs or no deliveries, so there is nothing to check.")
    deliveries, runs = deliveries_table(recording), runs_table(recording)
    connections = connections_table(recording)
    once = deliveries[~deliveries["duplicate"]]
    rows_per_run = once.groupby("run_id").size().reindex(runs["run_id"], fill_value=0)
    failed = connections["opened_ns"].isna() | (connections["error"] != "")
    causeless = (once["received_ns"] <= once["sent_ns"]).fillna(False)
    repeats = runs.groupby(["transport", "client"], observed=True).size()
    medians = summary(deliveries)
    widths = (medians["median_high_ms"] - medians["median_low_ms"]) / medians["median_ms"]
    in_kernel = recording.conditions.get("route") == "in kernel"
    shares = working_shares(runs, in_kernel)

    rows = [
        _at_most(
            "every connection opened",
            int(failed.sum()),
            0,
            "connections",
            "A client that is not there is not served, and the others are served faster.",
        ),
        _at_most(
            "every message has its row",
            int(np.abs(runs["expected"].to_numpy() - rows_per_run.to_numpy()).sum()),
            0,
            "messages",
            "Without the rows of lost messages, the survivors alone tell the story.",
        ),
        _at_most(
            "nothing was lost",
            int(runs["lost"].sum()),
            0,
            "messages",
            "Whoever delivers less has less to do; speed counts only at equal work.",
        ),
        _at_most(
            "nothing came twice",
            int(runs["duplicated"].sum()),
            0,
            "messages",
            "Messages that repeat cost time and bytes which the other transport did not spend.",
        ),
        _at_most(
            "latency counts from the plan",
            plan_deviation_ms(once, recording),
            _PLAN_LIMIT_MS,
            "ms",
            "If the plan moves with the sending, a server that is late is never seen to be late.",
        ),
        _at_most(
            "messages arrived after they were sent",
            int(causeless.sum()),
            0,
            "messages",
            "A stamp taken at the server, or a clock that is wrong, leaves out the way itself.",
        ),
        _at_most(
            "the server kept the plan",
            server_lag_ms(once),
            _LAG_LIMIT_MS,
            "ms",
            "95 of 100 messages must leave on time, or the wait is the server's and not the transport's.",
        ),
        _at_most(
            "the client had time to spare",
            float(shares["client"].max(skipna=False)),
            _CPU_LIMIT,
            "of a core",
            "A busy client lets messages lie before it stamps them; then it measures itself.",
        ),
        _at_most(
            "the server had time to spare",
            float(shares["server"].max(skipna=False)),
            _CPU_LIMIT,
            "of a core",
            "A server that has no time left sends late, whatever the transport; in one kernel both count as one.",
        ),
        _at_most(
            "server and client did not wait for one interpreter",
            float(shares["client"].max()) if in_kernel else 0.0,
            _SHARED_LIMIT,
            "of a core",
            "In one kernel only one of the two runs at a time; start_lab(isolated=True) gives each its own.",
        ),
        _at_most(
            "the machine was left to us",
            others_share(runs, recording.conditions),
            OTHERS_LIMIT,
            "of all cores",
            "Other programs, or other machines on the same hardware, take the processor when a message comes.",
        ),
        _at_most(
            "the loop was not held up",
            float(runs["stall_ms"].max()),
            _STALL_LIMIT_MS,
            "ms",
            "While the loop stands still, every message waits, whatever carried it.",
        ),
        _at_most(
            "the first messages were warm",
            cold_factor(once, recording.workload),
            _COLD_LIMIT,
            "times",
            "The first tenth of the messages must not be far slower than the rest, or the warm-up was too short.",
        ),
        _at_most(
            "runs ended with their last message",
            tail_s(once, recording),
            _TAIL_LIMIT_S,
            "s",
            "Time spent on closing is no time of delivery and makes rates too low.",
        ),
        _at_least(
            "there were enough repeats",
            int(repeats.min()),
            MINIMUM_REPEATS,
            "runs",
            "One run cannot show how much runs differ.",
        ),
        _at_most(
            "the transports took turns",
            broken_rounds(runs),
            0,
            "rounds",
            "If one goes first and the other last, a change of the machine looks like a difference.",
        ),
        _at_most(
            "the interval is narrow",
            float(widths.max(skipna=False)),
            2 * number(recording.conditions, "precision", _WIDTH_LIMIT / 2),
            "of the median",
            "A wide interval means: measure longer, or on a quieter machine.",
        ),
        _at_most(
            "nothing was drawn while measuring",
            number(recording.conditions, "drawn", np.nan),
            0,
            "(1 is yes)",
            "Drawing takes the processor from the client that stamps the messages.",
        ),
        _at_most(
            "the clocks agree",
            clock_gap_ms(recording.conditions),
            RESOLUTION_MS,
            "ms",
            "Two clocks that differ add their difference to latencies; counted is what is beyond the error.",
        ),
    ]
    names = [column.name for column in TABLES["validity"]]
    return check(pd.DataFrame(rows, columns=names), "validity")


def is_valid(report: pd.DataFrame) -> bool:
    """Tell whether every check has passed.

    Args:
        report: A ``validity`` table.

    Returns:
        True if there is nothing to object to.
    """
    return bool(check(report, "validity")["passed"].all())


Row = tuple[str, bool, float, float, str, str]


def _at_most(name: str, measured: float, limit: float, unit: str, meaning: str) -> Row:
    return name, bool(measured <= limit), measured, limit, unit, meaning


def _at_least(name: str, measured: float, limit: float, unit: str, meaning: str) -> Row:
    return name, bool(measured >= limit), measured, limit, unit, meaning
