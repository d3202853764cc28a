"""What passes an intermediary that reads HTTP, and what can it still read?"""

from __future__ import annotations

import secrets

from rtlab.clients.client import Client
from rtlab.clients.event_source import EventSource
from rtlab.clients.websocket import WebSocket
from rtlab.errors import ConnectionFailed
from rtlab.experiments.intermediary import Intermediary, pass_on
from rtlab.findings.protocol import Passage
from rtlab.network.faults.heads import without_hop_by_hop
from rtlab.servers.lab import Lab

INTERMEDIARIES = {"knows nothing of Upgrade": without_hop_by_hop, "passes Upgrade on": pass_on}
WAYS = ("sse", "websocket")


def try_intermediaries(lab: Lab, *, messages: int = 3) -> tuple[Passage, ...]:
    """Send messages over both ways through two kinds of reverse proxy.

    Args:
        lab: The running lab, without TLS.
        messages: How many messages, 1 to 1,000.

    Returns:
        One for each intermediary and way.
    """
    return tuple(_pass(lab, name, way, messages) for name in INTERMEDIARIES for way in WAYS)


def _pass(lab: Lab, name: str, way: str, messages: int) -> Passage:
    channel, arrived = f"pass.{secrets.token_hex(6)}", 0
    edit = INTERMEDIARIES[name]
    with Intermediary(lab, edit_request=edit, edit_answer=edit) as between:
        client: Client
        if way == "sse":
            client = EventSource(between.http_url(f"/sse/{channel}"))
        else:
            client = WebSocket(between.ws_url(f"/ws/{channel}"))
        try:
            with client:
                for number in range(messages):
                    lab.publish(f"message {number}", channel=channel)
                arrived = len(list(client.take(messages)))
                seen = between.seen[0]
                return Passage(name, way, seen.status, arrived, seen.body_bytes, seen.other_bytes)
        except ConnectionFailed as error:
            seen = between.seen[0]
            return Passage(name, way, error.status or 0, arrived, 0, seen.other_bytes)
