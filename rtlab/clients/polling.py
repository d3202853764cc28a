"""A client that asks: again and again (short polling), or once and waits (long polling)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from math import inf
from typing import ClassVar
from urllib.parse import quote

from rtlab.clients.client import Client, Received, end_task
from rtlab.clients.http import HttpConnection
from rtlab.clients.wire import Address
from rtlab.codecs.http1 import RequestHead
from rtlab.errors import ConnectionEnded, ConnectionFailed, InputError
from rtlab.records import Transport

REQUEST_TIMEOUT_S = 10.0


class Polling(Client):
    """Receives a channel by requests on one kept connection. It ends when the server cannot be reached any more.

    Args:
        url: The lab's poll URL, ``lab.poll_url("news")``.
        interval_s: Pause between two requests; what short polling trades latency against requests with.
        wait_s: 0 for short polling; up to 30 for long polling: how long the server may hold the answer back.
        ca_pem: An authority to trust instead of the system's, as ``lab.ca_pem``.
        on_received: Called on the loop's thread for each message instead of keeping it for ``receive()``.

    Raises:
        InputError: A setting is out of its range.
    """

    transport: ClassVar[Transport] = "polling"

    def __init__(
        self,
        url: str,
        *,
        interval_s: float = 1.0,
        wait_s: float = 0.0,
        ca_pem: str = "",
        on_received: Callable[[Received], None] | None = None,
    ) -> None:
        super().__init__(url, on_received)
        if not 0 <= wait_s <= 30 or not 0 <= interval_s < inf or (interval_s == 0 and wait_s == 0):
            raise InputError("wait_s must be from 0 to 30, and interval_s above 0 unless wait_s is.")
        self._address = Address.parse(url, ("http", "https"))
        self._interval_s = interval_s
        self._wait_s = wait_s
        self._http = HttpConnection(self._address, self.traffic, ca_pem=ca_pem)
        self._task: asyncio.Task[None] | None = None
        self.last_event_id = ""

    async def start(self, timeout_s: float) -> None:
        """Ask once, to learn where the channel stands, then go on in the background."""
        await self._ask(0, timeout_s)
        self._task = asyncio.create_task(self._run())

    async def finish(self, timeout_s: float) -> None:
        """Stop asking."""
        await end_task(self._task)
        self._http.close()
        self._over(ConnectionEnded("This client was closed."))

    async def _run(self) -> None:
        try:
            while True:
                if self._interval_s:
                    await asyncio.sleep(self._interval_s)
                await self._ask(self._wait_s, REQUEST_TIMEOUT_S)
        except Exception as error:  # one of on_received too: here nobody else would ever see it
            self._over(error)

    async def _ask(self, wait_s: float, timeout_s: float) -> None:
        sign = "&" if "?" in self._address.target else "?"
        target = f"{self._address.target}{sign}after={quote(self.last_event_id)}&wait_s={wait_s:g}"
        head = await self._http.request(RequestHead("GET", target), timeout_s=timeout_s + wait_s)
        body, at_ns = await self._http.read_all(timeout_s)
        if head.status != 200:
            raise ConnectionFailed(f"The server answered {head.status}.", status=head.status)
        try:
            answer = json.loads(body)
            last_id = str(answer["last_id"])
            messages = [
                Received(str(event["data"]), at_ns, str(event["event"] or "message"), str(event["id"]))
                for event in answer["events"]
            ]
        except (ValueError, KeyError, TypeError) as error:
            raise ConnectionFailed(f"The answer is not one of a lab's poll URL: {error!r}.") from error
        self.last_event_id = last_id
        for message in messages:
            self._deliver(message)


class LongPolling(Polling):
    """Receives a channel by requests that the server holds back until there is something.

    Args:
        url: The lab's poll URL, ``lab.poll_url("news")``.
        wait_s: How long the server may hold one request, up to 30 s.
        ca_pem: An authority to trust instead of the system's.
        on_received: Called on the loop's thread for each message instead of keeping it for ``receive()``.
    """

    transport: ClassVar[Transport] = "long-polling"

    def __init__(
        self,
        url: str,
        *,
        wait_s: float = 20.0,
        ca_pem: str = "",
        on_received: Callable[[Received], None] | None = None,
    ) -> None:
        super().__init__(url, interval_s=0.0, wait_s=wait_s, ca_pem=ca_pem, on_received=on_received)
