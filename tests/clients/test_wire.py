from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest
import trustme

from rtlab import clock
from rtlab.clients.wire import Address, Traffic, UntrustedCertificate, Wire, trusting
from rtlab.errors import ConnectionFailed, InputError

HTTP = ("http", "https")


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://127.0.0.1", Address("http", "127.0.0.1", 80, "/")),
        ("HTTPS://Example.test/a", Address("https", "example.test", 443, "/a")),
        ("http://[::1]:8080/x?y=1#part", Address("http", "::1", 8080, "/x?y=1")),
        ("http://h:81?q=a b", Address("http", "h", 81, "/?q=a%20b")),
        ("http://h/ä/%2F?ä", Address("http", "h", 80, "/%C3%A4/%2F?%C3%A4")),
        ("http://bücher.test/", Address("http", "xn--bcher-kva.test", 80, "/")),
    ],
)
def test_a_url_is_taken_apart(url: str, address: Address) -> None:
    assert Address.parse(url, HTTP) == address


@pytest.mark.parametrize(
    ("host", "here"),
    [("localhost", True), ("127.9.9.9", True), ("[::1]", True), ("10.0.0.1", False), ("localhost.test", False)],
)
def test_loopback_is_told_by_the_name_alone(host: str, here: bool) -> None:
    assert Address.parse(f"http://{host}/", HTTP).is_loopback is here


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/sse/news",
        "127.0.0.1:80",
        "ws://127.0.0.1/",
        "file:///etc/hosts",
        "http://",
        "http://:80/",
        "http://h:0/",
        "http://h:99999/",
        "http://h:x/",
        "http://[::1/",
        "http://a b/",
        "http://a..b/",
        f"http://{'a' * 64}.test/",
        "http://h/\ud800",
    ],
)
def test_what_is_no_fitting_url_is_refused(url: str) -> None:
    with pytest.raises(InputError):
        Address.parse(url, HTTP)


@pytest.mark.parametrize("url", ["http://me:secret@h/", "http://me@h/", "http://@h/"])
def test_a_url_with_a_user_is_refused_and_the_password_is_not_repeated(url: str) -> None:
    with pytest.raises(InputError, match="headers=") as caught:
        Address.parse(url, HTTP)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://h/", "h"),
        ("http://h:80/", "h"),
        ("http://h:443/", "h:443"),
        ("https://h:443/", "h"),
        ("http://[::1]/", "[::1]"),
        ("https://[::1]:80/", "[::1]:80"),
    ],
)
def test_the_host_header_names_the_port_unless_it_is_the_schemes_own(url: str, host: str) -> None:
    assert Address.parse(url, HTTP).host_header == host


def test_an_origin_is_scheme_host_and_port() -> None:
    origins = {Address.parse(url, HTTP).origin for url in ("http://h/a", "http://h:80/b", "http://H")}
    assert len(origins) == 1
    for other in ("https://h/", "http://h:81/", "http://i/"):
        assert Address.parse(other, HTTP).origin not in origins


def test_a_text_that_is_no_certificate_is_refused() -> None:
    with pytest.raises(InputError, match="ca_pem"):
        trusting("this is no certificate")
    with pytest.raises(InputError, match="ca_pem"):
        trusting("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")


def connect(server: Any, traffic: Traffic, *, ca_pem: str = "") -> Any:
    return Wire.open(Address.parse(server.url(), HTTP), traffic, ca_pem=ca_pem, timeout_s=5)


def test_bytes_are_counted_and_stamped_when_they_come(serve: Any, on_loop: Callable[..., Any]) -> None:
    server = serve([b"12345", "hold"])
    traffic = Traffic()
    before_ns = clock.now_ns()
    wire = on_loop(connect(server, traffic))

    async def talk() -> tuple[bytes, int]:
        wire.write(b"GET / HTTP/1.1\r\n\r\n")
        return await wire.read()

    data, at_ns = on_loop(talk())
    assert data == b"12345"
    assert before_ns < at_ns <= clock.now_ns()
    assert (traffic.connections, traffic.bytes_up, traffic.bytes_down) == (1, 18, 5)
    wire.abort()


def test_what_came_before_the_end_is_read_before_the_end(serve: Any, on_loop: Callable[..., Any]) -> None:
    server = serve([b"last words"])
    wire = on_loop(connect(server, Traffic()))

    async def talk() -> tuple[bytes, bytes, bytes]:
        wire.write(b"\r\n\r\n")
        while not wire.ended:
            first, _ = await wire.read()
            second, _ = await wire.read()
        third, _ = await wire.read()
        return first, second, third

    assert on_loop(talk()) == (b"last words", b"", b"")
    assert wire.broken == ""
    assert not wire.idle
    wire.abort()


