"""``browser_lab()``: make the page that the learner has open an instrument, or a browser of the kernel's own."""

from __future__ import annotations

from typing import Literal

from IPython.display import display

from rtlab.errors import InputError
from rtlab.pages.browsers import Browser
from rtlab.pages.driven import DrivenBrowser
from rtlab.pages.page import Page
from rtlab.servers.lab import Lab, start_lab
from rtlab.surroundings.place import where
from rtlab.widgets.page_view import PageView


def browser_lab(
    lab: Lab | None = None,
    *,
    browser: Literal["page"] | Browser | None = None,
    route: Literal["direct", "proxy"] | None = None,
    trusted: Lab | None = None,
) -> Page:
    """Make a page an instrument: it opens native EventSource and WebSocket on command and reports every event.

    In a notebook it is the page that shows the cell's output. Where no page shows it, and if you name a browser, it
    is a headless browser that the kernel starts; a cell that is run again gets the browser that it has.

    Args:
        lab: The lab that the page reports to, a plain one of this kernel, or ``trusted``, for a page loaded over
            https; None starts or finds the default lab.
        browser: ``"page"`` for the learner's page, ``"chromium"`` (Chromium, Chrome or Edge) or ``"firefox"`` for a
            browser that is installed; None chooses the page if there is one, and Chromium otherwise.
        route: Allow the page only this way to the lab; None tries the direct way and the notebook server's proxy.
        trusted: A lab with TLS whose certificate Chromium shall trust, and no other that it does not know.

    Returns:
        The page. ``page.event_source()``, ``page.websocket()`` and ``page.fetch()`` open connections in it.

    Raises:
        InputError: The lab is of another process or speaks TLS; or the settings do not go together.
        MissingExtra: The browser is not installed.
    """
    chosen = browser or ("page" if where().has_widgets else "chromium")
    if trusted and chosen != "chromium":
        raise InputError('Only a browser of the kernel\'s own can be told whom to trust: browser="chromium".')
    home = lab or start_lab()
    if chosen == "page":
        page = Page(home)
        view = PageView(home.http_url, page.desk.token, page.desk.proof, route or "", lambda: _stands(page))
        page.on_close = view.close
        display(view)  # type: ignore[no-untyped-call]  # IPython ships no type for it
        return page
    if route == "proxy":
        raise InputError("A browser of the kernel's own reaches the lab directly; leave out route.")
    return _drive(home, chosen, trusted)


_driven: dict[tuple[str, str], tuple[Page, DrivenBrowser, Lab | None]] = {}


def _drive(home: Lab, kind: Browser, trusted: Lab | None) -> Page:
    """Start a browser; a cell that is run again gets the one that it has."""
    if known := _driven.pop((home.name, kind), None):
        page, driven, whom = known
        if page.lab is home and whom is trusted and driven.running:
            _driven[home.name, kind] = known
            return page
        page.close()
    page = Page(home, trusted=home is trusted)
    url = f"{home.http_url}/page/#{page.desk.token}.{page.desk.proof}"
    try:
        driven = DrivenBrowser(kind, url, trusted)
    except BaseException:
        page.close()
        raise
    page.on_close = driven.stop
    home.when_stopped.append(driven.stop)
    _driven[home.name, kind] = page, driven, trusted
    return page


def _stands(page: Page) -> str:
    if not page.here:
        return "No page reports to the lab: open this notebook in JupyterLab and run the cell."
    facts = page.desk.pages[-1]
    way = "directly" if facts.route == "direct" else "through the notebook server's proxy"
    return f"The page reaches the lab {way}; {len(page.connections)} connections are open."
