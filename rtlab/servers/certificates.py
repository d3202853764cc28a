"""A throw-away certificate authority, so that TLS can be tried without touching the machine's trust store."""

from __future__ import annotations

import ssl
from dataclasses import dataclass

TLS_NAMES = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Certificates:
    """A server's TLS context, and the authority that a client must trust to reach it.

    Attributes:
        server_context: For the server; its certificate names localhost, 127.0.0.1 and ::1.
        ca_pem: The authority's certificate as PEM text. It is made anew for each lab and kept in memory.
    """

    server_context: ssl.SSLContext
    ca_pem: str


def make_certificates() -> Certificates:
    """Make an authority and a certificate for this machine's loopback names.

    Returns:
        The pair; nothing is written to disk that stays there.
    """
    import trustme  # brings a whole cryptography library, and few labs speak TLS

    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(*TLS_NAMES).configure_cert(context)
    return Certificates(context, authority.cert_pem.bytes().decode())
