"""A throw-away certificate authority, so that TLS can be tried without touching the machine's trust store.

A TLS client talks only to a server whose certificate an authority has signed that the client trusts. To trust an
authority is to believe whatever it signs, for any name; so a machine's own list of authorities is no place for
experiments. The lab's authority therefore lives as long as the lab: its key never leaves the memory of the process,
and signs once. One program is told to trust it, for one run, and nothing has to be taken back afterwards::

    Path("lab-ca.pem").write_text(lab.ca_pem)
    curl --http2 --cacert lab-ca.pem https://127.0.0.1:.../sse/news              this run of curl only
    ssl.create_default_context(cadata=lab.ca_pem)                                this context only

Chromium, Chrome and Edge take no file. Started for a test with a profile of its own (``--user-data-dir``), they
accept the one key that ``--ignore-certificate-errors-spki-list=`` names (``lab.server.key_sha256``). Never switch
off the checks of the browser that you use every day, and never import the lab's authority into it.
"""

from __future__ import annotations

import base64
import hashlib
import ssl
from dataclasses import dataclass

TLS_NAMES = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Certificates:
    """A server's TLS context, and the authority that a client must trust to reach it.

    Attributes:
        server_context: For the server; its certificate names localhost, 127.0.0.1 and ::1.
        ca_pem: The authority's certificate as PEM text. It is made anew for each lab and kept in memory.
        key_sha256: What names the server's key to Chromium: SHA-256 of its public key, in base64.
    """

    server_context: ssl.SSLContext
    ca_pem: str
    key_sha256: str


def make_certificates(*, http2: bool = False) -> Certificates:
    """Make an authority and a certificate for this machine's loopback names.

    Args:
        http2: Offer HTTP/2 in the TLS handshake, before HTTP/1.1.

    Returns:
        The pair; nothing is written to disk that stays there.
    """
    # A whole cryptography library comes with them, and few labs speak TLS.
    import trustme
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization

    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    issued = authority.issue_cert(*TLS_NAMES)
    issued.configure_cert(context)
    if http2:
        context.set_alpn_protocols(["h2", "http/1.1"])
        context.options |= ssl.OP_NO_RENEGOTIATION  # RFC 9113 9.2.1
    public_key = x509.load_pem_x509_certificate(issued.cert_chain_pems[0].bytes()).public_key()
    named = public_key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    key_sha256 = base64.b64encode(hashlib.sha256(named).digest()).decode()
    return Certificates(context, authority.cert_pem.bytes().decode(), key_sha256)
