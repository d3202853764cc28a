"""EventSource is an interface that browsers bring along: claim C25, which no Python process can try."""

from __future__ import annotations

import sysconfig
from pathlib import Path

import pytest
from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

_LOOK = """() => ({
    native: /\\[native code\\]/.test(String(EventSource)),
    parent: Object.getPrototypeOf(EventSource) === EventTarget,
    members: Object.getOwnPropertyNames(EventSource.prototype).sort(),
    states: [EventSource.CONNECTING, EventSource.OPEN, EventSource.CLOSED],
    defaults: (({withCredentials, readyState}) => [withCredentials, readyState])(new EventSource("/nothing")),
})"""
_LOOK_IN_WORKER = """() => new Promise(done => {
    const script = new Blob(["postMessage(typeof EventSource)"], {type: "text/javascript"});
    new Worker(URL.createObjectURL(script)).onmessage = event => done(event.data);
})"""


def test_chromium_has_the_interface_as_the_standard_lists_it(page: Page) -> None:
    """HTML Living Standard 9.2.2."""
    found = page.evaluate(_LOOK)
    names = {"CONNECTING", "OPEN", "CLOSED", "url", "withCredentials", "readyState"}
    names |= {"onopen", "onmessage", "onerror", "close", "constructor"}
    assert set(found["members"]) == names
    assert found["native"] and found["parent"]
    assert found["states"] == [0, 1, 2]
    assert found["defaults"] == [False, 0]


def test_workers_have_it_too(page: Page) -> None:
    assert page.evaluate(_LOOK_IN_WORKER) == "function"


def test_pythons_standard_library_knows_nothing_of_it() -> None:
    library = Path(sysconfig.get_path("stdlib"))
    files = [
        path for path in library.rglob("*.py") if not {"site-packages", "dist-packages", "test"} & {*path.parts}
    ]
    assert len(files) > 200
    assert [path.name for path in files if b"EventSource" in path.read_bytes()] == []
