import ssl

import pytest

from rtlab.servers.certificates import TLS_NAMES, make_certificates


@pytest.mark.parametrize("name", TLS_NAMES)
def test_a_client_that_trusts_the_authority_reaches_every_loopback_name(name):
    made = make_certificates()
    client = ssl.create_default_context(cadata=made.ca_pem)
    assert shake_hands(made.server_context, client, name) in ("TLSv1.2", "TLSv1.3")


def test_another_name_or_another_authority_is_not_trusted():
    made = make_certificates()
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(made.server_context, ssl.create_default_context(cadata=made.ca_pem), "evil.example")
    with pytest.raises(ssl.SSLCertVerificationError):
        other = ssl.create_default_context(cadata=make_certificates().ca_pem)
        shake_hands(made.server_context, other, "localhost")
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(made.server_context, ssl.create_default_context(), "localhost")


def test_the_key_of_the_authority_is_not_given_away():
    assert make_certificates().ca_pem.count("BEGIN") == 1
    assert "PRIVATE" not in make_certificates().ca_pem


def shake_hands(server_context, client_context, name):
    """Do a TLS handshake in memory and tell the version."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = server_context.wrap_bio(to_server, to_client, server_side=True)
    client = client_context.wrap_bio(to_client, to_server, server_hostname=name)
    for _ in range(5):
        done = 0
        for side in (client, server):
            try:
                side.do_handshake()
                done += 1
            except ssl.SSLWantReadError:
                pass
        if done == 2:
            return client.version()
    raise AssertionError("the handshake did not end")
