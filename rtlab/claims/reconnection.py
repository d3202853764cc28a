"""Experiments for the claims on coming back after a break: C32."""

from __future__ import annotations

from rtlab.claims.evidence import Evidence, Experiment
from rtlab.results.status_matrix import BREAKS, status_matrix
from rtlab.servers.lab import Lab

_TRIED = (
    *BREAKS,
    "opens, ends, then 503",
    "204 No Content",
    "301 Moved Permanently",
    "401 Unauthorized",
    "500 Internal Server Error",
    "503 Service Unavailable",
    "200, text/html",
)


def keeps_retrying(lab: Lab) -> Evidence:
    """C32: break off, refuse and redirect an EventSource, and see when it comes back. The lab is not needed."""
    matrix = status_matrix(["rtlab EventSource"], _TRIED, progress=False)
    here = [cell for cell in matrix.cells if cell.client == "rtlab EventSource"]
    back = [cell.situation for cell in here if cell.outcome == "reconnects"]
    gone = [cell.situation for cell in here if cell.state == "closed"]
    browser = [cell for cell in matrix.cells if cell.client == "Chromium EventSource"]
    chromium = [cell.situation for cell in browser if cell.outcome == "reconnects"]
    return Evidence(
        "C32",
        "wrong" if not set(BREAKS) <= set(back) else "imprecise" if gone else "holds",
        f"An EventSource came back by itself after: {'; '.join(back) or 'nothing'}. "
        f"It gave up for good after: {'; '.join(gone) or 'nothing'}. "
        f"Chromium came back after {'the same' if chromium == back else '; '.join(chromium)}.",
        {f"attempts {cell.situation}": cell.attempts for cell in here},
    )


EXPERIMENTS: dict[str, Experiment] = {"C32": keeps_retrying}
