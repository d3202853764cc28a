"""Origins that are not the endpoint's own, each with one likely mistake of a check in mind.

Spec: RFC 6454 4, 5
"""

from __future__ import annotations

from urllib.parse import urlsplit

from rtlab.clients.wire import Address

FOREIGN_HOST = "rtlab-probe.invalid"
"""A name that nobody can have (RFC 6761 6.4)."""
FOREIGN_ORIGIN = f"https://{FOREIGN_HOST}"
ANOTHER_SITE = "another site"
OTHER_SCHEME = "the other scheme"


def origin_of(address: Address) -> str:
    """Give the origin of the pages that lie beside an endpoint."""
    return f"{'https' if address.secure else 'http'}://{address.host_header}"


def wrong_origins(own: str) -> dict[str, str]:
    """Make nine origins that a check must refuse.

    Args:
        own: The origin that is welcome, such as ``"http://127.0.0.1:8888"``.

    Returns:
        Values of ``Origin``, by what is wrong with them. Browsers send the first seven; the last two find a check
        that searches where it should compare.
    """
    parts = urlsplit(own)
    secure, host = parts.scheme == "https", parts.netloc.rpartition(":")[0] if parts.port else parts.netloc
    port = f":{parts.port}" if parts.port else ""
    usual = parts.port or (443 if secure else 80)
    return {
        ANOTHER_SITE: FOREIGN_ORIGIN,
        "null": "null",
        "another port": f"{parts.scheme}://{host}:{usual - 1 if usual > 1 else 2}",
        OTHER_SCHEME: f"{'http' if secure else 'https'}://{parts.netloc}",
        "a subdomain": f"{parts.scheme}://rtlab-probe.{parts.netloc}",
        "its name and more": f"{parts.scheme}://{host}.{FOREIGN_HOST}{port}",
        "more and its name": f"{parts.scheme}://rtlab-probe{parts.netloc}",
        "its name as a user": f"{own}@{FOREIGN_HOST}",
        "its name in a path": f"{FOREIGN_ORIGIN}/{own}",
    }
