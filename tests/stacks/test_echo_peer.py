"""The vectors against servers that are known by their echo: our own, and one whose faults the league knows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application
from tornado.websocket import WebSocketHandler

import rtlab
from rtlab.conformance.peers import chosen_peers
from rtlab.conformance.run import run_league
from rtlab.errors import LabError
from rtlab.loop_thread import shared
from rtlab.stacks.echo_peer import judge_echo


class Echo(WebSocketHandler):
    async def on_message(self, message: str | bytes) -> None:
        await self.write_message(message, binary=isinstance(message, bytes))


class Altered(Echo):
    async def on_message(self, message: str | bytes) -> None:
        await super().on_message(message + message[:1])


@contextmanager
def tornado(handler: type[WebSocketHandler]) -> Iterator[int]:
    async def start() -> HTTPServer:
        server = HTTPServer(Application([("/echo", handler)]))
        server.add_sockets(sockets)
        return server

    async def stop() -> None:
        server.stop()
        await server.close_all_connections()

    sockets = bind_sockets(0, "127.0.0.1")
    shared.hold()
    try:
        server = shared.call(start, 30)
        try:
            yield sockets[0].getsockname()[1]
        finally:
            shared.call(stop, 30)
    finally:
        shared.release()


@pytest.mark.parametrize("compression", [False, pytest.param(True, marks=pytest.mark.stacks)])
def test_our_own_echo_fails_nothing(compression: bool) -> None:
    with rtlab.start_lab("echo", compression=compression) as lab:
        judged = judge_echo("lab", lab.port)
    assert [each for each in judged if each.verdict == "FAILED"] == []
    lacking = [each for each in judged if each.got == "lab has no permessage-deflate"]
    assert bool(lacking) != compression


@pytest.mark.stacks
def test_the_echo_tells_of_tornado_what_its_application_tells() -> None:
    with tornado(Echo) as port:
        seen = {each.vector: each.verdict for each in judge_echo("tornado", port)}
    run = run_league(chosen_peers("websocket", ["tornado"]))
    told = {each.vector: each.verdict for each in run.judgements}
    failed = {vector for vector, verdict in seen.items() if verdict == "FAILED"}
    assert failed
    assert failed == {vector for vector in failed if told[vector] == "FAILED"}


@pytest.mark.stacks
def test_an_echo_that_alters_texts_is_seen() -> None:
    with tornado(Altered) as port:
        judged = judge_echo("altered", port)
    found = [each for each in judged if "messages" in each.facet]
    assert {"len-125-s", "utf8-nul-s"} <= {each.vector for each in found}


def test_a_server_without_a_websocket_is_told() -> None:
    with tornado(Echo) as port:
        pass
    with pytest.raises(LabError, match="cannot be opened"):
        judge_echo("gone", port)
