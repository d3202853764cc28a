"""Cross-site WebSocket hijacking: may a foreign page open a socket with the victim's cookie, and read?

The victim signs in and then visits the attacker's page, in the same browser. The attacker's page is on this
machine, too: a browser tells sites by their names, and in a browser of the kernel's own a foreign name leads here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from urllib.parse import urlsplit

from rtlab.codecs.http1 import encode_request_head
from rtlab.errors import InputError
from rtlab.experiments.attacking_page import AttackingPage, BrowserPage
from rtlab.experiments.page_front import PageFront
from rtlab.experiments.program_page import ProgramPage, sign_in
from rtlab.experiments.victim import COOKIES, POLICIES, TOKEN, Victim
from rtlab.findings.cross_site import OWN, HijackTry
from rtlab.pages.driven import DrivenBrowser
from rtlab.pages.keeper import LESSON_DOMAIN
from rtlab.pages.page import Page
from rtlab.servers.guards import LOOPBACK_HOSTS, Guards
from rtlab.servers.lab import Lab, start_lab

FOREIGN = f"evil.{LESSON_DOMAIN}"
PORT, LOCALHOST = "another port", "localhost, by its name"
PLACES = {OWN: "127.0.0.1", PORT: "127.0.0.1", LOCALHOST: "localhost", FOREIGN: FOREIGN}
"""Where the attacking page stands, with its host; the server under attack is at 127.0.0.1."""
GUESS = "a guess"
_LAB = "attacking page"
_TIMEOUT_S = 10.0

Tell = Callable[[int, int, str], None]


def try_hijacking(
    places: Sequence[str] = tuple(PLACES),
    *,
    in_browser: bool,
    third_party_cookies: bool = True,
    tell: Tell = lambda done, total, text: None,
) -> tuple[HijackTry, ...]:
    """Attack a server with sessions from pages of different origins.

    Args:
        places: Where the page stands; any of :data:`PLACES`.
        in_browser: Use a Chromium of the kernel's own; otherwise a program sends what such a page would.
        third_party_cookies: Whether the victim's browser allows third-party cookies.
        tell: Is told how many places are done, of how many, and which is next.

    Returns:
        One for each place, kind of cookie and policy.

    Raises:
        InputError: There is no such place.
        MissingExtra: No Chromium is installed.
    """
    if unknown := [place for place in places if place not in PLACES]:
        raise InputError(f"There is no place {unknown[0]!r}; there are {', '.join(PLACES)}.")
    found: list[HijackTry] = []
    with start_lab(_LAB, guards=Guards(hosts=(FOREIGN,))) as lab:
        for done, place in enumerate(places):
            tell(done, len(places), place)
            with Victim() as victim, PageFront(lab.port, victim.port) as front:
                victim.origins.add(f"http://127.0.0.1:{front.port}")
                port = front.port if place == OWN else lab.port
                origin = f"http://{PLACES[place]}:{port}"
                target = f"127.0.0.1:{front.port if place == OWN else victim.port}"
                start = attacking_page if in_browser else _program
                with start(lab, victim, origin, third_party_cookies) as script:
                    found += _attack(script, victim, place, target)
    return tuple(found)


def try_hijacking_from(page: Page) -> tuple[HijackTry, ...]:
    """Attack a server with sessions from the page at hand, which is of another port of this machine.

    Args:
        page: The page; it must reach the lab directly.

    Returns:
        One for each kind of cookie and policy.

    Raises:
        InputError: The page is not of this machine.
        WaitTimeout: The page does not answer.
    """
    with Victim() as victim:
        host = sign_in_from(page, victim)
        return tuple(_attack(BrowserPage(page), victim, PORT, f"{host}:{victim.port}"))


def sign_in_from(page: Page, victim: Victim) -> str:
    """Let a page of another port take the victim's cookies; they stay in its browser for some minutes.

    Args:
        page: The page.
        victim: The server.

    Returns:
        The host that both go by.

    Raises:
        InputError: The page is not of this machine.
    """
    host = urlsplit(page.facts.origin).hostname or ""
    if page.route != "direct" or host not in LOOPBACK_HOSTS - {"::1"}:
        raise InputError(
            "The page must come from this machine, directly; leave out page, and a browser of the kernel's own is "
            "used, or a program where there is none."
        )
    socket = page.websocket(url=victim.login_url.replace("127.0.0.1", host, 1))
    socket.wait("open", timeout_s=_TIMEOUT_S)
    socket.close()
    return host


@contextmanager
def attacking_page(
    lab: Lab, victim: Victim | None, origin: str, third_party_cookies: bool = True
) -> Iterator[BrowserPage]:
    """Start a browser where the victim signs in and goes on to the attacker's page.

    Args:
        lab: The lab that the page reports to.
        victim: The server where the victim signs in first; None for no login.
        origin: The origin that the page is loaded from; it leads to the lab.
        third_party_cookies: Whether the browser allows third-party cookies.

    Raises:
        MissingExtra: No Chromium is installed.
    """
    page = Page(lab)
    try:
        there = f"{origin}/page/#{page.desk.token}.{page.desk.proof}"
        if victim:
            victim.then = there
        first = victim.login_url if victim else there
        page.on_close = DrivenBrowser("chromium", first, third_party_cookies=third_party_cookies).stop
        yield BrowserPage(page)
    finally:
        page.close()


@contextmanager
def _program(lab: Lab, victim: Victim, origin: str, third_party_cookies: bool) -> Iterator[ProgramPage]:
    yield ProgramPage(origin, sign_in(victim.login_url), third_party_cookies=third_party_cookies)


def _attack(script: AttackingPage, victim: Victim, place: str, target: str) -> Iterator[HijackTry]:
    at = partial(_moved, here=f"127.0.0.1:{victim.port}", there=target)
    for cookie in COOKIES:
        for policy in POLICIES:
            first = ""
            if policy == TOKEN:
                first = script.fetch(at(victim.token_url(cookie)), with_credentials=True).text or GUESS
            url = victim.account_url(cookie, policy)
            look = script.websocket(at(url), first=first)
            head = victim.asked(url)
            yield HijackTry(
                place,
                cookie,
                policy,
                look.opened,
                bool(head and victim.knows(head, cookie)),
                look.text == victim.secret,
                look.seen,
                script.by,
                encode_request_head(head) if head else b"",
            )


def _moved(url: str, here: str, there: str) -> str:
    return url.replace(here, there, 1)
