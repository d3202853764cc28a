"""What may be said of a deliveries table: medians with intervals, percentiles, and "no clear difference".

Messages of one run share its weather (a busy machine, a slow start), so a hundred messages of one run are not a
hundred witnesses. The bootstrap here therefore draws twice: runs first, then messages of the drawn runs. A handful
of runs cannot show what none of them happened to show, so what comes from drawing runs is widened by the factor
that turns a normal interval into Student's for as many runs. In simulations with 3 runs whose speeds differ by a
fifth, "95 %" then covers the truth in 95 of 100 experiments; without the widening it would in 75.

A lost message counts as one that takes for ever: losing the slow ones makes no percentile better.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from rtlab.errors import InputError
from rtlab.tables.schema import TRANSPORT_NAMES, check, rows_table

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

RESOLUTION_MS = 0.05
"""The smallest gap between two medians that is called a difference.

To wake an event loop that sleeps costs some hundredths of a millisecond on loopback, and which of two transports
pays it once more is decided by the order of callbacks, not by the protocol.
"""

MINIMUM_REPEATS = 3
"""With fewer runs of a transport, nobody can tell a difference from the weather."""

_RESAMPLES = 2000
# Student's 97.5 % points for 1 to 9 degrees of freedom.
_STUDENT = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262)
_NORMAL = 1.960


@dataclass(frozen=True, slots=True)
class Difference:
    """What the runs say about two transports, ``a`` and ``b``.

    Attributes:
        a: The first transport.
        b: The second transport.
        repeats: How many pairs of runs were compared.
        median_a_ms: Median latency of ``a``.
        median_b_ms: Median latency of ``b``.
        ratio: ``median_b_ms / median_a_ms``; below 1 where ``b`` is faster.
        ratio_low: Lower end of its 95 % interval.
        ratio_high: Upper end of its 95 % interval.
        verdict: ``"SSE is faster"``, with the name of the faster one, or ``"no clear difference"``.
        reason: Why nothing clearer can be said; empty where one is faster.
    """

    a: str
    b: str
    repeats: int
    median_a_ms: float
    median_b_ms: float
    ratio: float
    ratio_low: float
    ratio_high: float
    verdict: str
    reason: str

    @property
    def text(self) -> str:
        """The whole result as one sentence."""
        a, b = TRANSPORT_NAMES[self.a], TRANSPORT_NAMES[self.b]
        verdict = f"{self.verdict[0].upper()}{self.verdict[1:]}"
        because = f" because {self.reason}" if self.reason else ""
        medians = f"median {milliseconds(self.median_a_ms)} for {a}, {milliseconds(self.median_b_ms)} for {b}"
        ratio = f"{b} / {a} = {self.ratio:.2f}, 95 % interval {self.ratio_low:.2f} to {self.ratio_high:.2f}, "
        pairs = f"{self.repeats} pair{'s' * (self.repeats != 1)} of runs"
        return f"{verdict}{because}: {medians} ({'' if np.isnan(self.ratio_low) else ratio}{pairs})."


def summary(deliveries: pd.DataFrame, *, seed: int = 1) -> pd.DataFrame:
    """Say how long messages took, transport by transport.

    Args:
        deliveries: A ``deliveries`` table.
        seed: Chooses the resamples; the same seed gives the same intervals.

    Returns:
        The ``summary`` table (``describe("summary")``), one row a transport and client. Percentiles are latencies
        that occurred (nearest rank), infinite where too many messages were lost. A percentile needs at least one
        message beyond it: ``p95_ms`` is missing with fewer than 20 messages, ``p99_ms`` with fewer than 100.
        The interval is missing with one run, for one run cannot show how much runs differ.

        ``expected`` counts the rows that are there; :func:`rtlab.tables.validity.validity` compares them with
        what the workload wanted.
    """
    deliveries = check(deliveries, "deliveries")
    rows = []
    for (transport, client), group in deliveries.groupby(["transport", "client"], observed=True):
        runs = list(_latencies(group, "run_id").values())
        latencies = np.sort(np.concatenate(runs))
        lost = int(np.isinf(latencies).sum())
        low, high = _median_interval(runs, np.random.default_rng(seed))
        rows.append(
            {
                "transport": transport,
                "client": client,
                "runs": len(runs),
                "expected": latencies.size,
                "delivered": latencies.size - lost,
                "lost": lost,
                "duplicated": int(group["duplicate"].sum()),
                "median_ms": _median(runs),
                "median_low_ms": low,
                "median_high_ms": high,
                "p95_ms": _percentile(latencies, 95),
                "p99_ms": _percentile(latencies, 99),
                "max_ms": latencies[-1],
            }
        )
    return rows_table(rows, "summary")


def difference(
    deliveries: pd.DataFrame, a: str, b: str, *, resolution_ms: float = RESOLUTION_MS, seed: int = 1
) -> Difference:
    """Say which of two transports is faster, or that these runs cannot tell.

    Repeat k of ``a`` is compared with repeat k of ``b``: they ran side by side, so a slow minute of the machine
    struck both. There is no clear difference if the interval of the ratio does not exclude 1, if there are
    fewer than 3 repeats, or if the medians are closer than ``resolution_ms``.

    Args:
        deliveries: A ``deliveries`` table with one client for each of the two transports.
        a: The first transport, such as ``"sse"``.
        b: The second transport, such as ``"websocket"``.
        resolution_ms: The smallest gap that counts, in milliseconds, at least 0.
        seed: Chooses the resamples.

    Returns:
        The medians, their ratio with its interval, and a verdict; ``.text`` is one sentence for people.

    Raises:
        InputError: The two are not both there, have no repeat in common, or have several clients.
    """
    deliveries = check(deliveries, "deliveries")
    runs_a, runs_b = _one_client(deliveries, a), _one_client(deliveries, b)
    repeats = sorted(runs_a.keys() & runs_b.keys())
    if a == b or not repeats:
        raise InputError(f"{a} and {b} have no repeat to compare; measure both in one recording.")
    pairs_a, pairs_b = [runs_a[k] for k in repeats], [runs_b[k] for k in repeats]
    median_a, median_b = _median(pairs_a), _median(pairs_b)
    ratio, low, high = np.nan, np.nan, np.nan
    if 0 < median_a < np.inf and 0 < median_b < np.inf:
        chance = np.random.default_rng(seed)
        picks = _picks(len(repeats), chance)  # one draw of repeats for both: that keeps them paired
        ratio = median_b / median_a
        with np.errstate(invalid="ignore"):  # infinite / infinite: a resample that cannot tell
            ratios = _resampled_medians(pairs_b, picks, chance) / _resampled_medians(pairs_a, picks, chance)
        low, high = _interval(ratio, ratios, len(repeats))

    if np.isnan(ratio):
        reason = "a median is infinite (more than half was lost) or not above 0"
    elif len(repeats) < MINIMUM_REPEATS:
        reason = f"there are fewer than {MINIMUM_REPEATS} repeats"
    elif not (high < 1 or low > 1):
        reason = "the interval of the ratio does not exclude 1"
    elif abs(median_b - median_a) < resolution_ms:
        reason = f"the gap is below the {milliseconds(resolution_ms)} that can be told apart"
    else:
        reason = ""
    verdict = "no clear difference" if reason else f"{TRANSPORT_NAMES[a if ratio > 1 else b]} is faster"
    return Difference(a, b, len(repeats), median_a, median_b, ratio, low, high, verdict, reason)


def half_width(medians: pd.DataFrame) -> float:
    """Tell how far the widest interval reaches to each side, as a part of its median.

    Args:
        medians: A ``summary`` table.

    Returns:
        Half the width of the interval by the median; infinite if a transport has no interval or no median.
    """
    half = (medians["median_high_ms"] - medians["median_low_ms"]) / 2 / medians["median_ms"]
    return float(half.fillna(np.inf).max())


def milliseconds(value_ms: float) -> str:
    """Write a time for people, with three digits at most where they mean something.

    Args:
        value_ms: The time in milliseconds.

    Returns:
        Such as ``"0.314 ms"`` or ``"1,204 ms"``.
    """
    return f"{value_ms:,.0f} ms" if value_ms >= 1000 else f"{value_ms:.3g} ms"


def _one_client(deliveries: pd.DataFrame, transport: str) -> dict[int, Floats]:
    rows = deliveries[deliveries["transport"] == transport]
    clients = sorted(set(rows["client"]))
    if len(clients) != 1:
        found = " and ".join(clients) or "none"
        raise InputError(f"Comparing needs one client for {transport!r}, found {found}; select the rows of one.")
    return _latencies(rows, "repeat")


def _latencies(rows: pd.DataFrame, key: str) -> dict[int, Floats]:
    """Give the latencies of each run, lost messages as infinite, each message once."""
    once = rows[~rows["duplicate"]]
    latency_ms = once["latency_ms"].fillna(np.inf)
    return {name: run.to_numpy(dtype=np.float64) for name, run in latency_ms.groupby(once[key])}


def _percentile(ordered: Floats, percent: int) -> float:
    """Give the nearest-rank percentile, or NaN where no message lies beyond it."""
    if ordered.size * (100 - percent) < 100:
        return np.nan
    return float(ordered[-(-ordered.size * percent // 100) - 1])


def _median(runs: Sequence[Floats]) -> float:
    ordered = np.sort(np.concatenate(runs))
    return float(ordered[(ordered.size - 1) // 2])


def _median_interval(runs: Sequence[Floats], chance: np.random.Generator) -> tuple[float, float]:
    medians = _resampled_medians(runs, _picks(len(runs), chance), chance)
    return _interval(_median(runs), medians, len(runs))


def _picks(runs: int, chance: np.random.Generator) -> Integers:
    """Draw runs with replacement: how often each is drawn, one row a resample."""
    return chance.multinomial(runs, [1 / runs] * runs, size=_RESAMPLES)


def _resampled_medians(runs: Sequence[Floats], picks: Integers, chance: np.random.Generator) -> Floats:
    """Give the medians of all resamples without making them: first row runs drawn, second row messages as well.

    Drawing n messages with replacement and taking the k-th smallest is the same as looking up the sorted messages
    at the k-th smallest of n uniform numbers, and that one follows Beta(k, n - k + 1). So each resample costs one
    random number and a binary search.
    """
    values = np.concatenate(runs)
    order = np.argsort(values, kind="stable")
    owner = np.repeat(np.arange(len(runs)), [run.size for run in runs])[order]
    # below[r, i]: how many messages of run r are among the i + 1 fastest of all
    below = np.cumsum(owner == np.arange(len(runs))[:, None], axis=1)
    size = picks @ below[:, -1]
    middle = (size + 1) // 2
    rank = np.stack([middle, np.ceil(size * chance.beta(middle, size - middle + 1))])

    low, high = np.zeros(rank.shape, dtype=np.int64), np.full(rank.shape, values.size - 1)
    while (low < high).any():
        half = (low + high) // 2
        reached = np.einsum("sr,rks->ks", picks, below[:, half]) >= rank
        low, high = np.where(reached, low, half + 1), np.where(reached, half, high)
    return values[order][low]


def _interval(centre: float, resampled: Floats, runs: int) -> tuple[float, float]:
    """Take the middle 95 % of the resamples, after widening on a ratio scale what came from drawing runs."""
    if runs < 2 or not 0 < centre < np.inf or (resampled <= 0).any():
        return np.nan, np.nan
    student = _STUDENT[runs - 2] if runs - 2 < len(_STUDENT) else _NORMAL + 2.7 / (runs - 1)
    wider = (runs / (runs - 1)) ** 0.5 * student / _NORMAL
    by_run, by_message = resampled
    with np.errstate(invalid="ignore"):  # a resample of lost messages stays infinite
        widened = centre * (by_run / centre) ** wider * (by_message / by_run)
    ends = np.where(np.isfinite(by_run), widened, by_message)
    ordered = np.sort(ends[~np.isnan(ends)])
    cut = ordered.size // 40
    return float(ordered[cut]), float(ordered[-1 - cut])
