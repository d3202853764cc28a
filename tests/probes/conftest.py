from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import pytest
import tornado.web
from tornado.httpserver import HTTPServer

from rtlab.experiments import scripted_server
from rtlab.experiments.scripted_server import Answer, ScriptedServer
from rtlab.loop_thread import shared


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., str]]:
    """Serve answers from a script to whatever is asked; give the server's host and port."""
    monkeypatch.setattr(scripted_server, "MOST_ANSWERS", 100)
    shared.hold()
    servers: list[ScriptedServer] = []

    def start(*answers: Answer, tls=None, paths=None) -> str:
        server = ScriptedServer({"/": answers, **(paths or {})}, tls)
        shared.call(server.start_soon, 30)
        servers.append(server)
        return f"127.0.0.1:{server.port}/"

    yield start
    for server in servers:
        shared.call(server.stop_soon, 30)
    shared.release()


@pytest.fixture
def served() -> Iterator[Callable[..., str]]:
    """Serve tornado handlers on loopback; give the server's host and port."""
    shared.hold()
    servers: list[HTTPServer] = []

    def start(handler, **settings) -> str:
        async def listen() -> HTTPServer:
            return tornado.web.Application([("/", handler)], **settings).listen(0, "127.0.0.1")

        server = shared.call(listen, 30)
        servers.append(server)
        (line,) = server._sockets.values()
        return f"127.0.0.1:{line.getsockname()[1]}/"

    yield start
    for server in servers:
        shared.call(partial(_stop, server), 30)
    shared.release()


async def _stop(server: HTTPServer) -> None:
    server.stop()
    await server.close_all_connections()
