"""Commands and connections as the learner has them."""

from __future__ import annotations

import threading

import pytest

from rtlab.errors import ConnectionEnded, InputError, LabNotRunning, WaitTimeout
from rtlab.loop_thread import shared
from rtlab.pages.page import Page


@pytest.fixture
def aside():
    """Begin a blocking call in a thread, as a cell makes it; gives what gives its result."""
    threads = []

    def begin(call, *arguments, **options):
        outcome = []

        def run():
            try:
                outcome.append((call(*arguments, **options), None))
            except Exception as error:
                outcome.append((None, error))

        threads.append(threading.Thread(target=run))
        threads[-1].start()

        def result():
            threads[-1].join(30)
            result, error = outcome[0]
            if error:
                raise error
            return result

        return result

    yield begin
    for thread in threads:
        thread.join(30)


@pytest.fixture
def opened(page, come, aside):
    """Open a connection in a scripted page."""

    def opened(kind, *arguments, scripted=None, **options):
        scripted = scripted or come(page)
        result = aside(getattr(page, kind), *arguments, **options)
        command = scripted.heard()
        scripted.reply(command)
        return scripted, command, result()

    return opened


def test_an_event_source_reports_what_happened(page, lab, opened):
    scripted, command, source = opened("event_source", types=["alarm"])
    assert command["verb"] == "open_event_source"
    assert command["url"].startswith(f"{lab.http_url}/sse/news?nonce={lab.nonce}&tag=")
    assert command["types"] == ["alarm"]
    assert (source.route, source.state, source.events, source.began_ms) == ("direct", None, (), 1.5)
    scripted.note(command, "open", state=1)
    scripted.note(command, "message", state=1, type="alarm", id="7", data="zwölf", size_bytes=6, form="text")
    scripted.note(command, "error", state=0)
    (error,) = source.wait("error")
    assert error.state == source.state == 0
    assert [event.data for event in source.messages] == ["zwölf"]
    assert page.connections == (source,)
    scripted.note(command, "error", state=2)
    with pytest.raises(ConnectionEnded, match="EventSource has ended"):
        source.wait("message", 2)
    assert page.connections == ()
    source.close()  # it is closed already, so the page is not asked


def test_an_error_ends_no_websocket_but_its_close_does(page, opened):
    scripted, command, socket = opened("websocket", "echo", protocols=["a"], binary_type="arraybuffer")
    assert "/echo?nonce=" in command["url"] and command["url"].startswith("http://")
    assert (command["protocols"], command["binary_type"]) == (["a"], "arraybuffer")
    scripted.note(command, "message", state=1, base64="AP8=", size_bytes=2, form="ArrayBuffer")
    scripted.note(command, "error", state=3)
    assert socket.wait("message")[0].data == b"\x00\xff"
    assert not socket.wait("error")[0].was_clean
    assert not socket.ended
    scripted.note(command, "close", state=3, code=1006, reason="", was_clean=False)
    assert socket.wait("close")[0].code == 1006
    assert socket.ended


def test_a_fetch_ends_with_its_end_or_an_error(page, opened):
    scripted, command, whole = opened("fetch", headers={"Accept": "text/event-stream"}, method="POST", body="x")
    assert (command["method"], command["headers"], command["body"]) == (
        "POST",
        {"Accept": "text/event-stream"},
        "x",
    )
    scripted.note(command, "open", status=200, headers=[["content-type", "text/event-stream"]])
    scripted.note(command, "chunk", data="data: 1", size_bytes=7)
    scripted.note(command, "end")
    assert whole.wait("open")[0].headers == (("content-type", "text/event-stream"),)
    assert whole.wait("end") and whole.ended
    _, command, broken = opened("fetch", scripted=scripted)
    scripted.note(command, "error", reason="TypeError: Failed to fetch")
    assert broken.wait("error")[0].reason.startswith("TypeError")
    assert broken.ended


def test_a_message_is_sent_and_its_answer_tells_what_is_held_back(opened):
    scripted, _, socket = opened("websocket", "echo")
    answer = socket.send(b"\x00\xff")
    command = scripted.heard()
    assert (command["verb"], command["text"], command["base64"]) == ("send", None, "AP8=")
    scripted.reply(command, buffered=[[0, 0], [0.1, 2]])
    assert answer.result()["buffered"] == [[0, 0], [0.1, 2]]
    with pytest.raises(InputError, match="1 to 10,000 messages"):
        socket.pour(0, 1)


def test_a_close_code_goes_to_the_page(opened, aside):
    scripted, _, socket = opened("websocket", "echo")
    result = aside(socket.close, code=3500, reason="done")
    command = scripted.heard()
    assert (command["verb"], command["code"], command["reason"]) == ("close", 3500, "done")
    scripted.reply(command)
    result()


def test_reports_of_another_page_about_a_connection_are_ignored(page, come, opened, until):
    scripted, command, socket = opened("websocket", "echo")
    other = come(page)
    other.note(command, "close", state=3, code=4000)
    other.say(front=True)
    answer = page.ask("facts")
    assert other.heard()["verb"] == "facts"
    assert not socket.ended and not socket.events and not answer.done
    scripted.note(command, "open", state=1)
    assert socket.wait("open")


