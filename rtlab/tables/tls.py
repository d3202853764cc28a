"""What a listener learns, and what clients say to certificates, as tidy tables."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from rtlab.findings.tls import CertificateTrial, Overheard
from rtlab.tables.schema import rows_table


def overheard_table(overheard: Sequence[Overheard]) -> pd.DataFrame:
    """List what a listener learns of one conversation over each scheme.

    Args:
        overheard: One for each scheme.

    Returns:
        The ``overheard`` table (``describe("overheard")``), one row a scheme.
    """
    same = ("transport", "scheme", "token", "text", "bytes_up", "bytes_down", "gap_ms")
    rows = [
        {
            **{name: getattr(each, name) for name in same},
            "server_name": each.server_name or None,
            "first_bytes": each.message_bytes[0],
            "second_bytes": each.message_bytes[1],
        }
        for each in overheard
    ]
    return rows_table(rows, "overheard")


def certificates_table(trials: Sequence[CertificateTrial]) -> pd.DataFrame:
    """List what each client did before each certificate.

    Args:
        trials: One for each client and certificate.

    Returns:
        The ``certificates`` table (``describe("certificates")``), one row a trial.
    """
    same = ("transport", "client", "checks", "certificate", "connected")
    rows = [{**{name: getattr(trial, name) for name in same}, "said": trial.said or None} for trial in trials]
    return rows_table(rows, "certificates")
