"""``probe()``: what an endpoint does on the wire, what is wrong with it, and how to mend that."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.clients.wire import Address, trusting
from rtlab.codecs.http1 import RequestHead, encode_request_head
from rtlab.codecs.websocket_handshake import opening_request
from rtlab.errors import InputError
from rtlab.figures.arrivals import figure_arrivals
from rtlab.loop_thread import shared
from rtlab.probes.examination import SCHEMES, Examination, Fact, require_headers, without_secrets
from rtlab.probes.finding import SEVERITIES, ProbeFinding, Severity
from rtlab.probes.gaps import gap_counts
from rtlab.probes.intrusion import most_s
from rtlab.probes.opening import new_key
from rtlab.probes.reports import to_html, to_json, to_junit, to_sarif, write
from rtlab.probes.run import examine_soon
from rtlab.results.direction import Finding
from rtlab.results.html_table import html_table
from rtlab.tables.schema import check

_SPARE_S = 5.0


class Probe(Finding):
    """What a probe found.

    Args:
        examination: What was found, complete or not.
    """

    def __init__(self, examination: Examination) -> None:
        self.url = without_secrets(examination.url)
        self.reached = examination.reached
        self.facts: dict[str, Fact] = dict(examination.facts)
        self.gaps_ms = examination.gaps_ms
        self._pieces = examination.pieces
        self.findings: tuple[ProbeFinding, ...] = tuple(
            sorted(examination.findings, key=lambda each: SEVERITIES.index(each.severity))
        )

    @property
    def table(self) -> pd.DataFrame:
        """One row a finding, the gravest first (``describe("probe")``)."""
        rows = [
            (each.severity, each.id, each.title, each.evidence, each.clause, each.fix.text if each.fix else "")
            for each in self.findings
        ]
        names = ["severity", "id", "title", "evidence", "clause", "fix"]
        return check(pd.DataFrame(rows, columns=names), "probe")

    @property
    def arrivals(self) -> pd.DataFrame:
        """One row a piece of the stream, or a message of the WebSocket (``describe("probe_arrivals")``)."""
        rows = [(each.at_ms, each.size_bytes, each.events, each.ends_inside) for each in self._pieces]
        return check(pd.DataFrame(rows, columns=["at_ms", "size_bytes", "events", "ends_inside"]), "probe_arrivals")

    @property
    def gaps(self) -> pd.DataFrame:
        """How long it was from one event or message to the next (``describe("probe_gaps")``)."""
        return check(pd.DataFrame(gap_counts(self.gaps_ms), columns=["gap", "count"]), "probe_gaps")

    def figure(self) -> go.Figure:
        """Draw what came when, the times between events, and the verdict on buffering."""
        return figure_arrivals(self.arrivals, self.gaps, verdict=str(self.facts.get("buffering", "")))

    @property
    def text(self) -> str:
        """How many findings of each kind there are, and the verdict on buffering, as a sentence or two."""
        if not self.reached:
            return f"{self.url} could not be reached."
        counts = Counter(each.severity for each in self.findings)
        parts = [f"{counts[severity]} {severity}" for severity in SEVERITIES if counts[severity]]
        buffering = self.facts.get("buffering")
        return (
            f"{self.url}: {', '.join(parts) or 'nothing found'}.{f' Buffering: {buffering}.' if buffering else ''}"
        )

    def at_least(self, severity: Severity) -> tuple[ProbeFinding, ...]:
        """Give the findings that are as grave as a severity, or graver.

        Args:
            severity: ``"error"``, ``"warning"``, ``"info"`` or ``"fine"``.

        Raises:
            InputError: There is no such severity.
        """
        if severity not in SEVERITIES:
            raise InputError(f"A severity is one of {', '.join(SEVERITIES)}, not {severity!r}.")
        grave_enough = SEVERITIES[: SEVERITIES.index(severity) + 1]
        return tuple(each for each in self.findings if each.severity in grave_enough)

    def to_json(self) -> dict[str, Any]:
        """Give all of it as values that JSON has."""
        return to_json(self.url, self.reached, self.facts, self.gaps_ms, self.findings)

    def save_json(self, path: str | os.PathLike[str]) -> Path:
        """Write all of it as JSON.

        Raises:
            RecordingError: The file cannot be written.
        """
        return write(self.to_json(), path)

    def save_html(self, path: str | os.PathLike[str]) -> Path:
        """Write it as one page, with the fixes, that opens without a network.

        Raises:
            RecordingError: The file cannot be written.
        """
        return write(to_html(self.url, self.text, self.facts, self._pieces, self.gaps_ms, self.findings), path)

    def save_sarif(self, path: str | os.PathLike[str]) -> Path:
        """Write the findings as SARIF 2.1.0, which code hosts show.

        Raises:
            RecordingError: The file cannot be written.
        """
        return write(to_sarif(self.url, self.findings), path)

    def save_junit(self, path: str | os.PathLike[str], *, fail_on: Severity = "error") -> Path:
        """Write the findings as JUnit XML, a test case each.

        Args:
            path: Where to.
            fail_on: From which severity on a finding is a failure.

        Raises:
            RecordingError: The file cannot be written.
            InputError: There is no such severity.
        """
        failed = self.at_least(fail_on)
        return write(to_junit(self.url, self.findings, failed), path)

    def __repr__(self) -> str:
        lines = [f"{each.severity:<8} {each.id:<22} {each.title} [{each.evidence}]" for each in self.findings]
        return "\n".join([*lines, self.text])

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        html = html_table(self.table, "Table: findings") + f"<p>{escape(self.text)}</p>"
        if self.gaps_ms:
            html += html_table(self.gaps, "Table: times between events")
        return {"text/plain": repr(self), "text/html": html}


def probe(
    url: str,
    *,
    seconds: float = 10.0,
    headers: Sequence[tuple[str, str]] = (),
    ca_pem: str = "",
    subprotocols: Sequence[str] = (),
    consent: bool = False,
    intrusive: bool = False,
) -> Probe:
    """Examine an event stream or a WebSocket, yours or one that you may test, and say what is wrong with it.

    It makes about twenty connections, one after the other, listens on one of them, and sends no message.
    All of it ends after three times ``seconds`` and 20 s more, whatever the endpoint does.

    With ``intrusive=True`` it also tries what exhausts a server: frames that are announced with 2^40 bytes, endless
    fragments, a compressed bomb of 32 MiB, long heads, a request that does not end, a reader that does not read.
    That takes up to two minutes more.

    Args:
        url: An event stream (http, https) or a WebSocket (ws, wss).
        seconds: How long it listens, 0.5 to 600; a heartbeat is seen only if it is shorter.
        headers: Further header fields, such as ``Authorization`` or ``Origin``; they stay at home
            when a redirect leads to another origin.
        ca_pem: An authority to trust instead of the system's, as ``lab.ca_pem``.
        subprotocols: What to offer to a WebSocket server that wants one.
        consent: True if the endpoint is not on this machine, and is yours or its owner agrees. A redirect to
            another host is told and not followed.
        intrusive: Also try what may exhaust the server; on this machine alone, whatever ``consent`` says.

    Returns:
        Findings with evidence, clause and fix; measured facts; the times between events.

    Raises:
        InputError: The URL or a setting cannot be used, or the URL names another machine and there is no consent.
        LocalProtocolError: A header or a sub-protocol cannot be sent.

    Spec: WHATWG HTML 9.2, RFC 6455, RFC 7692, RFC 9110
    """
    address = Address.parse(url, SCHEMES)
    if not consent and not address.is_loopback:
        raise InputError(
            f"{address.host} is not this machine, and a probe tries what its owner may not expect. "
            "If the endpoint is yours, or its owner agrees, give consent=True."
        )
    if intrusive and not address.is_loopback:
        raise InputError(
            f"{address.host} is not this machine, and what intrusive=True tries may stop a server. "
            "Run the server on 127.0.0.1 and probe it there, or leave intrusive out."
        )
    if not 0.5 <= seconds <= 600:
        raise InputError(f"seconds must be from 0.5 to 600, not {seconds!r}.")
    require_headers(tuple(headers))
    encode_request_head(RequestHead("GET", "/", tuple(headers)))
    if ca_pem:
        trusting(ca_pem)
    opening_request(address.host_header, "/", new_key(), subprotocols=subprotocols)
    examination = Examination(url, seconds, tuple(headers), ca_pem, tuple(subprotocols), intrusive=intrusive)
    limit_s = 3 * seconds + 20 + (most_s(seconds) if intrusive else 0)
    shared.hold()
    try:
        shared.call(lambda: examine_soon(examination, limit_s=limit_s), limit_s + _SPARE_S)
    finally:
        shared.release()
    return Probe(examination)