def test_a_command_about_a_connection_goes_to_its_page_and_not_to_the_one_in_front(page, come, opened):
    scripted, _, socket = opened("websocket", "echo")
    come(page)
    socket.send("to my page")
    assert scripted.heard()["text"] == "to my page"


def test_connections_end_when_their_page_goes(page, come, opened):
    scripted, command, socket = opened("websocket", "echo")
    scripted.note(command, "open", state=1)
    assert socket.wait("open")
    scripted.leave()
    with pytest.raises(ConnectionEnded, match="closed, reloaded or cut off"):
        socket.wait("message")
    with pytest.raises(ConnectionEnded, match="closed, reloaded or cut off"):
        socket.send("too late").result()
    assert page.connections == ()
    reloaded = come(page)
    page.ask("facts")
    assert reloaded.heard()["verb"] == "facts"


def test_a_connection_that_is_refused_leaves_nothing_in_the_books(page, come, aside):
    scripted = come(page)
    result = aside(page.event_source)
    scripted.say(reply=scripted.heard()["ask"], error="more would freeze JupyterLab.", kind="limit")
    with pytest.raises(InputError, match="freeze"):
        result()
    assert page.connections == ()
    assert not page.desk._connections and not page.desk._asked


def test_a_connection_that_opens_too_late_is_closed_again(page, come, aside):
    scripted = come(page)
    result = aside(page.event_source, timeout_s=0.1)
    command = scripted.heard()
    with pytest.raises(WaitTimeout, match=r"did not answer within 0\.1 s"):
        result()
    scripted.reply(command)
    scripted.note(command, "open", state=1)
    late = scripted.heard()
    assert (late["verb"], late["connection"]) == ("close", command["connection"])
    assert page.connections == ()


def test_a_wait_for_events_has_its_own_time_limit(opened):
    _, _, socket = opened("websocket", "echo")
    with pytest.raises(WaitTimeout, match=r"0 of 2 'message' within 0\.05 s"):
        socket.wait("message", 2, timeout_s=0.05)


def test_a_lab_that_stops_ends_what_is_promised_and_refuses_more(make_lab, come):
    lab = make_lab()
    page = Page(lab)
    make_lab()  # the loop lives on
    scripted = come(page)
    answer = page.ask("ticks")
    scripted.heard()
    lab.stop()
    with pytest.raises(ConnectionEnded):
        answer.result()
    with pytest.raises(LabNotRunning, match="call browser_lab"):
        page.ask("facts")
    with pytest.raises(LabNotRunning, match="call browser_lab"):
        _ = page.facts
    page.close()


def test_an_isolated_lab_and_one_with_tls_get_no_page(make_lab):
    for options in ({"isolated": True}, {"tls": True}):
        with pytest.raises(InputError, match=r"this kernel without TLS.*lab=other"):
            Page(make_lab(**options))


def test_another_lab_is_opened_with_its_own_secret(lab, make_lab, opened):
    other = make_lab(tls=True)
    _, command, _ = opened("websocket", lab=other)
    assert command["url"].startswith(f"https://127.0.0.1:{other.port}/ws/news?nonce={other.nonce}&")


def test_a_stranger_gets_no_secret(lab, opened):
    scripted, command, _ = opened("event_source", url="http://127.0.0.1:9/news?x=1")
    assert command["url"] == "http://127.0.0.1:9/news?x=1"
    _, command, _ = opened("websocket", url="ws://127.0.0.1:9/ws", scripted=scripted)
    assert command["url"] == "http://127.0.0.1:9/ws"
    _, command, _ = opened("fetch", url=f"{lab.http_url}0/news", scripted=scripted)
    assert command["url"] == f"{lab.http_url}0/news"


def test_close_sends_the_page_away_and_lets_nobody_in_again(lab, come, until, raw):
    page = Page(lab)
    ended = []
    page.on_close = lambda: ended.append("on_close")
    scripted = come(page)
    page.close()
    assert scripted.line.close_code() == 1001
    assert ended == ["on_close"]
    late = raw(lab)
    late.ask_upgrade(f"/page?desk={page.desk.token}")
    assert late.head()[0] == 403


def test_a_proxied_stream_that_ended_is_cut_at_the_lab(page, lab, come, opened, raw, until):
    scripted, command, source = opened("event_source", scripted=come(page, route="proxy"))
    kept_by_proxy = raw(lab).open_stream(command["url"].removeprefix(lab.http_url))
    direct = raw(lab).open_stream("/sse/news")
    until(lambda: len(lab.connections) == 2)
    scripted.note(command, "closed", state=2)
    assert kept_by_proxy.is_over()
    until(lambda: len(lab.connections) == 1)
    lab.publish("still there")
    assert b"still there" in direct.chunk()
    assert source.ended


def test_the_page_says_how_it_stands(page, come):
    assert repr(page) == "<Page: not there>"
    come(page, route="proxy")
    assert repr(page) == "<Page at http://127.0.0.1:1, proxy: 0 connections>"
    assert page.facts.agent == "Scripted"
    assert shared.running
