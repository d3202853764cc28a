"""Attacks from pages of other sites: reading and writing as the person who is signed in, and DNS rebinding.

A program plays the attacker's page, and reads no more than a browser would let it; ``hijack.py``, ``rebinding.py``
and ``cross_origin_streams.py`` do the same with a real browser.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from rtlab.codecs import resume
from rtlab.experiments.attacking_page import Look
from rtlab.experiments.cross_origin_streams import LISTED, REFLECTED, SILENT, answers_on_cors
from rtlab.experiments.hijack import FOREIGN
from rtlab.experiments.page_front import PageFront
from rtlab.experiments.program_page import ProgramPage, sign_in
from rtlab.experiments.rebinding import EARLIER, SECRET, TARGETS, lab_under_attack, read_rebound
from rtlab.experiments.victim import ORIGIN, UNCHECKED, Victim
from rtlab.findings.attacks import Attempt, Target
from rtlab.servers.guards import Guards
from rtlab.servers.lab import Lab, start_lab

FAMILY = "cross-site"
READING = "cross-site hijacking: reading with the victim's cookie"
CARELESS = "cross-site reading, where CORS allows whoever asks"
WRITING = "writing from another site"
REBINDING = "DNS rebinding"
SITE = f"http://{FOREIGN}:8000"
"""The attacker's site."""
COOKIE = "SameSite=None; Secure"
"""A session's cookie that goes to all sites, as a server that is embedded elsewhere needs it."""
FORGED = "written by another site"
_MARK = "the end"
_CHANNEL = "cross-site"

_CHECK_ORIGIN = "Compare Origin with a list in the opening handshake, and answer 403."
_LIST_ORIGINS = "Allow the origins of a list, one by one, with Vary: Origin; never reflect what came."
_CHECK_ORIGIN_OF_POST = "Compare Origin with a list before anything is done: a browser asks nobody first."
_CHECK_HOST = "Compare Host with the names that the server goes by, and answer 403."


def attempts() -> tuple[Attempt, ...]:
    """Run the attacks against servers without the guard, with it, and against a lab as ``start_lab()`` makes it.

    Returns:
        One for each attack, transport and server.
    """
    return (*_reading(), *_writing(), *_rebinding())


def attempts_over_both() -> tuple[Attempt, ...]:
    """Run the attacks, and keep those that were tried over WebSocket and over event streams or POST as well."""
    found = attempts()
    sockets = {each.attack for each in found if each.transport == "websocket"}
    others = {each.attack for each in found if each.transport != "websocket"}
    return tuple(each for each in found if each.attack in sockets & others)


def _reading() -> Iterator[Attempt]:
    """Cross-site WebSocket hijacking, and the same attempt on event streams."""
    with Victim(answers_on_cors(SITE)) as victim, start_lab("cross-site reading") as lab:
        lab.publish(victim.secret, channel=_CHANNEL)
        script = ProgramPage(SITE, sign_in(victim.login_url))
        hello = resume.encode_hello(EARLIER)
        sockets: dict[Target, Look] = {
            "naive": script.websocket(victim.account_url(COOKIE, UNCHECKED)),
            "fixed": script.websocket(victim.account_url(COOKIE, ORIGIN)),
            "default lab": script.websocket(lab.ws_url(_CHANNEL), first=hello, subprotocol=resume.SUBPROTOCOL),
        }
        yield from _told(READING, "websocket", sockets, victim.secret, _CHECK_ORIGIN, "RFC 6455 10.2")
        of_lab = f"{lab.sse_url(_CHANNEL)}?last_event_id={EARLIER}"
        for attack, naive in ((READING, SILENT), (CARELESS, REFLECTED)):
            streams: dict[Target, str] = {
                "naive": victim.stream_url(naive),
                "fixed": victim.stream_url(LISTED),
                "default lab": of_lab,
            }
            looks = {target: script.event_source(url, with_credentials=True) for target, url in streams.items()}
            yield from _told(attack, "sse", looks, victim.secret, _LIST_ORIGINS, "Fetch Standard, 'CORS check'")


def _writing() -> Iterator[Attempt]:
    """A socket that sends, and a simple POST: neither asks anybody first."""
    guards: dict[Target, Guards | None] = {
        "naive": Guards(check_origin=False),
        "fixed": Guards(check_host=False),
        "default lab": None,
    }
    sockets: dict[Target, Look] = {}
    posts: dict[Target, Look] = {}
    script = ProgramPage(SITE)
    for target, chosen in guards.items():
        with start_lab(f"cross-site writing, {target}", guards=chosen) as lab:
            by_socket, by_post = "by-socket", "by-post"
            sockets[target] = _heard(lab, by_socket, script.websocket(lab.ws_url(by_socket), first=FORGED))
            posts[target] = _heard(lab, by_post, script.post(lab.publish_url(by_post), FORGED))
    yield from _told(WRITING, "websocket", sockets, FORGED, _CHECK_ORIGIN, "RFC 6455 10.2")
    yield from _told(WRITING, "http", posts, FORGED, _CHECK_ORIGIN_OF_POST, "Fetch Standard, 'CORS protocol'")


def _heard(lab: Lab, channel: str, look: Look) -> Look:
    """Put in place of what the attacker read what the lab's own page reads from the channel now."""
    lab.publish(_MARK, channel=channel)
    stream = f"{lab.sse_url(channel)}?last_event_id={EARLIER}"
    return replace(look, text=ProgramPage(lab.http_url).event_source(stream, with_credentials=False).text)


def _rebinding() -> Iterator[Attempt]:
    """A page whose own name comes to lead to the lab."""
    looks: dict[str, dict[Target, Look]] = {"sse": {}, "websocket": {}}
    with start_lab("rebinding, attacker") as attacker:
        for target in TARGETS:
            with lab_under_attack(target) as lab, PageFront(attacker.port, lab.port) as front:
                origin = f"http://{FOREIGN}:{front.port}"
                for transport, look in read_rebound(ProgramPage(origin), origin).items():
                    looks[transport][target] = look
    for transport, of_transport in looks.items():
        yield from _told(REBINDING, transport, of_transport, SECRET, _CHECK_HOST, "RFC 9110 7.2")


def _told(
    attack: str, transport: str, looks: Mapping[Target, Look], wanted: str, fix: str, spec: str
) -> Iterator[Attempt]:
    for target, look in looks.items():
        succeeded = wanted in look.text
        won = "The lab's own listeners got" if wanted == FORGED else "The other site's script got"
        seen = f"{won} {wanted!r}." if succeeded else f"The other site's script saw: {look.seen}."
        yield Attempt(attack, FAMILY, transport, target, succeeded, seen, look.sent, look.received, fix, spec)
