"""What the kernel does with the pages of a widget, over the real line of a real lab."""

from __future__ import annotations

import pytest

from rtlab.errors import ConnectionEnded, InputError, WaitTimeout


def routes(page):
    return [facts.route for facts in page.desk.pages]


def test_a_command_goes_to_the_page_and_its_answer_comes_back(page, come):
    scripted = come(page)
    answer = page.ask("ticks", {"count": 3})
    command = scripted.heard()
    assert command == {"ask": command["ask"], "verb": "ticks", "count": 3}
    assert not answer.done
    scripted.reply(command, ticks=[1])
    assert answer.result() == {"at_ms": 1.5, "ticks": [1]}
    assert answer.done


def test_a_command_waits_for_the_first_page(page, come):
    answer = page.ask("facts")
    scripted = come(page)
    scripted.reply(scripted.heard(), here=True)
    assert answer.result()["here"]


def test_without_a_page_the_wait_says_what_to_do(page, on_loop):
    with pytest.raises(WaitTimeout, match=r"within 0\.05 s.*browser_lab"):
        on_loop(page.desk.ready(0.05))
    with pytest.raises(WaitTimeout, match="No page has come"):
        on_loop(page.desk.ask("facts", {}, ready_s=0.05))


def test_a_page_that_refuses_says_why(page, come):
    scripted = come(page)
    answer = page.ask("open_websocket")
    scripted.say(reply=scripted.heard()["ask"], error="This page already has 200 WebSockets.", kind="limit")
    with pytest.raises(InputError, match="The page: This page already has 200"):
        answer.result()


def test_a_connection_that_the_page_does_not_have_any_more_has_ended(page, come):
    scripted = come(page)
    answer = page.ask("look")
    scripted.say(reply=scripted.heard()["ask"], error="This connection is not open any more.", kind="gone")
    with pytest.raises(ConnectionEnded, match="not open any more"):
        answer.result()


def test_the_page_that_came_last_gets_the_command_and_no_other(page, come, until):
    first, second = come(page, route="proxy"), come(page)
    answer = page.ask("facts")
    second.reply(second.heard(), who="second")
    assert answer.result()["who"] == "second"
    first.say(front=True)
    until(lambda: routes(page) == ["direct", "proxy"])
    again = page.ask("ticks")
    command = first.heard()
    assert command["verb"] == "ticks"  # the first thing that it ever heard
    first.reply(command, who="first")
    assert again.result()["who"] == "first"


def test_a_page_that_nobody_sees_does_not_come_to_the_front(page, come):
    come(page, route="direct")
    come(page, route="proxy", visible=False)
    assert routes(page) == ["proxy", "direct"]


def test_only_the_page_that_was_asked_may_answer(page, come, until):
    first, second = come(page, route="proxy"), come(page)
    answer = page.ask("facts")
    command = second.heard()
    first.reply(command, who="first")
    first.say(front=True)  # once the kernel knows that, it has read the answer, too
    until(lambda: routes(page) == ["direct", "proxy"])
    assert not answer.done
    second.reply(command, who="second")
    assert answer.result()["who"] == "second"


def test_an_answer_that_nobody_waits_for_is_ignored(page, come):
    scripted = come(page)
    answer = page.ask("facts")
    command = scripted.heard()
    for number in (command["ask"], command["ask"], 10_000):
        scripted.say(reply=number, result={"at_ms": 1})
    assert answer.result() == {"at_ms": 1}
    assert page.here


def test_what_a_page_had_promised_ends_when_it_goes(page, come, until):
    staying, leaving = come(page), come(page)
    answer = page.ask("ticks")
    leaving.heard()
    leaving.leave()
    with pytest.raises(ConnectionEnded, match="closed, reloaded or cut off"):
        answer.result()
    again = page.ask("facts")
    staying.reply(staying.heard(), who="staying")
    assert again.result()["who"] == "staying"
    staying.leave()
    until(lambda: not page.here)


def test_the_next_page_gets_no_command_of_the_one_before(page, come, until):
    leaving = come(page)
    answer = page.ask("ticks")
    leaving.heard()
    leaving.leave()
    until(lambda: answer.done)
    reloaded = come(page)
    page.ask("facts")
    assert reloaded.heard()["verb"] == "facts"


@pytest.mark.parametrize(
    "report",
    [
        "no JSON",
        "[]",
        "1",
        "null",
        "{}",
        '{"hello": {}}',
        '{"hello": {"agent": "and no more"}}',
        '{"connection": 1}',
        '{"connection": [], "kind": "open", "at_ms": 1}',
        '{"connection": 1, "kind": "open", "at_ms": 1, "surprise": 1}',
        '{"connection": 1, "kind": "message", "at_ms": 1, "base64": "?"}',
        '{"reply": []}',
    ],
)
def test_a_report_that_is_none_closes_the_line_with_1008(page, come, until, report):
    scripted = come(page)
    scripted.line.send_text(report)
    assert scripted.line.close_code() == 1008
    scripted.leave()
    until(lambda: not page.here)


def test_an_answer_without_a_result_ends_the_promise(page, come):
    scripted = come(page)
    answer = page.ask("facts")
    scripted.say(reply=scripted.heard()["ask"])
    assert scripted.line.close_code() == 1008
    scripted.leave()
    with pytest.raises(ConnectionEnded):
        answer.result()


def test_a_connection_that_nobody_wants_any_more_is_closed_in_the_page(page, come):
    scripted = come(page)
    scripted.say(connection=99, kind="open", at_ms=1.0, state=1)
    command = scripted.heard()
    assert (command["verb"], command["connection"]) == ("close", 99)
    scripted.say(connection=99, kind="close", at_ms=2.0, state=3)
    page.ask("facts")
    assert scripted.heard()["verb"] == "facts"
