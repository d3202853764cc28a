from __future__ import annotations

import pandas as pd

from rtlab.findings.proxies import ProxyBehaviour
from rtlab.tables.proxies import proxy_behaviours_table


def test_it_agrees_if_every_proxy_that_was_tried_did_the_same() -> None:
    tried = [("held", "held"), ("held", ""), ("held", "at once"), ("", "at once")]
    behaviours = [ProxyBehaviour("c", "s", "F()", "held", *each, "") for each in tried]
    table = proxy_behaviours_table(behaviours)
    assert list(table["agree"]) == [True, True, False, False]
    assert list(table["nginx"].isna()) == [False, False, False, True]


def test_where_nothing_was_tried_nothing_is_said() -> None:
    table = proxy_behaviours_table([ProxyBehaviour("c", "s", "F()", "held", "", "", "")])
    assert pd.isna(table["agree"].iloc[0])
