"""May a page loaded over https open plain connections, and a page loaded over http secured ones?

A browser judges by the name of the host. So a name that is none of loopback's own stands for any other machine; in
a browser of the kernel's own it leads to this one, and nothing leaves it.
"""

from __future__ import annotations

from rtlab.experiments.origins import OPENS, outcome_of
from rtlab.findings.page_schemes import SchemeTry
from rtlab.pages.keeper import LESSON_DOMAIN
from rtlab.pages.page import Page
from rtlab.servers.lab import Lab

LOOPBACK, OTHER_NAME = "127.0.0.1", f"plain.{LESSON_DOMAIN}"


def try_schemes(page: Page, plain: Lab, secured: Lab) -> tuple[SchemeTry, ...]:
    """Open WebSockets and EventSources with and without TLS.

    Args:
        page: The page, in a Chromium of the kernel's own that trusts the secured lab.
        plain: A lab without TLS.
        secured: A lab with TLS.

    Returns:
        One for each attempt; the name that is not loopback's own leads to the plain lab.

    Raises:
        WaitTimeout: The page does not answer.
    """
    over = "https" if page.facts.origin.startswith("https:") else "http"
    found = []
    for host, lab in ((LOOPBACK, plain), (OTHER_NAME, plain), (LOOPBACK, secured)):
        for what, url in (("WebSocket", lab.echo_url()), ("EventSource", lab.sse_url("schemes"))):
            named = url.replace(f"//{LOOPBACK}:", f"//{host}:")
            connect = page.websocket if what == "WebSocket" else page.event_source
            seen = outcome_of(lambda connect=connect, url=named, lab=lab: connect(url=url, lab=lab))  # type: ignore[misc]
            scheme = named.partition(":")[0]
            found.append(SchemeTry(over, what, scheme, host, seen == OPENS, seen))  # type: ignore[arg-type]
    return tuple(found)
