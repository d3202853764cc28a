"""An answer that is on its way: waited for, awaited, called back, or given up."""

from __future__ import annotations

import asyncio
import threading

import pytest

from rtlab.errors import LabNotRunning, WaitTimeout


def test_an_answer_can_be_awaited(page, come):
    scripted = come(page)

    async def ask():
        answer = page.ask("facts")
        scripted.reply(scripted.heard(), awaited=True)
        return await answer

    with asyncio.Runner() as runner:
        assert runner.run(ask())["awaited"]


def test_an_awaited_answer_says_that_no_page_came(page, monkeypatch):
    monkeypatch.setattr("rtlab.pages.page.READY_S", 0.05)

    async def ask():
        await page.ask("facts")

    with asyncio.Runner() as runner, pytest.raises(WaitTimeout, match="No page has come"):
        runner.run(ask())


def test_an_awaited_answer_that_does_not_come_is_withdrawn(page, come):
    scripted = come(page)

    async def ask():
        await page.ask("ticks", timeout_s=0.05)

    with asyncio.Runner() as runner, pytest.raises(WaitTimeout, match="did not answer"):
        runner.run(ask())
    scripted.heard()


def test_a_function_is_called_back_and_may_take_the_answer(page, come):
    scripted = come(page)
    came, called = [], threading.Event()
    answer = page.ask("facts")

    def take(answer):
        came.append(answer.result()["back"])
        called.set()

    answer.add_done_callback(take)
    scripted.reply(scripted.heard(), back="called")
    assert called.wait(30)
    assert came == ["called"]


def test_an_answer_that_is_late_withdraws_the_question(page, come, until):
    scripted = come(page)
    answer = page.ask("ticks")
    command = scripted.heard()
    with pytest.raises(WaitTimeout, match=r"within 0\.05 s"):
        answer.result(0.05)
    until(lambda: not page.desk._asked)
    scripted.reply(command)
    again = page.ask("facts")
    scripted.reply(scripted.heard(), fine=True)
    assert again.result()["fine"]
    with pytest.raises(LabNotRunning, match="withdrawn"):
        answer.result()


_INTERRUPTED = """
from rtlab.pages.page import Page
from rtlab.servers.lab import start_lab

with start_lab() as lab:
    page = Page(lab)
    print(lab.port, page.desk.token, flush=True)
    try:
        page.ask("ticks", timeout_s=60).result()
    except KeyboardInterrupt:
        print(page.ask("facts").result()["again"], len(page.desk._asked), flush=True)
"""


def test_an_interrupt_of_the_cell_withdraws_the_question(python, interrupt, come_to):
    process = python("-c", _INTERRUPTED)
    port, token = process.stdout.readline().split()
    scripted = come_to(int(port), token)
    assert scripted.heard()["verb"] == "ticks"
    interrupt(process)
    scripted.reply(scripted.heard(), again="fine")
    assert process.stdout.readline() == "fine 0\n"
    assert process.wait(30) == 0
