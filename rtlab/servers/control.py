"""``/control/...``: how the notebook steers a lab in another process. Every path needs the lab's nonce."""

from __future__ import annotations

import json
from dataclasses import asdict

from tornado.web import HTTPError

from rtlab import clock
from rtlab.errors import InputError
from rtlab.servers.guards import GuardedHandler
from rtlab.workload import Workload


class StateHandler(GuardedHandler):
    """Answers with the open connections, the log and the server's clock."""

    needs_nonce = True

    def get(self) -> None:
        """Answer ``{"now_ns": ..., "connections": [...], "log": [...]}``."""
        self.finish(
            {
                "now_ns": clock.now_ns(),
                "connections": [asdict(connection) for connection in self.server.connections()],
                "log": [asdict(line) for line in self.server.log.lines()],
            }
        )


class PlayHandler(GuardedHandler):
    """Sends a workload into a channel and answers when it is over."""

    methods = ("POST",)
    needs_nonce = True

    async def post(self) -> None:
        """Take ``{"channel", "workload": {...}, "start_ns"}`` and answer ``{"sent_ns": [...]}``."""
        try:
            asked = json.loads(self.request.body)
            workload = Workload(**asked["workload"])
            channel, start_ns = str(asked["channel"]), int(asked["start_ns"])
        except (ValueError, KeyError, TypeError, InputError) as error:
            raise HTTPError(400, f"Not a request to play a workload: {error}") from error
        self.channel(channel)
        self.finish({"sent_ns": await self.server.play(channel, workload, start_ns)})


class CutHandler(GuardedHandler):
    """Breaks the open connections of a channel."""

    methods = ("POST",)
    needs_nonce = True

    async def post(self, name: str) -> None:
        """Answer ``{"broken": 2}``."""
        self.finish({"broken": await self.server.cut(name)})
