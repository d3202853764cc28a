"""``/poll/{channel}`` and ``/publish/{channel}``: the same channel by ordinary requests.

Short polling asks again and again; long polling asks once and the server answers when there is something. Both are
the baseline that push is measured against.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable

from tornado.web import HTTPError

from rtlab.errors import InputError, WaitTimeout
from rtlab.servers.channel import ROOM_TIMEOUT_S, Channel
from rtlab.servers.exchange import Exchange
from rtlab.servers.guards import GuardedHandler

LONGEST_WAIT_S = 30.0


class PollHandler(GuardedHandler):
    """Answers with what came after an id.

    Query: ``after`` is the last id seen (left out: start with the next message); ``wait_s`` from 0 to 30 is how
    long the server may hold the answer back until there is something (0: short polling).

    Answer: ``{"last_id": "k3f9-7", "missed": false, "events": [{"id": "k3f9-7", "event": "", "data": "..."}]}``.
    """

    async def get(self, name: str) -> None:
        """Answer with the messages after ``after``."""
        channel = self.channel(name)
        try:
            wait_s = float(self.get_query_argument("wait_s", "0"))
        except ValueError:
            raise HTTPError(400, "wait_s must be a number of seconds from 0 to 30.") from None
        if not 0 <= wait_s <= LONGEST_WAIT_S:
            raise HTTPError(400, "wait_s must be from 0 to 30 seconds.")
        after = channel.read_id(self.get_query_argument("after", ""))
        if after is None:
            after = channel.last_number
        if wait_s:
            await channel.wait_after(after, wait_s)
        kept, missed = channel.after(after)
        for header, value in self.cross_origin_headers():
            self.set_header(header, value)
        self.set_header("Content-Type", "application/json")
        events = [{"id": message.id, "event": message.event, "data": message.data} for message in kept]
        self.finish(
            json.dumps({"last_id": channel.write_id(channel.last_number), "missed": missed, "events": events})
        )


class PublishExchange(Exchange):
    """Publishes the request's body; the upstream half of an application built on an event stream.

    Query: ``event`` is the event's name. Answer: ``{"id": "k3f9-8"}``.
    """

    methods = ("POST",)

    def handle(self, name: str) -> Awaitable[None] | None:
        """Publish the body, which must be UTF-8 text, as soon as the channel has room.

        If a subscriber does not read and the channel waits for it, the answer is 503 with ``Retry-After``.

        Raises:
            HTTPError: 400 for what is no text.
        """
        channel = self.channel(name)
        if not channel.has_room:
            return self._publish_later(channel)
        self._publish(channel)
        return None

    async def _publish_later(self, channel: Channel) -> None:
        try:
            await channel.room(ROOM_TIMEOUT_S)
        except WaitTimeout as error:
            self.answer(503, f"503 {error}\n", "text/plain; charset=utf-8", (("Retry-After", "1"),))
        else:
            self._publish(channel)

    def _publish(self, channel: Channel) -> None:
        try:
            event = self.request.query_arguments.get("event", [b""])[-1].decode()
            message = channel.publish(self.body.decode(), event)
        except (UnicodeDecodeError, InputError) as error:
            raise HTTPError(400, f"A channel carries UTF-8 text: {error}") from error
        self.answer(200, json.dumps({"id": message.id}), "application/json", self.cross_origin_headers())
