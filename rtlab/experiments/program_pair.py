"""A server, a relay before it and a client, each program in a process of its own.

Events are numbered, and event n is due at a moment that does not depend on the server's life, so the numbers that
the client prints tell what was lost.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rtlab.codecs.http1 import encode_request_head
from rtlab.codecs.websocket_frames import TEXT, encode_frame
from rtlab.codecs.websocket_handshake import make_key, opening_request
from rtlab.experiments.program_process import ProgramProcess
from rtlab.findings.programs import Trial
from rtlab.network.relay import Relay

RATE_PER_S = 20.0
PATIENCE_S = 15.0
"""Who has nothing new by then is stuck."""


class Pair:
    """A server, a relay before it and a client; what is started ends with :meth:`stop`.

    Args:
        folder: Where the programs lie, as ``protocol/level/part.py``.
        protocol: ``"sse"`` or ``"websocket"``.
        level: ``"bare"`` or ``"robust"``.
        padding_bytes: Further bytes in each event.
        client: The client's file.

    Attributes:
        numbers: The events that the client has printed so far.
        port: Where the server listens, on 127.0.0.1.
    """

    def __init__(
        self, folder: Path, protocol: str, level: str, padding_bytes: int = 0, client: str = "client.py"
    ) -> None:
        self.protocol = protocol
        self.level = level
        self.numbers: list[int] = []
        self.port = 0
        self._folder = folder / protocol / level
        self._padding_bytes = padding_bytes
        self._client_file = client
        self._epoch_s = _now_s()
        self._token = secrets.token_hex(8)
        self._ends = AsyncExitStack()
        self.server: ProgramProcess
        self.client: ProgramProcess
        self.relay: Relay

    @property
    def login(self) -> tuple[str, str]:
        """The header that the server asks for."""
        return "Authorization", f"Bearer {self._token}"

    async def start(self) -> None:
        """Start all three and wait for the first event."""
        await self.start_server()
        self.relay = Relay("127.0.0.1", self.port, max_bytes=0)
        await self.relay.start()
        self._ends.push_async_callback(self.relay.stop)
        self.client = await self.start_client(self._token, lambda line: self.numbers.append(line["number"]))
        await self.client.first()

    async def start_server(self) -> None:
        """Start the server, on the port that it had before."""
        settings = {
            "port": self.port,
            "epoch": self._epoch_s,
            "rate": RATE_PER_S,
            "padding": self._padding_bytes,
            **({"token": self._token} if self.level == "robust" else {}),
        }
        arguments = [f"--{name}={value}" for name, value in settings.items()]
        self.server = await ProgramProcess.start(self._folder / "server.py", *arguments)
        self._ends.push_async_callback(self.server.kill)
        self.port = (await self.server.first())["port"]

    async def start_client(self, token: str, on_line: Callable[[dict[str, Any]], None]) -> ProgramProcess:
        """Start a client that goes through the relay."""
        scheme = "http" if self.protocol == "sse" else "ws"
        url = f"{scheme}://127.0.0.1:{self.relay.port}/events"
        client = await ProgramProcess.start(self._folder / self._client_file, url, token, on_line=on_line)
        self._ends.push_async_callback(client.kill)
        return client

    async def stop(self) -> None:
        """End what was started."""
        await self._ends.aclose()

    def opening(self, every: int = 1) -> bytes:
        """Write by hand what a client sends to hear each ``every``-th event."""
        host = f"127.0.0.1:{self.port}"
        if self.protocol == "sse":
            return f"GET /events?every={every} HTTP/1.1\r\nHost: {host}\r\n{': '.join(self.login)}\r\n\r\n".encode()
        request = opening_request(host, "/events", make_key(secrets.token_bytes(16)), headers=(self.login,))
        greeting = json.dumps({"every": every, "after": None}).encode()
        return encode_request_head(request) + encode_frame(TEXT, greeting, masking_key=secrets.token_bytes(4))

    async def trial(self, fault: str, *, outcome: str = "", note: str = "") -> Trial:
        """Wait until the client has caught up, and judge.

        Args:
            fault: What went wrong.
            outcome: What is known to have gone wrong already.
            note: What else was seen.
        """
        last = int((_now_s() - self._epoch_s) * RATE_PER_S)
        caught_up = await within(PATIENCE_S, lambda: self.numbers[-1] >= last or self._dead())
        counts = Counter(number for number in self.numbers if number <= last)
        expected = last - self.numbers[0] + 1
        lost = expected - len(counts)
        dead = self._dead()
        came = "survived with loss" if lost else "survived"
        outcome = outcome or ("died" if dead else came if caught_up else "stuck")
        note = "; ".join(filter(None, (note, dead)))
        doubled = counts.total() - len(counts)
        passed = outcome in ("survived", "refused") and not (dead or lost or doubled)
        return Trial(self.protocol, self.level, fault, outcome, passed, expected, lost, doubled, note)

    def _dead(self) -> str:
        for name, program in (("server", self.server), ("client", self.client)):
            if program.exit_code is not None:
                return f"{name}: {program.last_words or 'it ended without a word'}"
        return ""


async def within(timeout_s: float, holds: Callable[[], object]) -> bool:
    """Look at a condition again and again until it holds; tell whether it did in time."""
    for _ in range(round(timeout_s / 0.05)):
        if holds():
            return True
        await asyncio.sleep(0.05)
    return bool(holds())


def _now_s() -> float:
    return datetime.now(UTC).timestamp()
