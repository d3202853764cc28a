"""The upstream half beside an event stream: POST requests on one kept connection.

It is not a :class:`~rtlab.clients.client.Client`, for it receives nothing but answers.
"""

from __future__ import annotations

import asyncio
import json
import threading
from types import TracebackType
from typing import Self
from urllib.parse import quote

from rtlab.clients.http import HttpConnection
from rtlab.clients.wire import Address, Traffic
from rtlab.codecs.http1 import RequestHead
from rtlab.errors import ConnectionFailed, InputError
from rtlab.loop_thread import shared


class Publisher:
    """Publishes messages by POST, as a page with an event stream does, one after the other.

    Args:
        url: The lab's publish URL, ``lab.publish_url("chat")``.
        ca_pem: An authority to trust instead of the system's, as ``lab.ca_pem``.

    Attributes:
        traffic: Requests and bytes so far.
    """

    def __init__(self, url: str, *, ca_pem: str = "") -> None:
        self._address = Address.parse(url, ("http", "https"))
        self.traffic = Traffic()
        self._http = HttpConnection(self._address, self.traffic, ca_pem=ca_pem)
        self._turn = asyncio.Lock()
        self._held = False
        self._holding = threading.Lock()

    def send(self, text: str, *, event: str = "", timeout_s: float = 5.0) -> str:
        """Publish one message and wait for the answer.

        Args:
            text: The message.
            event: The event's name; empty for a plain message.
            timeout_s: How long to wait, in seconds.

        Returns:
            The id that the channel gave it; empty if the lab gives none.

        Raises:
            ConnectionFailed: The lab is not there, or refused; carries the status.
            InputError: The text has no UTF-8 form.
            WaitTimeout: No answer came; the message may have been published.
        """
        with self._holding:
            if not self._held:
                shared.hold()
                self._held = True
        return shared.call(lambda: self.send_soon(text, event, timeout_s), timeout_s + 1.0)

    async def send_soon(self, text: str, event: str = "", timeout_s: float = 5.0) -> str:
        """Publish one message; runs on the loop, for experiments."""
        try:
            data = text.encode()
            query = f"{'&' if '?' in self._address.target else '?'}event={quote(event)}" if event else ""
        except UnicodeEncodeError as error:
            raise InputError("The text holds half of a surrogate pair, which UTF-8 cannot carry.") from error
        request = RequestHead(
            "POST", self._address.target + query, (("Content-Type", "text/plain; charset=utf-8"),)
        )
        async with self._turn:
            head = await self._http.request(request, data, timeout_s=timeout_s)
            body, _ = await self._http.read_all(timeout_s)
        if head.status != 200:
            said = body.decode(errors="replace").strip()
            raise ConnectionFailed(f"The server refused: {said[:200] or head.status}", status=head.status)
        try:
            id = json.loads(body)["id"]
            if not isinstance(id, str):
                raise TypeError(f"{id!r} is no id")
            return id
        except (ValueError, KeyError, TypeError) as error:
            raise ConnectionFailed(f"The answer is not one of a lab's publish URL: {error!r}.") from error

    async def finish(self) -> None:
        """Close the connection; runs on the loop."""
        self._http.close()

    def close(self, timeout_s: float = 5.0) -> None:
        """Close the connection; a second call does nothing."""
        if self._held:
            shared.refuse_own_thread()
            self._held = False
            self._turn = asyncio.Lock()  # the next one may belong to another loop
            try:
                shared.call(self.finish, timeout_s)
            finally:
                shared.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
