"""Pages that do what a test says: the kernel's side can be looked at without a browser."""

from __future__ import annotations

import json

import pytest

from rtlab.codecs.websocket_frames import TEXT
from rtlab.pages.page import Page

FACTS = {
    "agent": "Scripted",
    "origin": "http://127.0.0.1:1",
    "secure": True,
    "visible": True,
    "route": "direct",
}


class ScriptedPage:
    """The page's end of the line to a lab."""

    def __init__(self, line):
        self.line = line
        self.proof = self.heard()["proof"]

    def heard(self):
        """Read what the kernel says next."""
        frame = self.line.frame()
        assert frame.opcode == TEXT, frame
        return json.loads(frame.payload)

    def say(self, **message):
        self.line.send_text(json.dumps(message))

    def hello(self, **facts):
        self.say(hello=FACTS | facts)

    def reply(self, command, **result):
        self.say(reply=command["ask"], result={"at_ms": 1.5, **result})

    def note(self, command, kind, **more):
        """Report an event of the connection that a command is about."""
        self.say(connection=command["connection"], kind=kind, at_ms=2.5, **more)

    def leave(self):
        self.line.close()


@pytest.fixture
def page(lab):
    page = Page(lab)
    yield page
    page.close()


@pytest.fixture
def come_to(raw):
    """Let a scripted page come to the desk with a token."""

    def come_to(port, token, **facts):
        came = ScriptedPage(raw(port).open_websocket(f"/page?desk={token}"))
        came.hello(**facts)
        return came

    return come_to


@pytest.fixture
def come(come_to, until):
    """Let a scripted page come, and wait until the kernel knows."""

    def come(page, **facts):
        before = len(page.desk.pages)
        came = come_to(page.lab.port, page.desk.token, **facts)
        until(lambda: len(page.desk.pages) == before + 1)
        return came

    return come
