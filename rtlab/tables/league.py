"""The league as tidy tables: one row a peer and vector, and one row a peer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from rtlab.tables.schema import VERDICTS, check, rows_table

_DEVIATIONS = ("NON-STRICT", "FAILED")
_SHOWN = ["peer", "vector", "clause", "expected", "got", "consequence", "verdict", "feeding", "protocol"]


def judgements_table(judgements: Iterable[Mapping[str, object]]) -> pd.DataFrame:
    """List every verdict.

    Args:
        judgements: One mapping a peer and vector, with the columns of the table as keys; others are left out.

    Returns:
        The ``judgements`` table (``describe("judgements")``).
    """
    return rows_table(judgements, "judgements")


def league_table(entrants: Iterable[Mapping[str, object]], judgements: pd.DataFrame) -> pd.DataFrame:
    """Count the verdicts of each peer.

    Args:
        entrants: One mapping a peer, with ``peer``, ``protocol``, ``version``, ``date_utc`` and ``note``.
        judgements: A ``judgements`` table.

    Returns:
        The ``league`` table (``describe("league")``), in the order of the entrants.

    Raises:
        InputError: The table does not follow its rules.
    """
    judgements = check(judgements, "judgements")
    counts = {key: rows["verdict"].value_counts() for key, rows in judgements.groupby(["protocol", "peer"])}
    none = pd.Series(0, index=list(VERDICTS))
    rows = []
    for entrant in entrants:
        found = counts.get((entrant["protocol"], entrant["peer"]), none)
        verdicts = {name: int(found[verdict]) for verdict, name in VERDICTS.items()}
        rows.append({**entrant, "vectors": int(found.sum()), **verdicts})
    return rows_table(rows, "league")


def deviations_table(judgements: pd.DataFrame) -> pd.DataFrame:
    """List what a peer does otherwise than the standard wants.

    Args:
        judgements: A ``judgements`` table.

    Returns:
        Columns ``peer``, ``vector``, ``clause``, ``expected``, ``got``, ``consequence``, ``verdict``, ``feeding``
        and ``protocol``, as in ``describe("judgements")``: the rows judged FAILED, then those judged NON-STRICT,
        peer by peer.

    Raises:
        InputError: The table does not follow its rules.
    """
    judgements = check(judgements, "judgements")
    rows = judgements[judgements["verdict"].isin(_DEVIATIONS)]
    order = {peer: place for place, peer in enumerate(judgements["peer"].unique())}
    places = rows["peer"].map(order).astype("int64")
    order_of_rows = pd.DataFrame(
        {"protocol": rows["protocol"], "place": places, "verdict": rows["verdict"].cat.codes}
    )
    ordered = order_of_rows.sort_values(
        ["protocol", "place", "verdict"], ascending=[True, True, False], kind="stable"
    )
    return rows.loc[ordered.index, _SHOWN].reset_index(drop=True)
