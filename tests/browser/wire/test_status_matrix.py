"""Chromium's EventSource and WebSocket in every situation of the status matrix, beside ours and the record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from rtlab.conformance.browser_records import status_records
from rtlab.experiments.situations import SITUATIONS, Protocol
from rtlab.experiments.status_matrix import watch_clients
from rtlab.experiments.status_trials import end_trials, judge, prepare_trials
from rtlab.findings.reconnection import StatusCell
from rtlab.loop_thread import shared

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

WATCHED_MS = 4_500  # longer than the reconnection time that Chromium begins with, 3 s
PROTOCOLS: dict[Protocol, str] = {"sse": "EventSource", "websocket": "WebSocket"}
KEYS = [(protocol, situation.name) for protocol in PROTOCOLS for situation in SITUATIONS]

Cells = dict[tuple[str, str], StatusCell]

# Where Chromium does something else than ours, and why.
DIFFERENCES = {
    ("sse", "untrusted certificate"): (
        "reconnects",
        "The standard lets a client give up where trying again is futile: ours does, Chromium goes on every 3 s.",
    )
}

_WATCH = """async ([urls, constructor, watchedMs]) => {
    const clients = urls.map(url => {
        const seen = {client: new window[constructor](url), got: [], errorsMs: []};
        seen.client.onmessage = ({data}) => seen.got.push(data);
        seen.client.onerror = () => seen.errorsMs.push(performance.now());
        return seen;
    });
    await new Promise(done => setTimeout(done, watchedMs));
    return clients.map(({client, got, errorsMs}) => {
        const closed = client.readyState === client.CLOSED;
        client.close();
        return {got, errorsMs, closed};
    });
}"""


@pytest.fixture(scope="module")
def closed_page(origin: Any, browser: Browser, chromium: str) -> Iterator[Page]:
    """A blank page in a Chromium that asks no name server for names that cannot be."""
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    flags.append("--host-resolver-rules=MAP *.invalid ~NOTFOUND")
    own = browser.browser_type.launch(executable_path=chromium, args=flags)
    page = own.new_page()
    page.goto(origin.url)
    yield page
    own.close()


def watch(page: Page, protocol: Protocol) -> list[StatusCell]:
    shared.hold()
    trials = shared.call(lambda: prepare_trials(protocol), 30)
    try:
        urls = [trial.url for trial in trials]
        cells = []
        for trial, seen in zip(trials, page.evaluate(_WATCH, [urls, PROTOCOLS[protocol], WATCHED_MS]), strict=True):
            trial.got = seen["got"]
            trial.state = "closed" if seen["closed"] else "reconnecting"
            # Before TLS and without a name no request comes: the page's errors tell the attempts.
            trial.looked_up_ns = [int(at_ms * 1e6) for at_ms in seen["errorsMs"]]
            cells.append(judge(trial, f"Chromium {PROTOCOLS[protocol]}"))
        return cells
    finally:
        shared.call(lambda: end_trials(trials), 30)
        shared.release()


@pytest.fixture(scope="module")
def chromium_cells(closed_page: Page) -> Cells:
    cells = [cell for protocol in PROTOCOLS for cell in watch(closed_page, protocol)]
    return {(cell.protocol, cell.situation): cell for cell in cells}


@pytest.fixture(scope="module")
def our_cells() -> Cells:
    shared.hold()
    try:
        cells = watch_clients([f"rtlab {name}" for name in PROTOCOLS.values()])
    finally:
        shared.release()
    return {(cell.protocol, cell.situation): cell for cell in cells}


def in_a_page(outcome: str) -> str:
    """Name an outcome as a page sees it: it gets an event where a program gets an error."""
    return "closes" if outcome == "raises" else outcome


@pytest.mark.parametrize(("protocol", "situation"), KEYS)
def test_chromium_does_what_ours_does_but_for_named_differences(
    chromium_cells: Cells, our_cells: Cells, protocol: str, situation: str
) -> None:
    chromium, ours = chromium_cells[protocol, situation], our_cells[protocol, situation]
    expected, _ = DIFFERENCES.get((protocol, situation), (in_a_page(ours.outcome), ""))
    assert chromium.outcome == expected
    assert ((protocol, situation) in DIFFERENCES) == (chromium.outcome != in_a_page(ours.outcome))


@pytest.mark.parametrize(("protocol", "situation"), KEYS)
def test_chromium_does_what_the_standard_wants(chromium_cells: Cells, protocol: str, situation: str) -> None:
    assert chromium_cells[protocol, situation].agrees


def test_both_name_the_last_event_when_they_come_back(chromium_cells: Cells, our_cells: Cells) -> None:
    for situation in ("opens, then ends", "opens, then is reset", "opens, ends, then 503"):
        assert chromium_cells["sse", situation].last_event_id
        assert our_cells["sse", situation].last_event_id


def test_the_record_says_what_chromium_does(chromium_cells: Cells) -> None:
    """If this fails with a new Chromium, record it again: version, date and cells of data/browsers."""
    (record,) = [record for record in status_records() if record.browser == "Chromium"]
    recorded = {(cell["protocol"], cell["situation"]): cell for cell in record.cells}
    assert recorded.keys() == chromium_cells.keys()
    for key, cell in chromium_cells.items():
        seen = asdict(cell)
        for name in ("outcome", "followed", "state", "last_event_id"):
            assert recorded[key][name] == seen[name], key
