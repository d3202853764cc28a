from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress

import pytest

from rtlab.errors import PortUnavailable
from rtlab.experiments.small_server import SmallServer
from rtlab.loop_thread import shared


class Holder(SmallServer):
    """Sends one byte and holds the connection."""

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(b"!")
            await reader.read()
        finally:
            writer.transport.abort()


class Unready(Holder):
    """Fails when it listens already."""

    async def start_soon(self) -> None:
        await super().start_soon()
        raise PortUnavailable("planted")


def connect(port: int) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", port), timeout=30)
    assert client.recv(1) == b"!"
    return client


def ends(client: socket.socket) -> bool:
    with client:
        try:
            return client.recv(1) == b""
        except ConnectionResetError:
            return True


def test_the_end_of_the_block_ends_the_port_and_every_connection() -> None:
    with Holder() as server:
        port = server.port
        clients = [connect(port) for _ in range(3)]
    assert all(ends(client) for client in clients)
    with pytest.raises(ConnectionRefusedError):
        connect(port)
    assert not shared.running


def test_it_runs_on_a_loop_of_its_user_as_well(on_loop: Callable[..., tuple[int, bytes]]) -> None:
    async def use() -> tuple[int, bytes]:
        async with Holder() as server:
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            port, first = server.port, await reader.readexactly(1)
        with suppress(ConnectionResetError):
            assert await reader.read() == b""
        writer.close()
        return port, first

    port, first = on_loop(use())
    assert first == b"!"
    with pytest.raises(ConnectionRefusedError):
        connect(port)


def test_a_start_that_fails_leaves_neither_a_port_nor_a_thread() -> None:
    server = Unready()
    with pytest.raises(PortUnavailable), server:
        pass
    assert server._server is not None
    assert not server._server.is_serving()
    assert not shared.running
