"""Documents in a real page: shown without a network, and nothing that a viewer tries leaves the frame."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from rtlab.exports.asyncapi import asyncapi_document
from rtlab.exports.catalogue import make_catalogue
from rtlab.exports.openapi import openapi_document
from rtlab.findings.documents import Sighting
from rtlab.results.document_view import DocumentView
from rtlab.servers.lab import Lab
from rtlab.tools.viewers import VIEWERS

from ..absent import needed

CATALOGUE = make_catalogue(
    [
        Sighting("sse", "news", "price", "k3f9-1", '{"symbol": "ABC", "eur": 12.5}'),
        Sighting("websocket", "news", "message", "", '{"symbol": "ABC", "eur": 12.5}'),
    ],
    "http://127.0.0.1:9",
    ids=True,
    retry_ms=1000,
)
DOCUMENTS = {"asyncapi": asyncapi_document(CATALOGUE), "openapi": openapi_document(CATALOGUE)}
CURIOUS = """
window.tried = [];
const note = (name) => (error) => { window.tried.push(name); };
window.AsyncApiStandalone = { render({ schema }, place) {
  fetch("HTTP_URL/a").catch(note("fetch"));
  const image = new Image(); image.onerror = note("image"); image.src = "HTTP_URL/b.png";
  const script = document.createElement("script"); script.onerror = note("script");
  script.src = "HTTP_URL/c.js"; document.head.append(script);
  const style = document.createElement("link"); style.rel = "stylesheet"; style.onerror = note("style");
  style.href = "HTTP_URL/d.css"; document.head.append(style);
  try { new WebSocket("WS_URL/echo").onerror = note("socket"); } catch { note("socket")(); }
  try { window.parent.document.title = "taken"; } catch { note("parent")(); }
  localStorage.setItem("seen", "yes");
  place.textContent = `${schema.info.title}, stored ${localStorage.getItem("seen")}`;
} };
"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1100, "height": 800})
    yield page
    page.close()


def shown(page: Page, view: DocumentView) -> list[str]:
    """Put a view into a page, and give the list that fills with the addresses that the page asks for."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_content(f"<h1>Notebook</h1>{view._repr_mimebundle_()['text/html']}")
    return asked


@pytest.mark.browser
@pytest.mark.timeout(120)
def test_a_curious_viewer_reaches_nothing_outside_its_frame(
    page: Page, make_lab: Callable[..., Lab], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RTLAB_TOOLS", str(tmp_path))
    folder = VIEWERS["asyncapi"].folder
    folder.mkdir(parents=True)
    lab = make_lab()
    ws_url = lab.http_url.replace("http", "ws")
    (folder / "index.js").write_text(CURIOUS.replace("HTTP_URL", lab.http_url).replace("WS_URL", ws_url))
    (folder / "default.min.css").write_text("body { color: green; }")
    shown(page, DocumentView(DOCUMENTS["asyncapi"]))
    frame = page.frame_locator("iframe")
    frame.get_by_text("A lab's channels, stored yes").wait_for(timeout=30_000)
    inner = page.frames[-1]
    inner.wait_for_function("window.tried.length >= 6", timeout=30_000)
    assert set(inner.evaluate("window.tried")) == {"fetch", "image", "script", "style", "socket", "parent"}
    page.request.get(f"{lab.http_url}/asked-from-outside")
    arrived = [line.text for line in lab.log if "GET" in line.text or "websocket" in line.text]
    assert [line for line in arrived if "asked-from-outside" not in line] == []
    assert arrived  # what comes is seen


@pytest.mark.stacks
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("format", "words"),
    [
        ("asyncapi", ("A lab's channels 1.0.0", "Operations", "/sse/news", "/ws/news", "price on news")),
        ("openapi", ("A lab's channels", "text/event-stream", "The channel news as an event stream")),
    ],
)
def test_the_viewers_of_the_makers_show_a_document_without_a_network(
    page: Page, screenshots: Path, format: str, words: tuple[str, ...]
) -> None:
    needed(VIEWERS[format].read)
    asked = shown(page, DocumentView(DOCUMENTS[format], viewer=True))
    frame = page.frame_locator("iframe")
    for word in words:
        frame.get_by_text(word).first.wait_for(timeout=60_000)
    page.screenshot(path=screenshots / f"document-{format}.png")
    assert [url for url in asked if not url.startswith(("data:", "blob:", "about:"))] == []


@pytest.mark.browser
@pytest.mark.timeout(120)
def test_an_outline_is_a_table_that_can_be_read(
    page: Page, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RTLAB_TOOLS", str(tmp_path))
    shown(page, DocumentView(DOCUMENTS["openapi"]))
    table = page.get_by_role("region", name="Outline of the OpenAPI 3.2.0 document")
    assert table.get_by_text("/sse/news").count() == 1
    assert table.get_by_text("200 text/event-stream; 403 text/plain").count() == 1
