from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest

from rtlab.clients.inbox import Inbox


def test_items_come_out_in_order_and_then_nothing() -> None:
    inbox: Inbox[str] = Inbox()
    inbox.put(["a", "b"], 2)
    inbox.put(["c"], 1)
    assert len(inbox) == 3
    assert [inbox.take() for _ in range(4)] == ["a", "b", "c", None]
    inbox.put(["d"], 1)
    assert inbox.take() == "d"


def test_after_the_end_nothing_is_added_and_what_is_there_stays() -> None:
    inbox: Inbox[str] = Inbox()
    inbox.put(["a"], 1)
    inbox.end()
    inbox.put(["b"], 1)
    assert [inbox.take(), inbox.take()] == ["a", None]


def test_it_is_full_by_bytes_and_counts_out_what_is_taken(on_loop: Callable[..., Any]) -> None:
    async def talk() -> None:
        inbox: Inbox[str] = Inbox(max_bytes=10)
        inbox.put(["a"], 10)
        await asyncio.wait_for(inbox.room(), 5)
        inbox.put(["b"], 1)
        room = asyncio.ensure_future(inbox.room())
        await asyncio.sleep(0)
        assert not room.done()
        assert inbox.take() == "a"
        assert inbox.take() == "b"  # sees that half was taken
        await asyncio.wait_for(room, 5)

    on_loop(talk())


def test_waiting_ends_with_an_item_with_the_end_or_with_the_time(on_loop: Callable[..., Any]) -> None:
    async def waits() -> None:
        inbox: Inbox[str] = Inbox()
        with pytest.raises(TimeoutError):
            await inbox.wait(0)
        waiting = [asyncio.ensure_future(inbox.wait(5)) for _ in range(2)]
        await asyncio.sleep(0)
        inbox.put(["a"], 1)
        await asyncio.gather(*waiting)
        assert inbox.take() == "a"
        waiting = [asyncio.ensure_future(inbox.wait(5)) for _ in range(2)]
        await asyncio.sleep(0)
        inbox.end()
        await asyncio.gather(*waiting)
        await inbox.wait(0)

    on_loop(waits())


def test_room_comes_when_another_thread_has_taken_half(on_loop: Callable[..., Any]) -> None:
    inbox: Inbox[int] = Inbox(max_bytes=10)
    inbox.put(range(8), 8)
    inbox.put(range(8, 16), 8)
    waits, roomy = threading.Event(), threading.Event()

    async def wait() -> None:
        room = asyncio.ensure_future(inbox.room())
        await asyncio.sleep(0)
        assert not room.done()
        waits.set()
        await asyncio.wait_for(room, 30)
        roomy.set()

    def take() -> None:
        assert waits.wait(30)
        for number in range(8):
            assert inbox.take() == number
        assert not roomy.is_set()
        assert inbox.take() == 8  # sees that half was taken
        assert roomy.wait(30)

    taker = threading.Thread(target=take)
    taker.start()
    on_loop(wait())
    taker.join(30)
    assert not taker.is_alive()
    assert len(inbox) == 7


def test_one_item_larger_than_all_room_does_not_block_for_ever(on_loop: Callable[..., Any]) -> None:
    async def talk() -> None:
        inbox: Inbox[str] = Inbox(max_bytes=10)
        inbox.put(["much too large"], 100)
        room = asyncio.ensure_future(inbox.room())
        await asyncio.sleep(0)
        assert not room.done()
        assert inbox.take() == "much too large"
        assert inbox.take() is None
        await asyncio.wait_for(room, 5)

    on_loop(talk())


def test_closed_it_makes_nobody_wait_and_leaves_no_gap(on_loop: Callable[..., Any]) -> None:
    async def talk() -> None:
        inbox: Inbox[str] = Inbox(max_bytes=10)
        inbox.put(["a"], 6)
        inbox.put(["b"], 6)
        room = asyncio.ensure_future(inbox.room())
        await asyncio.sleep(0)
        inbox.close()
        await asyncio.wait_for(room, 5)
        await inbox.room()
        inbox.put(["thrown away"], 1)
        assert [inbox.take(), inbox.take()] == ["a", "b"]
        inbox.put(["after the gap"], 1)
        assert inbox.take() is None

    on_loop(talk())


def test_many_threads_take_each_item_once() -> None:
    inbox: Inbox[int] = Inbox()
    inbox.put(range(20_000), 20_000)
    taken: list[list[int]] = [[] for _ in range(4)]

    def take(into: list[int]) -> None:
        while (number := inbox.take()) is not None:
            into.append(number)

    threads = [threading.Thread(target=take, args=(into,)) for into in taken]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(number for into in taken for number in into) == list(range(20_000))
    assert all(into == sorted(into) for into in taken)
