"""``files()``: what it takes to send files, and where they become too large."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.experiments.files import SIZES_BYTES, size_limits, transfer_files
from rtlab.figures.files import figure_files
from rtlab.findings.performance import FileTransfer, SizeLimit
from rtlab.results.measured import Measured
from rtlab.results.progress import ProgressBar
from rtlab.servers.lab import start_lab
from rtlab.tables.schema import TRANSPORT_NAMES
from rtlab.tables.speeds import files_table


class Files(Measured):
    """What it took to send files over both transports.

    Args:
        found: One for each size and transport.
        limits: The largest WebSocket message of each end.
    """

    def __init__(self, found: Sequence[FileTransfer], limits: Sequence[SizeLimit]) -> None:
        self.found = tuple(found)
        self.limits = tuple(limits)

    @property
    def table(self) -> pd.DataFrame:
        """One row a size and transport (``describe("files")``)."""
        return files_table(self.found)

    @property
    def text(self) -> str:
        """Overhead and memory of the largest file that arrived, and the limits, as a few sentences."""
        arrived = self.table[self.table["refused"] == ""].groupby("transport", observed=True).tail(1)
        parts = [
            f"{TRANSPORT_NAMES[row['transport']]} ({row['form']}) {row['overhead_percent']:.3g} % more bytes and "
            f"{row['memory_bytes'] / row['size_bytes']:.1f} times its size in memory"
            for row in arrived.to_dict("records")
        ]
        ends = [
            f"the {each.end} takes WebSocket messages of up to {each.largest_bytes:,} bytes and closes with "
            f"{each.close_code} for one more"
            for each in self.limits
        ]
        return f"The largest file that arrived: {'; '.join(parts)}. By default {'; '.join(ends)}."

    def figure(self) -> go.Figure:
        """Draw speed and memory against size."""
        return figure_files(self.table)


def files(
    sizes_bytes: Sequence[int] = SIZES_BYTES,
    *,
    repeats: int = 3,
    progress: bool = True,
) -> Files:
    """Send files as binary WebSocket messages and as base64 in an event stream.

    Sender and receiver are processes of their own. The time counts from opening the connection to the last file,
    with base64 written and read. Memory is what Python's objects take at most in the receiver (``tracemalloc``),
    in a run of its own. Small files go many at a time.

    Args:
        sizes_bytes: The sizes, each from 1 to 67,108,864.
        repeats: How often each is timed, 1 to 20.
        progress: Show a progress bar.

    Returns:
        Bytes, speed and memory by size, what was refused, and the limits of a fresh lab and of rtlab's client.

    Raises:
        InputError: A setting is out of its range.
        LabError: A process could not do its part.
    """
    with ProgressBar(progress) as bar:
        found = transfer_files(sizes_bytes, repeats=repeats, progress=bar.tell)
    with start_lab("files") as lab:
        return Files(found, size_limits(lab))
