"""Secrets in URLs turn up in logs, in Referer and behind redirects; in headers and messages they do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from rtlab.errors import InputError
from rtlab.experiments.attack_tokens import (
    LAB_LOG,
    OLD_REFERER,
    PROXY_LOG,
    REDACTED_LOG,
    REDIRECT,
    REFERER,
    SERVER_LOG,
)
from rtlab.experiments.attacked_server import AttackedServer, ask
from rtlab.experiments.token_server import WELCOME, TokenServer
from rtlab.experiments.token_ways import (
    COOKIE,
    HEADER,
    MESSAGE,
    PAGE,
    PROTOCOL,
    TICKET,
    URL,
    Shown,
    referer,
    request_with,
)
from rtlab.findings.tokens import Leak
from rtlab.results.tokens import Tokens, tokens
from rtlab.tables.schema import describe

FROM = "http://a.example/page?token=1#part"


@pytest.fixture(scope="module")
def found() -> Tokens:
    return tokens()


def leak_of(found: Tokens, transport: str, way: str, place: str) -> Leak:
    (leak,) = [leak for leak in found.leaks if (leak.transport, leak.way, leak.place) == (transport, way, place)]
    return leak


@pytest.mark.parametrize(
    ("transport", "way", "place"),
    [
        ("sse", URL, SERVER_LOG),
        ("sse", URL, PROXY_LOG),
        ("sse", URL, REDIRECT),
        ("sse", PAGE, SERVER_LOG),
        ("sse", PAGE, OLD_REFERER),
        ("websocket", URL, SERVER_LOG),
        ("websocket", URL, PROXY_LOG),
    ],
)
def test_a_token_in_a_url_turns_up_and_is_taken_again(found: Tokens, transport: str, way: str, place: str) -> None:
    leak = leak_of(found, transport, way, place)
    assert leak.leaked
    assert leak.usable


@pytest.mark.parametrize("transport", ["sse", "websocket"])
@pytest.mark.parametrize("place", [SERVER_LOG, PROXY_LOG])
def test_a_ticket_turns_up_and_is_not_taken_again(found: Tokens, transport: str, place: str) -> None:
    leak = leak_of(found, transport, TICKET, place)
    assert leak.leaked
    assert not leak.usable


def test_a_redirect_gives_away_a_ticket_that_nobody_has_used(found: Tokens) -> None:
    assert leak_of(found, "sse", TICKET, REDIRECT).usable


@pytest.mark.parametrize("way", [HEADER, COOKIE, PROTOCOL, MESSAGE])
def test_headers_and_messages_leave_nothing_anywhere(found: Tokens, way: str) -> None:
    leaks = [leak for leak in found.leaks if leak.way == way]
    assert len(leaks) >= 3
    assert not any(leak.leaked for leak in leaks)
    assert all(leak.written for leak in leaks)


def test_redaction_keeps_every_secret_out_and_the_rest_in(found: Tokens) -> None:
    redacted = [leak for leak in found.leaks if leak.place == REDACTED_LOG]
    assert not any(leak.leaked for leak in redacted)
    assert b"token=(redacted)" in leak_of(found, "sse", URL, REDACTED_LOG).written
    assert b"Referer" not in leak_of(found, "sse", PAGE, REDACTED_LOG).written


@pytest.mark.parametrize("transport", ["sse", "websocket"])
def test_a_labs_log_names_the_parameter_and_not_its_secret(found: Tokens, transport: str) -> None:
    leak = leak_of(found, transport, URL, LAB_LOG)
    assert not leak.leaked
    assert b"nonce=(redacted)" in leak.written


def test_todays_referer_names_the_site_alone(found: Tokens) -> None:
    leak = leak_of(found, "sse", PAGE, REFERER)
    assert not leak.leaked
    assert b"Referer: http://127.0.0.1:" in leak.written


@pytest.mark.parametrize(
    ("to", "policy", "told"),
    [
        ("http://a.example/x", "strict-origin-when-cross-origin", "http://a.example/page?token=1"),
        ("http://b.example/x", "strict-origin-when-cross-origin", "http://a.example/"),
        ("http://b.example/x", "no-referrer-when-downgrade", "http://a.example/page?token=1"),
        ("http://a.example:81/x", "strict-origin-when-cross-origin", "http://a.example/"),
    ],
)
def test_a_referer_follows_the_policy(to: str, policy: str, told: str) -> None:
    assert referer(FROM, to, policy) == told  # type: ignore[arg-type]  # a parameter is a str to mypy


def test_the_attacks_succeed_before_the_fix_and_fail_after_it(found: Tokens) -> None:
    for attempt in found.attempts:
        assert attempt.succeeded == (attempt.target == "naive"), attempt.seen


def test_the_table_has_a_column_a_place_and_the_figure_a_word_a_cell(found: Tokens) -> None:
    assert list(found.table.columns) == list(describe("token_leaks")["column"])
    assert len(found.table) == 11
    figure = found.figure()
    assert len(figure.layout.annotations) == 11 * 7
    assert "WebSocket, in the first message: nowhere" in figure.layout.meta["description"]
    assert "shown in the page's URL, in the URL or as a ticket in the URL;" in found.text


def test_the_bytes_of_an_attack_can_be_seen(found: Tokens) -> None:
    assert "GET /stream?token=" in repr(found.bytes("a token, read in the server's log", "naive"))
    with pytest.raises(InputError):
        found.bytes("nothing")


def test_a_server_without_a_secret_welcomes_nobody(on_loop: Callable[..., Any]) -> None:
    server = TokenServer("the token")

    async def knock() -> list[bytes]:
        async with AttackedServer(server.handle) as running:
            return [
                await ask(running.port, request_with("sse", running.port, "/stream", Shown())),
                await ask(running.port, request_with("sse", running.port, "/stream", Shown("?token=another"))),
                await ask(
                    running.port, request_with("websocket", running.port, "/socket", Shown("?token=another"))
                ),
                await ask(
                    running.port, request_with("websocket", running.port, "/socket", Shown(message="another"))
                ),
            ]

    answers = on_loop(knock())
    assert [answer[9:12] for answer in answers] == [b"401", b"401", b"401", b"101"]
    assert answers[-1].endswith(b"\x88\x02\x03\xf0")  # 1008
    assert not any(WELCOME.encode() in answer for answer in answers)
