"""``echo()``: question and answer, over one WebSocket and by POST beside an event stream."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.experiments.echo import measure_echoes
from rtlab.experiments.peer_servers import LIBRARIES, installed
from rtlab.figures.echoes import figure_echoes
from rtlab.findings.echo import Echo
from rtlab.results.measured import Measured
from rtlab.results.peers import left_out
from rtlab.results.progress import ProgressBar
from rtlab.tables.serving import echoes_table


class Echoes(Measured):
    """What a round trip cost with each library.

    Args:
        found: One for each library, way, number of clients and repeat.
        missing: The libraries that were left out, with the packages that they lack.
    """

    def __init__(self, found: Sequence[Echo], missing: Mapping[str, tuple[str, ...]]) -> None:
        self.found = tuple(found)
        self.missing = dict(missing)

    @property
    def table(self) -> pd.DataFrame:
        """One row a library, way and number of clients (``describe("echoes")``)."""
        return echoes_table(self.found)

    @property
    def text(self) -> str:
        """What POST costs more than WebSocket, library by library, as one sentence."""
        table = self.table
        most = table[table["clients"] == table["clients"].max()].set_index(["library", "way"])
        parts = []
        for library in dict.fromkeys(most.index.get_level_values("library")):
            if {(library, "sse+post"), (library, "websocket")} <= set(most.index):
                post, socket = most.loc[(library, "sse+post")], most.loc[(library, "websocket")]
                up, down = (post[name] / socket[name] for name in ("bytes_up_each", "bytes_down_each"))
                rate = post["round_trips_per_s"] / socket["round_trips_per_s"]
                parts.append(f"{library} {rate:.2f} of the round trips, {up:.1f} and {down:.1f} times the bytes")
        busier = sum(each.client_busier for each in self.found)
        return (
            f"By POST and event stream against one WebSocket, {table['clients'].max()} clients: "
            f"{'; '.join(parts) or 'no library has both'} (up and down)"
            + (f"; in {busier} of {len(self.found)} runs the client was busier than the server" if busier else "")
            + left_out(self.missing)
            + "."
        )

    def figure(self) -> go.Figure:
        """Draw the round trips a second with their intervals."""
        return figure_echoes(self.table)


def echo(
    clients: Sequence[int] = (1, 100),
    *,
    libraries: Sequence[str] = tuple(LIBRARIES),
    payload_bytes: int = 32,
    seconds: float = 0.5,
    repeats: int = 3,
    progress: bool = True,
) -> Echoes:
    """Let clients ask and wait for each answer, over a WebSocket and by POST with the answer on an event stream.

    The loop is closed: a client asks again when it has its answer. Such a loop tells how many round trips a server
    can do; it does not tell how late answers come to people who do not wait for one another. The requests are as
    short as HTTP allows; a browser's are longer by some hundred bytes.

    Args:
        clients: Numbers of clients that ask at the same time, each 1 to 500.
        libraries: Any of ``"rtlab"``, ``"tornado"``, ``"aiohttp"``, ``"websockets"`` and ``"starlette"``; those
            that are not installed are left out and named.
        payload_bytes: Size of each question, 20 to 65,536.
        seconds: How long each run counts, 0.1 to 30.
        repeats: How often each is measured, 1 to 100.
        progress: Show a progress bar.

    Returns:
        Round trips a second, processor time of the server and bytes both ways for each round trip.

    Raises:
        InputError: A setting is out of its range.
        LabError: A server or the clients failed.
        WaitTimeout: The clients did not end in time.
    """
    there, missing = installed(libraries)
    with ProgressBar(progress) as bar:
        found = measure_echoes(
            there, clients, payload_bytes=payload_bytes, seconds=seconds, repeats=repeats, progress=bar.tell
        )
    return Echoes(found, missing)
