"""Certificates that a client must refuse, beside one that it must accept; each is made anew and kept in memory."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

ADDRESS = "127.0.0.1"
GOOD, WRONG_NAME, EXPIRED = "good", "for another name", "expired"
UNKNOWN, SELF_SIGNED = "of an unknown authority", "self-signed"
CERTIFICATES = (GOOD, WRONG_NAME, EXPIRED, UNKNOWN, SELF_SIGNED)


@dataclass(frozen=True, slots=True)
class Exhibits:
    """TLS contexts for servers, and the one authority that clients trust.

    Attributes:
        contexts: One for each of :data:`CERTIFICATES`.
        pems: The certificates themselves.
        ca_pem: The authority that clients trust, as PEM text.
    """

    contexts: Mapping[str, ssl.SSLContext]
    pems: Mapping[str, bytes]
    ca_pem: str


def make_exhibits() -> Exhibits:
    """Make an authority, and a server's context for each kind of certificate."""
    import trustme  # a whole cryptography library comes with it

    authority, stranger = trustme.CA(), trustme.CA()
    now = datetime.now(UTC)
    issued = {
        GOOD: authority.issue_cert(ADDRESS),
        WRONG_NAME: authority.issue_cert("elsewhere.example"),
        EXPIRED: authority.issue_cert(
            ADDRESS, not_before=now - timedelta(days=9), not_after=now - timedelta(days=2)
        ),
        UNKNOWN: stranger.issue_cert(ADDRESS),
    }
    contexts = {}
    pems = {SELF_SIGNED: stranger.cert_pem.bytes()}
    for kind, certificate in issued.items():
        contexts[kind] = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        certificate.configure_cert(contexts[kind])
        pems[kind] = certificate.cert_chain_pems[0].bytes()
    contexts[SELF_SIGNED] = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    own = trustme.Blob(stranger.private_key_pem.bytes() + pems[SELF_SIGNED])
    with own.tempfile() as path:  # the ssl module reads files only
        contexts[SELF_SIGNED].load_cert_chain(path)
    return Exhibits(contexts, pems, authority.cert_pem.bytes().decode())
