"""What became of conversations through the relay and through real proxies, as a tidy table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import pandas as pd

from rtlab.findings.proxies import ProxyBehaviour
from rtlab.tables.schema import rows_table


def proxy_behaviours_table(behaviours: Sequence[ProxyBehaviour]) -> pd.DataFrame:
    """List what became of each conversation.

    Args:
        behaviours: One for each conversation and setting.

    Returns:
        The ``proxy_behaviours`` table (``describe("proxy_behaviours")``).
    """
    rows = [
        asdict(each) | {"agree": each.agree, "nginx": each.nginx or None, "haproxy": each.haproxy or None}
        for each in behaviours
    ]
    return rows_table(rows, "proxy_behaviours")
