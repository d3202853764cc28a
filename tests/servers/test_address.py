import pytest

from rtlab.servers.address import http_url


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:80"),
        ("localhost", "http://localhost:80"),
        ("192.168.1.5", "http://192.168.1.5:80"),
        ("::1", "http://[::1]:80"),
        ("0.0.0.0", "http://127.0.0.1:80"),
        ("::", "http://127.0.0.1:80"),
        ("", "http://127.0.0.1:80"),
    ],
)
def test_the_url_is_one_that_a_client_on_this_machine_can_use(host, url):
    assert http_url(host, 80, tls=False) == url


def test_tls_changes_the_scheme():
    assert http_url("localhost", 443, tls=True) == "https://localhost:443"
