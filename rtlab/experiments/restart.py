"""Which clients come back when the server is stopped and started anew, and what do they miss?"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Coroutine, Iterable, Sequence
from typing import Any

from rtlab.errors import InputError
from rtlab.experiments.listeners import DESIGNS, Listener, Place, all_hear
from rtlab.findings.simplicity import Restart, account
from rtlab.loop_thread import shared
from rtlab.servers.lab import start_lab
from rtlab.workload import Workload

RETRY_MS = 50
_CHANNEL = "restart"
_PATIENCE_S = 30.0


def restart_under_clients(*, messages: int = 5, designs: Sequence[str] = tuple(DESIGNS)) -> tuple[Restart, ...]:
    """Stop a lab under its clients, start another one on its port, and see who misses what.

    So many messages go out before the stop, and so many as soon as the new lab is there.

    Args:
        messages: How many each time, 1 to 100.
        designs: Which clients, of :data:`rtlab.experiments.listeners.DESIGNS`.

    Returns:
        One for each client design.

    Raises:
        InputError: The number is out of its range.
        WaitTimeout: A client that comes back did not.
    """
    if not 1 <= messages <= 100:
        raise InputError("messages must be from 1 to 100.")
    texts = [message.text for message in Workload(count=2 * messages, payload_bytes=32).messages()]
    name = f"restart, {secrets.token_hex(4)}"
    shared.hold()
    listeners: list[Listener] = []
    try:
        with start_lab(name, retry_ms=RETRY_MS) as lab:
            place = Place(lab.http_url, _CHANNEL, "", RETRY_MS / 1e3)
            listeners += [DESIGNS[design](place) for design in designs]
            shared.call(lambda: _all(listener.start() for listener in listeners), _PATIENCE_S)
            # The greeting of rtlab.v1 is on its way behind the opening handshake; a mark tells that it is there.
            shared.call(lambda: all_hear(lab, _CHANNEL, listeners, "begin"), _PATIENCE_S)
            for text in texts[:messages]:
                lab.publish(text, channel=_CHANNEL)
            shared.call(lambda: all_hear(lab, _CHANNEL, listeners, "before"), _PATIENCE_S)
        with start_lab(name, port=lab.port, retry_ms=RETRY_MS) as again:
            for text in texts[messages:]:
                again.publish(text, channel=_CHANNEL)
            shared.call(lambda: all_hear(again, _CHANNEL, listeners, "after"), _PATIENCE_S)
    finally:
        try:
            shared.call(lambda: _all(listener.finish() for listener in listeners), _PATIENCE_S)
        finally:
            shared.release()
    return tuple(
        Restart(design, not listener.over, account((seq for seq, _ in listener.heard), 2 * messages))
        for design, listener in zip(designs, listeners, strict=True)
    )


async def _all(works: Iterable[Coroutine[Any, Any, None]]) -> None:
    await asyncio.gather(*works)
