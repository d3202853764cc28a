"""What the notebook server's proxy hides from a lab: whether anybody is there at its other end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from rtlab.codecs.websocket_frames import PING
from rtlab.servers.guards import Guards

from .jupyter_server import JupyterServer

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
Open = Callable[..., Any]


@pytest.fixture(scope="module")
def server(jupyter_at: Callable[[str], JupyterServer]) -> JupyterServer:
    return jupyter_at("/user/ada/")


@pytest.fixture
def ask(server: JupyterServer, raw: Open) -> Open:
    """Open a raw socket to a lab, by either way; what it gives is the socket, the target and the headers."""

    def ask(way: str, lab: Any, target: str) -> tuple[Any, str, tuple[str, ...]]:
        if way == "direct":
            return raw(lab), target, ("Accept: text/event-stream",)
        host, _, prefix = server.url.removeprefix("http://").partition("/")
        headers = ("Accept: text/event-stream", f"Authorization: token {server.token}")
        return raw(int(host.rpartition(":")[2])), f"/{prefix}/proxy/{lab.port}{target}", headers

    return ask


@pytest.mark.parametrize("way", ["direct", "proxy"])
def test_only_without_the_proxy_the_lab_notices_that_a_stream_was_closed(
    way: str, ask: Open, make_lab: Open, until: Open
) -> None:
    lab = make_lab(heartbeat_s=0.02)
    client, target, headers = ask(way, lab, "/sse/news")
    client.open_stream(target, *headers)
    sent = lab.connections[0].bytes_down
    client.close()
    if way == "direct":
        until(lambda: lab.connections == (), "the end of the stream")
    else:
        until(lambda: lab.connections[0].bytes_down > sent + 1_000, "many comments that nobody reads")
        assert lab.connections[0].buffered_bytes == 0


@pytest.mark.parametrize("way", ["direct", "proxy"])
def test_the_proxy_answers_pings_for_a_client_that_does_not(way: str, ask: Open, make_lab: Open) -> None:
    lab = make_lab(heartbeat_s=0.1, guards=Guards(idle_timeout_s=1.0))
    client, target, headers = ask(way, lab, "/echo")
    client.open_websocket(target, *headers)
    if way == "direct":
        assert client.is_over()
        assert lab.connections == ()
    else:
        assert [client.frame().opcode for _ in range(30)] == [PING] * 30  # three times as long as the lab waits
        assert len(lab.connections) == 1
