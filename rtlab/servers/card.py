"""The small card that a lab shows in a notebook: state, addresses, open connections and the last log lines."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from rtlab.servers.guards import redact_target
from rtlab.servers.log import LogLine
from rtlab.servers.peers import OpenConnection

if TYPE_CHECKING:
    from rtlab.servers.lab import Lab

_STYLE = (
    "border:1px solid var(--jp-border-color1,#bbb);border-radius:6px;padding:.6em 1em;display:inline-block;"
    "color:var(--jp-content-font-color1,inherit);max-width:100%;overflow-x:auto"
)
_LOG_LINES = 8
_TRUST = """<details><summary>Whom a client must trust here</summary><p style="max-width:46em">
This lab speaks TLS with a certificate of its own throw-away authority, which nobody knows yet. A client that is
told to trust it believes what it signs; it signs nothing but this lab, and is gone with it. So tell one program,
for one run: <code>lab.ca_pem</code> is the authority. Written to a file, it serves curl:
<code>curl --cacert lab-ca.pem …</code>. A Chromium that is started for a test, with a profile of its own, takes
<code>--ignore-certificate-errors-spki-list=</code> with <code>lab.server.key_sha256</code>. Never switch off the
checks of the browser that you use every day, and never give it this authority.</p></details>"""


def lab_card(lab: Lab, connections: Sequence[OpenConnection], log: Sequence[LogLine]) -> str:
    """Write the card as HTML that follows the notebook's theme.

    Args:
        lab: The lab.
        connections: Its open connections.
        log: Its log.

    Returns:
        HTML; everything that came over the network is escaped.
    """
    state = "● running" if lab.running else "○ stopped"
    where = " in a process of its own" if lab.isolated else ""
    parts = [f"<strong>Lab “{escape(lab.name)}”</strong> <span role=status>{state}{where}</span>"]
    if lab.running:
        addresses = (
            ("event stream", redact_target(lab.sse_url())),
            ("WebSocket", redact_target(lab.ws_url())),
            ("echo", redact_target(lab.echo_url())),
            ("publish", redact_target(lab.publish_url())),
        )
        parts.append(_table("Addresses", ("what", "address"), addresses))
        parts.append(
            _table(
                "Open connections",
                ("transport", "channel", "open for (s)", "bytes up", "bytes down"),
                [(c.transport, c.channel, f"{c.open_s:.1f}", c.bytes_up, c.bytes_down) for c in connections],
            )
        )
    if lab.running and lab.ca_pem:
        parts.append(_TRUST)
    lines = "\n".join(escape(line.text) for line in log[-_LOG_LINES:])
    if lines:
        parts.append(f"<details><summary>Last log lines</summary><pre>{lines}</pre></details>")
    return f'<div style="{_STYLE}">{"".join(parts)}</div>'


def _table(caption: str, heads: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    if not rows:
        return f"<div>{caption}: none</div>"
    head = "".join(f'<th scope="col" style="text-align:left">{escape(name)}</th>' for name in heads)
    body = "".join(
        "<tr>"
        + "".join(f'<td style="text-align:left"><code>{escape(str(cell))}</code></td>' for cell in row)
        + "</tr>"
        for row in rows
    )
    return (
        f'<table style="margin:.4em 0"><caption style="text-align:left">{caption}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )
