"""A cache that knows no WebSocket is poisoned by a frame without a mask, and not by one with a mask."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from rtlab.codecs.http1 import RequestHead
from rtlab.codecs.websocket_frames import BINARY, FrameDecoder, encode_frame
from rtlab.experiments.attack_masking import (
    FORGED_SCRIPT,
    HONEST_SCRIPT,
    _script,
    _serve_site,
    attempts,
    disguised_request,
)
from rtlab.experiments.attacked_server import AttackedServer, ask
from rtlab.experiments.naive_cache import Key, NaiveCache
from rtlab.findings.attacks import Attempt

Run = Callable[..., Any]
ASK = b"GET /script.js HTTP/1.1\r\nHost: bank.example\r\nConnection: close\r\n\r\n"


@pytest.fixture(scope="module")
def by_target() -> dict[str, Attempt]:
    return {attempt.target: attempt for attempt in attempts()}


def test_a_frame_without_a_mask_poisons_the_cache(by_target: dict[str, Attempt]) -> None:
    assert by_target["naive"].succeeded
    assert disguised_request() in by_target["naive"].sent
    assert by_target["naive"].received.endswith(FORGED_SCRIPT)


def test_the_same_message_in_a_masked_frame_does_not(by_target: dict[str, Attempt]) -> None:
    assert not by_target["fixed"].succeeded
    assert b"GET" not in by_target["fixed"].sent
    assert FrameDecoder().feed(by_target["fixed"].sent)[0].payload == disguised_request()
    assert by_target["fixed"].received.endswith(HONEST_SCRIPT)


def test_a_lab_closes_before_it_echoes_what_would_poison_the_cache(by_target: dict[str, Attempt]) -> None:
    assert not by_target["default lab"].succeeded
    assert "closes with 1002" in by_target["default lab"].seen


def test_an_echo_that_takes_frames_without_a_mask_would_poison_the_cache(on_loop: Run) -> None:
    async def echo(
        head: RequestHead, body: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        writer.write(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")
        frames, count = FrameDecoder(), 0
        while count < 2 and (data := await reader.read(65_536)):
            for frame in frames.feed(data):
                writer.write(encode_frame(frame.opcode, frame.payload))
                count += 1

    async def try_it() -> bytes:
        frames = encode_frame(BINARY, disguised_request()) + encode_frame(BINARY, _script(FORGED_SCRIPT))
        stored: dict[Key, bytes] = {}
        async with (
            AttackedServer(echo) as server,
            AttackedServer(_serve_site) as site,
            NaiveCache(server.port, stored) as before_server,
            NaiveCache(site.port, stored) as before_site,
        ):
            opening = b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n"
            await ask(before_server.port, opening, after_head=frames)
            return await ask(before_site.port, ASK)

    assert FORGED_SCRIPT in on_loop(try_it())


def test_the_cache_is_a_cache_for_honest_answers_too(on_loop: Run) -> None:
    async def try_it() -> tuple[bytes, bytes, int]:
        stored: dict[Key, bytes] = {}
        async with AttackedServer(_serve_site) as site, NaiveCache(site.port, stored) as cache:
            return await ask(cache.port, ASK), await ask(cache.port, ASK), len(stored)

    first, second, stored = on_loop(try_it())
    assert first == second
    assert first.endswith(HONEST_SCRIPT)
    assert stored == 1
