"""What does a WebSocket client see when the server's handler of a message fails?

tornado's own WebSocket drops the line, and the client sees 1006: the code for a close that told nothing. Whoever
catches the exception can say 1011, as rtlab's server does.

Spec: RFC 6455 7.4.1.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import NoReturn

from rtlab.clients.websocket import WebSocket
from rtlab.experiments.program_pair import Pair
from rtlab.loop_thread import shared
from rtlab.servers.server import LabServer

NO_JSON = "This is no JSON, and nobody has thought of that."
NEVER = json.dumps({"every": 0, "after": None})
"""Each 0-th event: a division by zero."""
_ANSWER_S = 3.0
_TIMEOUT_S = 30.0


def close_codes(folder: Path) -> dict[str, int | None]:
    """Let the handlers of three servers fail.

    Args:
        folder: Where the reference programs lie.

    Returns:
        The close code that the client saw, by server: the bare program, the robust one and rtlab. None: it saw no
        end within 3 s.
    """
    shared.hold()
    try:
        return shared.call(lambda: _close_codes(folder), _TIMEOUT_S)
    finally:
        shared.release()


async def _close_codes(folder: Path) -> dict[str, int | None]:
    return {
        "bare": await _of_program(folder, "bare", NO_JSON),
        "robust": await _of_program(folder, "robust", NEVER),
        "rtlab": await _of_rtlab(),
    }


async def _of_program(folder: Path, level: str, message: str) -> int | None:
    pair = Pair(folder, "websocket", level)
    try:
        await pair.start_server()
        return await _say(f"ws://127.0.0.1:{pair.port}/events", message, pair.login)
    finally:
        await pair.stop()


async def _of_rtlab() -> int | None:
    server = LabServer("127.0.0.1", 0)
    await server.start()
    try:
        server.channel("news").publish = _fail  # type: ignore[method-assign]  # a bug, planted
        return await _say(f"ws://127.0.0.1:{server.port}/ws/news", "x")
    finally:
        await server.stop()


def _fail(*arguments: object, **settings: object) -> NoReturn:
    raise ZeroDivisionError("a planted bug of the server")


async def _say(url: str, message: str, *headers: tuple[str, str]) -> int | None:
    client = WebSocket(url, headers=headers, on_received=lambda received: None)
    await client.start(5.0)
    try:
        await client.send_soon(message)
        for _ in range(round(_ANSWER_S / 0.02)):
            if client.close_code is not None:
                break
            await asyncio.sleep(0.02)
        return client.close_code
    finally:
        await client.finish(1.0)
