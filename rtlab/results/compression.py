"""``compress()``: what a WebSocket's compression makes of rows of messages."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from rtlab.experiments.compressing import compress_rows
from rtlab.findings.messages import Compressed
from rtlab.results.direction import Finding
from rtlab.servers.lab import Lab
from rtlab.tables.messages import compressed_table


class CompressedRows(Finding):
    """What came back of rows of messages, compressed and not.

    Args:
        found: One for each row and setting.
    """

    def __init__(self, found: Sequence[Compressed]) -> None:
        self.found = tuple(found)

    @property
    def table(self) -> pd.DataFrame:
        """One row a row of messages and setting (``describe("compressed")``)."""
        return compressed_table(self.found)

    @property
    def text(self) -> str:
        """What the last message of each row took, as one sentence."""
        sizes: dict[str, list[str]] = {}
        for each in self.found:
            sizes.setdefault(each.load, []).append(f"{each.setting} {each.last_bytes:,}")
        parts = (f"{load}: {', '.join(told)}" for load, told in sizes.items())
        return f"Bytes of the last message: {'; '.join(parts)}."


def compress(lab: Lab) -> CompressedRows:
    """Send ten messages in a row, compressed and not, and count what each takes on the wire.

    One row is of short messages that are alike, one of a text that repeats itself, one of noise.

    Args:
        lab: The running lab, started with ``compression=True``.

    Returns:
        The first and the last message of each row: without compression, each by itself, and with context.

    Raises:
        InputError: The lab does not compress, or limits how.
    """
    return CompressedRows(compress_rows(lab))
