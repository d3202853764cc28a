"""Who may read an event stream of another origin, and is the server asked even if nobody may?"""

from __future__ import annotations

from collections.abc import Iterator

from rtlab.codecs.cors import ALLOW_CREDENTIALS, ALLOW_ORIGIN
from rtlab.codecs.http1 import Headers, encode_request_head
from rtlab.experiments.attacking_page import AttackingPage, BrowserPage
from rtlab.experiments.hijack import attacking_page, sign_in_from
from rtlab.experiments.program_page import ProgramPage, sign_in
from rtlab.experiments.victim import COOKIES, Victim
from rtlab.findings.cross_site import CorsTry
from rtlab.pages.page import Page
from rtlab.servers.lab import start_lab

CLIENTS = ("EventSource", "EventSource, with credentials", "fetch", "fetch, with credentials")
SILENT, LISTED, REFLECTED = (
    "no word on CORS",
    "another page's origin, with credentials",
    "whoever asks, with credentials",
)
FRIEND = "https://friend.example"
_LAB = "page of another origin"
_CREDENTIALS = (ALLOW_CREDENTIALS, "true")


def answers_on_cors(origin: str) -> dict[str, Headers]:
    """Give what servers say on CORS, by name; ``{origin}`` stands for the origin of whoever asks.

    Args:
        origin: The origin of the page that asks.
    """
    return {
        SILENT: (),
        "*": ((ALLOW_ORIGIN, "*"),),
        "*, with credentials": ((ALLOW_ORIGIN, "*"), _CREDENTIALS),
        "this page's origin": ((ALLOW_ORIGIN, origin),),
        "this page's origin, with credentials": ((ALLOW_ORIGIN, origin), _CREDENTIALS),
        LISTED: ((ALLOW_ORIGIN, FRIEND), _CREDENTIALS),
        REFLECTED: ((ALLOW_ORIGIN, "{origin}"), _CREDENTIALS),
    }


def try_cors(page: Page | None = None, *, in_browser: bool) -> tuple[CorsTry, ...]:
    """Read event streams of another origin, whose servers say different things on CORS.

    Args:
        page: The page at hand, of another port of this machine; None for another one.
        in_browser: Without a page: use a Chromium of the kernel's own; otherwise a program sends what it would.

    Returns:
        One for each server and client.

    Raises:
        InputError: The page is not of this machine.
        MissingExtra: No Chromium is installed.
    """
    if page:
        with Victim(_streams(page.facts.origin)) as victim:
            host = sign_in_from(page, victim)
            return tuple(_read_all(BrowserPage(page), victim, page.facts.origin, host))
    with start_lab(_LAB) as lab, Victim(_streams(lab.http_url)) as victim:
        if not in_browser:
            script = ProgramPage(lab.http_url, sign_in(victim.login_url))
            return tuple(_read_all(script, victim, lab.http_url))
        with attacking_page(lab, victim, lab.http_url) as driven:
            return tuple(_read_all(driven, victim, lab.http_url))


def _streams(origin: str) -> dict[str, Headers]:
    """A stream for each pair, so that the server knows who asked."""
    return {_name(server, client): told for server, told in answers_on_cors(origin).items() for client in CLIENTS}


def _name(server: str, client: str) -> str:
    return f"{server} / {client}"


def _read_all(script: AttackingPage, victim: Victim, origin: str, host: str = "127.0.0.1") -> Iterator[CorsTry]:
    for server in answers_on_cors(origin):
        for client in CLIENTS:
            name = _name(server, client)
            url = victim.stream_url(name)
            read = script.event_source if client.startswith("EventSource") else script.fetch
            look = read(url.replace("127.0.0.1", host, 1), with_credentials="with" in client)
            head = victim.asked(url)
            said = victim.answer_on_cors(name, head) if head else ()
            yield CorsTry(
                server,
                client,
                bool(look.text),
                bool(head and any(victim.knows(head, cookie) for cookie in COOKIES)),
                head is not None,
                victim.secret in look.text,
                server == REFLECTED,
                script.by,
                encode_request_head(head) if head else b"",
                "".join(f"{name}: {value}\r\n" for name, value in said).encode(),
            )
