"""DNS rebinding: a page of a foreign name, when that name leads to this machine all of a sudden.

The page came from the attacker's server. Then the attacker's name server gives 127.0.0.1 for the same name, and the
browser takes the learner's own server for the page's own: no rule on origins stops it. The server can see it, for
``Host`` still says the foreign name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext

from rtlab.codecs import resume
from rtlab.experiments.attacking_page import AttackingPage, Look
from rtlab.experiments.hijack import FOREIGN, Tell, attacking_page
from rtlab.experiments.page_front import PageFront
from rtlab.experiments.program_page import ProgramPage
from rtlab.findings.attacks import Target
from rtlab.findings.cross_site import RebindingTry
from rtlab.servers.guards import Guards
from rtlab.servers.lab import Lab, start_lab

TARGETS: dict[Target, Guards | None] = {
    "naive": Guards(check_host=False),
    "fixed": Guards(check_origin=False),
    "default lab": None,
}
"""The labs under attack: without the check of Host, with that check alone, and as ``start_lab()`` makes it."""
SECRET = "what only the learner may read"
_CHANNEL = "private"
_PATHS = {"sse": "sse", "websocket": "ws"}
EARLIER = "0-0"
"""The id of an earlier life of the server: who names it gets all that is kept."""


def try_rebinding(*, in_browser: bool, tell: Tell = lambda done, total, text: None) -> tuple[RebindingTry, ...]:
    """Attack three labs from a page whose name comes to lead to them.

    Args:
        in_browser: Use a Chromium of the kernel's own; otherwise a program sends what it would.
        tell: Is told how many labs are done, of how many, and which is next.

    Returns:
        One for each lab and transport.

    Raises:
        MissingExtra: No Chromium is installed.
    """
    found = []
    for done, target in enumerate(TARGETS):
        tell(done, len(TARGETS), target)
        with (
            start_lab("rebinding, attacker", guards=Guards(hosts=(FOREIGN,))) as attacker,
            lab_under_attack(target) as lab,
            PageFront(attacker.port, lab.port) as front,
        ):
            origin = f"http://{FOREIGN}:{front.port}"
            page: AbstractContextManager[AttackingPage] = (
                attacking_page(attacker, None, origin) if in_browser else nullcontext(ProgramPage(origin))
            )
            with page as script:
                for transport, look in read_rebound(script, origin).items():
                    read, request = SECRET in look.text, _request(front, transport)
                    found.append(RebindingTry(target, transport, read, look.seen, script.by, request))
    return tuple(found)


def _request(front: PageFront, transport: str) -> bytes:
    """Give the request for a transport's path; a browser may have asked for more, such as an icon."""
    start = f"GET /{_PATHS[transport]}/".encode()
    return next((request for request in front.requests if request.startswith(start)), b"")


@contextmanager
def lab_under_attack(target: Target) -> Iterator[Lab]:
    """Start one of :data:`TARGETS`, with a secret in it."""
    with start_lab(f"rebinding, {target}", guards=TARGETS[target]) as lab:
        lab.publish(SECRET, channel=_CHANNEL)
        yield lab


def read_rebound(script: AttackingPage, origin: str) -> Mapping[str, Look]:
    """Read from the page's own origin, which leads to a lab by now.

    Args:
        script: The page's script.
        origin: The page's origin.

    Returns:
        What came of it, by transport.
    """
    stream = f"{origin}/sse/{_CHANNEL}?last_event_id={EARLIER}"
    socket = f"{origin.replace('http', 'ws', 1)}/ws/{_CHANNEL}"
    hello = resume.encode_hello(EARLIER)
    return {
        "sse": script.event_source(stream, with_credentials=False),
        "websocket": script.websocket(socket, first=hello, subprotocol=resume.SUBPROTOCOL),
    }
