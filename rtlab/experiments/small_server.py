"""What the small servers of experiments have in common: a port of loopback, and a task for each connection."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self

from rtlab.clients.client import end_task
from rtlab.loop_thread import shared

_CALL_S = 10.0


class SmallServer(ABC):
    """Listens on a free port of loopback until the end of its block.

    In a cell it is a ``with`` block, and runs on the shared loop; on a loop it is an ``async with`` block.
    """

    def __init__(self) -> None:
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()

    @property
    def port(self) -> int:
        """Where it listens, on 127.0.0.1."""
        assert self._server
        return int(self._server.sockets[0].getsockname()[1])

    @abstractmethod
    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Do what is to be done with a connection, and end it, also when this is cancelled."""

    async def start_soon(self) -> None:
        """Begin to listen; runs on the loop."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)

    async def stop_soon(self) -> None:
        """Stop listening and end every connection; runs on the loop."""
        if self._server:
            self._server.close()
        await asyncio.gather(*(end_task(task) for task in tuple(self._open)))

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A task of our own: asyncio complains about one of its own that is cancelled.
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._open.add(task)
        task.add_done_callback(self._open.discard)

    async def __aenter__(self) -> Self:
        await self.start_soon()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop_soon()

    def __enter__(self) -> Self:
        shared.hold()
        try:
            shared.call(self.start_soon, _CALL_S)
        except BaseException:
            self._end()  # an interrupt may come when it listens already
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def _end(self) -> None:
        try:
            shared.call(self.stop_soon, _CALL_S)
        finally:
            shared.release()
