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
BEGIN = b"retry: 1000\n\n"


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


def open_stream(way: str, client: Any, target: str, headers: tuple[str, ...]) -> None:
    """Open an event stream; a proxy may join the chunks of the lab, and cut them, as it likes."""
    if way == "direct":
        client.open_stream(target, *headers)
        return
    client.get(target, *headers)
    assert client.head()[0] == 200
    begun = b""
    while len(begun) < len(BEGIN):
        begun += client.chunk()
    assert begun.startswith(BEGIN)


@pytest.mark.parametrize("way", ["direct", "proxy"])
def test_only_without_the_proxy_the_lab_notices_that_a_stream_was_closed(
    way: str, ask: Open, make_lab: Open, until: Open
) -> None:
    lab = make_lab(heartbeat_s=0.02)
    client, target, headers = ask(way, lab, "/sse/news")
    open_stream(way, client, target, headers)
    sent = lab.connections[0].bytes_down
    client.close()
    if way == "direct":
        until(lambda: lab.connections == (), "the end of the stream")
    else:
        until(lambda: lab.connections[0].bytes_down > sent + 1_000, "many comments that nobody reads")
        assert lab.connections[0].buffered_bytes == 0


@pytest.mark.parametrize("way", ["direct", "proxy"])
def test_the_proxy_answers_pings_for_a_client_that_does_not(
    way: str, ask: Open, make_lab: Open, until: Open
) -> None:
    lab = make_lab(heartbeat_s=0.1, guards=Guards(idle_timeout_s=4.0))
    client, target, headers = ask(way, lab, "/echo")
    client.open_websocket(target, *headers)
    if way == "direct":
        assert client.is_over()
        until(lambda: lab.connections == (), "the end of the WebSocket")
    else:
        assert [client.frame().opcode for _ in range(80)] == [PING] * 80  # twice as long as the lab waits
        assert len(lab.connections) == 1
