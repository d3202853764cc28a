"""The lab's part: it waits for a tool's connections, sends the messages, counts them, and says goodbye.

The goodbye ends the body of an event stream as HTTP ends bodies: some tools see nothing before that.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import secrets
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from rtlab import clock
from rtlab.errors import InputError, LabError, RtlabError, WaitTimeout
from rtlab.exports.scenario import Scenario, stamped_payload
from rtlab.loop_thread import shared
from rtlab.servers.lab import Lab
from rtlab.servers.play import wait_until
from rtlab.servers.server import LabServer

SETTLE_S = 0.5
"""Between the last connection and the first message: a tool may still be at its handshake."""
_LOOK_S = 0.01
_END_S = 10.0
_LAST_TURN_S = 2.0


class Sender:
    """Sends the messages of one run on a channel of its own; use it in a ``with`` block.

    Args:
        lab: A running lab in this kernel, without TLS.
        transport: ``"sse"`` or ``"websocket"``.
        shape: How many connections and messages, how fast and how large; its addresses do not count.
        wait_s: How long to wait for the connections.
        settle_s: How long to wait between the last connection and the first message.

    Attributes:
        scenario: The shape with the address to connect to.
        sent: How many messages were sent, each connection counted.

    Raises:
        InputError: The lab has a process of its own, or speaks TLS.
    """

    def __init__(
        self, lab: Lab, transport: str, shape: Scenario, wait_s: float, *, settle_s: float = SETTLE_S
    ) -> None:
        if not isinstance(lab.server, LabServer):
            raise InputError("Tools are run against a lab in this kernel; start one without isolated=True.")
        if lab.ca_pem:
            raise InputError("Tools are run against a lab without TLS, for they would not trust its certificate.")
        self._server = lab.server
        self._channel = f"tool.{secrets.token_hex(6)}"
        self._wait_s, self._settle_s = wait_s, settle_s
        addresses = {"sse": (lab.sse_url(self._channel), ""), "websocket": ("", lab.ws_url(self._channel))}
        if transport not in addresses:
            raise InputError(f'A tool is run over "sse" or "websocket", not {transport!r}.')
        sse_url, ws_url = addresses[transport]
        self.scenario = replace(shape, sse_url=sse_url, ws_url=ws_url)
        self.sent = 0
        self._sending: concurrent.futures.Future[None] | None = None

    def __enter__(self) -> Self:
        self._sending = shared.submit(self._send_soon)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._sending
        self._sending.cancel()
        with suppress(RtlabError):  # the lab was stopped meanwhile: nobody is left
            shared.call(self._goodbye_soon, _END_S)

    def require_done(self) -> None:
        """Make sure that the tool stayed until everything was sent.

        Raises:
            WaitTimeout: Its connections did not come.
            LabError: It ended before everything was sent.
        """
        assert self._sending
        concurrent.futures.wait([self._sending], _LAST_TURN_S)
        if not self._sending.done():
            raise LabError(
                f"The tool ended before the lab had sent everything: {self.sent} of {self.scenario.expected} "
                "messages were sent."
            )
        self._sending.result()

    async def _send_soon(self) -> None:
        channel = self._server.channel(self._channel)
        try:
            async with asyncio.timeout(self._wait_s):
                while channel.subscribers < self.scenario.connections:
                    await asyncio.sleep(_LOOK_S)
        except TimeoutError as error:
            raise WaitTimeout(
                f"{channel.subscribers} of {self.scenario.connections} connections came within {self._wait_s:g} s."
            ) from error
        await asyncio.sleep(self._settle_s)
        start_ns, start_ms = clock.now_ns(), datetime.now(UTC).timestamp() * 1e3
        for number in range(self.scenario.messages):
            offset_ns = round(number * 1e9 / self.scenario.rate_per_s)
            await wait_until(start_ns + offset_ns)
            self.sent += channel.subscribers
            channel.publish(
                stamped_payload(
                    start_ns + offset_ns, start_ms + offset_ns / 1e6, number, self.scenario.payload_bytes
                )
            )
            channel.flush()
        await self._goodbye_soon()

    async def _goodbye_soon(self) -> None:
        for peer in self._server.peers():
            if peer.channel == self._channel:
                peer.goodbye()
