"""What 50 cuts cost 10,000 messages, for each server and client design; fails if a message is unaccounted for.

Every account is checked where it is made: each message is delivered or lost. Beyond that, whoever names the last id
to a server with enough history must lose nothing, and nothing may come twice or out of order.

Run: ``uv run python benchmarks/losses.py``, some 15 minutes; ``--seeds 1`` is quicker.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict

import pandas as pd
from tqdm import tqdm

from rtlab.errors import RtlabError
from rtlab.experiments.losses import SERVERS, count_losses
from rtlab.findings.simplicity import Loss
from rtlab.servers.lab import start_lab
from rtlab.tables.losses import losses_table

LOSSLESS = {"EventSource", "WebSocket, resumed"}
SHOWN = ("cuts", "delivered", "lost", "doubled", "out_of_order", "recovery_ms", "longest_ms")


def broken_promise(loss: Loss) -> str:
    """Say what is wrong with an account that adds up; empty if nothing is."""
    found = loss.account
    if loss.client in LOSSLESS and loss.server == "ids, enough history" and found.lost:
        return f"{loss.client} lost {found.lost} with seed {loss.seed}, although the server keeps enough"
    if found.doubled or found.out_of_order:
        return f"{loss.client} with {loss.server} and seed {loss.seed}: {found}"
    return ""


def spread(table: pd.DataFrame) -> pd.DataFrame:
    """Give medians and the range over the seeds, one row a pair."""

    def told(column: pd.Series) -> str:
        if column.isna().all():
            return "never"
        low, middle, high = (f"{value:,.0f}" for value in (column.min(), column.median(), column.max()))
        return middle if low == high else f"{middle} ({low}..{high})"

    return table.groupby(["server", "client"], sort=False)[list(SHOWN)].agg(told)


def main() -> int:
    """Cut, count, and give the exit code."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--cuts", type=int, default=50)
    parser.add_argument("--rate", type=float, default=1_000.0)
    parser.add_argument("--seeds", type=int, default=20)
    given = parser.parse_args()
    found: list[Loss] = []
    with tqdm(total=given.seeds * len(SERVERS), unit="run") as bar:
        for seed in range(1, given.seeds + 1):
            for server, resumption in SERVERS.items():
                with start_lab("losses", **asdict(resumption)) as lab:
                    try:
                        found += count_losses(
                            lab, server, events=given.events, cuts=given.cuts, rate_per_s=given.rate, seed=seed
                        )
                    except RtlabError as error:
                        print(f"{server}, seed {seed}: {error}")
                        return 1
                bar.update()
    with pd.option_context("display.width", 200, "display.max_columns", None):
        print(spread(losses_table(found)))
    wrong = [text for text in map(broken_promise, found) if text]
    sent, delivered, lost = (
        sum(getattr(each.account, name) for each in found) for name in ("sent", "delivered", "lost")
    )
    print(f"{len(found)} accounts: {sent:,} messages sent = {delivered:,} delivered + {lost:,} lost")
    for text in wrong:
        print(text)
    return 1 if wrong or delivered + lost != sent else 0


if __name__ == "__main__":
    raise SystemExit(main())