def test_a_line_that_is_reset_says_why_it_broke(serve: Any, on_loop: Callable[..., Any]) -> None:
    server = serve(["reset"])
    wire = on_loop(connect(server, Traffic()))

    async def talk() -> bytes:
        wire.write(b"\r\n\r\n")
        data, _ = await wire.read()
        return data

    assert on_loop(talk()) == b""
    assert wire.broken
    wire.abort()


def test_a_cancelled_read_ends_even_if_something_comes_in_the_same_moment(
    serve: Any, on_loop: Callable[..., Any]
) -> None:
    # A cancellation that is swallowed here would leave close() waiting for a task that goes on.
    wire = on_loop(connect(serve(["hold"]), Traffic()))

    async def race() -> tuple[bool, bytes]:
        reading = asyncio.ensure_future(wire.read())
        await asyncio.sleep(0)
        wire.get_buffer(-1)[:1] = b"x"
        wire.buffer_updated(1)
        reading.cancel()
        await asyncio.wait({reading}, timeout=5)
        return reading.cancelled(), (await wire.read())[0]

    assert on_loop(race()) == (True, b"x")
    wire.abort()


def test_a_reader_who_does_not_read_stops_the_sender(
    serve: Any, on_loop: Callable[..., Any], until: Callable[..., Any]
) -> None:
    total = 32 * 1_048_576
    server = serve([bytes(total)])
    traffic = Traffic()
    wire = on_loop(connect(server, traffic))

    async def ask() -> None:
        wire.write(b"\r\n\r\n")

    on_loop(ask())
    until(lambda: traffic.bytes_down > 1_048_576, "nothing came")
    # The reader takes everything now; had the line not paused, all would be here without it.
    assert traffic.bytes_down < 4 * 1_048_576

    async def read_all() -> int:
        length = 0
        while data := (await wire.read())[0]:
            length += len(data)
        return length

    assert on_loop(read_all()) == total == traffic.bytes_down
    wire.abort()


def test_a_writer_waits_while_the_peer_does_not_read(serve: Any, on_loop: Callable[..., Any]) -> None:
    server = serve(["read"], ["read"])

    async def flood() -> bool:
        wire = await connect(server, Traffic())
        wire.write(b"\r\n\r\n" + bytes(16 * 1_048_576))
        waiting = asyncio.ensure_future(wire.drained())
        await asyncio.sleep(0)
        waits = not waiting.done()
        wire.abort()
        await waiting
        return waits

    assert on_loop(flood())


def test_a_port_where_nobody_listens_fails_with_its_name(serve: Any, on_loop: Callable[..., Any]) -> None:
    server = serve()
    server.stop_listening()
    with pytest.raises(ConnectionFailed, match=f"127.0.0.1:{server.port}"):
        on_loop(connect(server, Traffic()))


def test_a_certificate_of_a_stranger_is_not_trusted(
    serve: Any, on_loop: Callable[..., Any], authority: trustme.CA
) -> None:
    server = serve([b"x"], tls=authority)
    with pytest.raises(UntrustedCertificate, match="ca_pem"):
        on_loop(connect(server, Traffic()))


def test_a_server_that_speaks_no_tls_fails(serve: Any, on_loop: Callable[..., Any]) -> None:
    server = serve([b"no TLS here"], ask=False)
    address = Address.parse(server.url("https"), HTTP)
    with pytest.raises(ConnectionFailed):
        on_loop(Wire.open(address, Traffic(), ca_pem="", timeout_s=5))


def test_a_server_that_never_finishes_the_tls_handshake_runs_out_of_time(
    serve: Any, on_loop: Callable[..., Any]
) -> None:
    server = serve(["hold"], ask=False)
    address = Address.parse(server.url("https"), HTTP)
    with pytest.raises(ConnectionFailed, match="did not answer within"):
        on_loop(Wire.open(address, Traffic(), ca_pem="", timeout_s=0.2))


def test_abort_over_tls_does_not_wait_for_the_peer(
    serve: Any, on_loop: Callable[..., Any], authority: trustme.CA
) -> None:
    # The server never reads, so it never answers the goodbye of TLS; the check for sockets left does the rest.
    over = threading.Event()
    server = serve([b"x", lambda request: over.wait(10) and b""], tls=authority)
    wire = on_loop(connect(server, Traffic(), ca_pem=authority.cert_pem.bytes().decode()))

    async def talk() -> None:
        wire.write(b"\r\n\r\n")
        await wire.read()
        wire.abort()

    on_loop(talk())
    over.set()
