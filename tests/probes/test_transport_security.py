"""Certificates that no client should take, each made for its test."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta

import pytest
import trustme

from rtlab.experiments.scripted_server import Answer
from rtlab.results.probe import probe

from .planted import STREAM_HEAD, ids

EVENT = Answer(STREAM_HEAD + b"data: x\n\n")
NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def examined(scripted, authority):
    """Probe a server with a certificate, by a client that trusts the authority."""

    def examine(certificate: trustme.LeafCert, *, scheme: str = "https"):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        ca_pem = authority.cert_pem.bytes().decode()
        return probe(f"{scheme}://{scripted(EVENT, tls=context)}", seconds=0.5, ca_pem=ca_pem)

    return examine


@pytest.mark.parametrize("scheme", ["https", "wss"])
@pytest.mark.parametrize(
    ("names", "times", "said"),
    [
        (("elsewhere.example",), {}, "mismatch"),
        (("127.0.0.1",), {"not_before": NOW - timedelta(9), "not_after": NOW - timedelta(1)}, "expired"),
        (("127.0.0.1",), {"not_before": NOW + timedelta(1)}, "not yet valid"),
    ],
    ids=["another name", "expired", "of tomorrow"],
)
def test_a_certificate_that_does_not_hold_is_found(examined, authority, scheme, names, times, said):
    result = examined(authority.issue_cert(*names, **times), scheme=scheme)
    assert ids(result) == {"TLS-UNTRUSTED"}
    assert said in result.findings[0].evidence
    assert result.reached


def test_a_certificate_that_signs_itself_is_found(scripted, tmp_path):
    own = trustme.CA()
    file = tmp_path / "own.pem"
    file.write_bytes(own.private_key_pem.bytes() + own.cert_pem.bytes())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    result = probe(f"https://{scripted(EVENT, tls=context)}", seconds=0.5)
    assert ids(result) == {"TLS-UNTRUSTED"}
    assert "self-signed" in result.findings[0].evidence.replace("self signed", "self-signed")


def test_a_certificate_that_ends_soon_is_told(examined, authority):
    result = examined(authority.issue_cert("127.0.0.1", not_after=NOW + timedelta(5)))
    assert "TLS-EXPIRY" in ids(result, "warning")
    assert result.facts["certificate_days"] in (4, 5)


def test_a_right_certificate_is_fine_and_a_server_without_http2_is_told(examined, authority):
    result = examined(authority.issue_cert("127.0.0.1"))
    assert {"TLS-EXPIRY", "TLS-VERSION"} <= ids(result, "fine")
    assert "HTTP2-NONE" in ids(result, "info")
    assert result.facts["alpn"] == "none"
