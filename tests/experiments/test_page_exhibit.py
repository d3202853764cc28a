from __future__ import annotations

import pytest

import rtlab
from rtlab.codecs.websocket_session import TextMessage
from rtlab.errors import ConnectionEnded, ConnectionFailed, PortUnavailable, WaitTimeout
from rtlab.experiments.page_exhibit import MAX_LINES, ExhibitLine, PageExhibit


async def close(line: ExhibitLine) -> None:
    await line.open((("X-Exhibit", "1"),))
    await line.close(4123, "a reason")


async def close_without_code(line: ExhibitLine) -> None:
    await line.open()
    await line.close(None)


async def listen(line: ExhibitLine) -> None:
    await line.open()
    events = await line.read()
    await line.write(line.session.send_text(f"heard {len(events)}: {events[0]}"))
    await line.wait_closed()


async def cut(line: ExhibitLine) -> None:
    await line.open()
    line.cut()


async def refuse(line: ExhibitLine) -> None:
    await line.answer(403, (("X-Why", "no"),), b"no")


SCRIPTS = {"close": close, "codeless": close_without_code, "listen": listen, "cut": cut, "refuse": refuse}


@pytest.mark.parametrize(("path", "code", "reason"), [("close", 4123, "a reason"), ("codeless", 1005, "")])
def test_a_script_closes_and_reads_the_answer(path: str, code: int, reason: str) -> None:
    with PageExhibit(SCRIPTS) as exhibit, rtlab.WebSocket(exhibit.url(path)) as client:
        with pytest.raises(ConnectionEnded):
            client.receive()
        assert (client.close_code, client.close_reason) == (code, reason)
        assert exhibit.ended(path).session.close_code == code


def test_a_script_hears_what_the_other_side_says() -> None:
    with PageExhibit(SCRIPTS) as exhibit:
        with rtlab.WebSocket(exhibit.url("listen")) as client:
            client.send("hello")
            assert client.receive().data == f"heard 1: {TextMessage('hello')}"
        assert exhibit.ended("listen").session.close_code == 1000


def test_a_line_that_is_cut_ends_without_a_code() -> None:
    with PageExhibit(SCRIPTS) as exhibit, rtlab.WebSocket(exhibit.url("cut")) as client:
        with pytest.raises(ConnectionEnded):
            client.receive()
        assert client.close_code == 1006


def test_a_refusal_is_an_answer_like_any_other() -> None:
    with PageExhibit(SCRIPTS) as exhibit:
        with pytest.raises(ConnectionFailed) as caught, rtlab.WebSocket(exhibit.url("refuse")):
            pass
        assert caught.value.status == 403


def test_who_does_not_know_the_path_is_cut_off_and_counted() -> None:
    with PageExhibit(SCRIPTS) as exhibit:
        with pytest.raises(ConnectionFailed), rtlab.WebSocket(f"ws://127.0.0.1:{exhibit.port}/close"):
            pass
        assert exhibit.accepted == 1
        assert exhibit.line("close") is None
        with pytest.raises(WaitTimeout, match="'close' has not ended"):
            exhibit.ended("close", 0.05)


def test_it_takes_the_first_port_that_is_free() -> None:
    with PageExhibit(SCRIPTS) as first:
        with PageExhibit(SCRIPTS, ports=(first.port, 0)) as second:
            assert second.port != first.port
        with pytest.raises(PortUnavailable), PageExhibit(SCRIPTS, ports=(first.port,)):
            pass


def test_there_is_an_end_to_connections() -> None:
    with PageExhibit(SCRIPTS) as exhibit:
        exhibit.accepted = MAX_LINES
        with pytest.raises(ConnectionFailed), rtlab.WebSocket(exhibit.url("close")):
            pass
