"""Who may be loaded: this machine always, another one only if its owner agrees."""

from __future__ import annotations

from rtlab.clients.wire import Address
from rtlab.errors import InputError


def ask_consent(*urls: str, consent: bool) -> None:
    """Refuse to load another machine that nobody has agreed to.

    Args:
        urls: Where the load goes; empty ones are passed over.
        consent: True if it is allowed.

    Raises:
        InputError: A URL names another machine, and there is no consent.
    """
    for url in filter(None, urls):
        address = Address.parse(url, ("http", "https", "ws", "wss"))
        if not consent and not address.is_loopback:
            raise InputError(
                f"{address.host} is not this machine, and a swarm can bring a server down. "
                "If that server is yours, or its owner agrees, give consent=True."
            )
