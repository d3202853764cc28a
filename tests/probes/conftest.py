from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

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
        shared.call(server.start_soon, 5.0)
        servers.append(server)
        return f"127.0.0.1:{server.port}/"

    yield start
    for server in servers:
        shared.call(server.stop_soon, 5.0)
    shared.release()
