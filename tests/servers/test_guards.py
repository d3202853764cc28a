import pytest

from rtlab.errors import InputError
from rtlab.servers.guards import Guards, host_name, redact_headers, redact_target
from rtlab.servers.lab import start_lab

PAGES = ("/sse/news", "/poll/news", "/echo", "/ws/news", "/")


def status_of(client, target, *headers, host=None):
    """Ask with a GET request that is a correct opening handshake, too."""
    client.get(
        target,
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
        *headers,
        host=host,
    )
    return client.head()[0]


def good(target):
    return 101 if target in ("/echo", "/ws/news") else 200


@pytest.mark.parametrize("target", PAGES)
@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:{port}",
        "127.0.0.1.evil.example",
        "localhost.",
        "127.0.0.2",
        "[::2]",
        "0.0.0.0",
    ],
)
def test_a_foreign_host_is_refused(lab, raw, target, host):
    assert status_of(raw(lab), target, host=host.format(port=lab.port)) == 403


@pytest.mark.parametrize("host", ["evil@127.0.0.1", "127.0.0.1/x", "127.0.0.1?x", "127.0.0.1#x", "127.0.0.1, evil"])
def test_a_malformed_host_is_refused(lab, raw, host):
    assert status_of(raw(lab), "/", host=host) in (400, 403)


@pytest.mark.parametrize(
    "host", ["127.0.0.1:{port}", "localhost:{port}", "LOCALHOST", "[::1]:{port}", "[::1]", "127.0.0.1:1"]
)
def test_a_loopback_host_is_served_at_any_port_since_a_forwarded_one_differs(lab, raw, host):
    assert status_of(raw(lab), "/sse/news", host=host.format(port=lab.port)) == 200


@pytest.mark.parametrize("target", PAGES)
@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "null",
        "http://127.0.0.1:1",
        "http://127.0.0.1",
        "http://127.0.0.1:{port}.evil.example",
        "http://127.0.0.1:{port}@evil.example",
        "http://evil@127.0.0.1:{port}",
        "https://127.0.0.1:{port}",
        "ws://127.0.0.1:{port}",
        "http://localhost:{port}",
        "http://127.0.0.1:{port}/",
        "",
    ],
)
def test_a_foreign_origin_is_refused(lab, raw, target, origin):
    assert status_of(raw(lab), target, f"Origin: {origin.format(port=lab.port)}") == 403


def test_two_origins_are_refused(lab, raw):
    own = f"Origin: http://127.0.0.1:{lab.port}"
    assert status_of(raw(lab), "/sse/news", own, own) == 403


@pytest.mark.parametrize("target", PAGES)
def test_the_own_origin_and_no_origin_are_served(lab, raw, target):
    assert status_of(raw(lab), target, f"Origin: http://127.0.0.1:{lab.port}") == good(target)
    assert status_of(raw(lab), target) == good(target)


def test_the_own_origin_of_a_tls_lab_is_https(make_lab, raw):
    lab = make_lab(tls=True)
    assert status_of(raw(lab), "/echo", f"Origin: https://127.0.0.1:{lab.port}") == 101
    assert status_of(raw(lab), "/echo", f"Origin: http://127.0.0.1:{lab.port}") == 403


def test_a_page_that_rebinds_its_name_is_refused(lab, raw):
    for target in PAGES:
        host = f"evil.example:{lab.port}"
        fields = (f"Origin: http://{host}", "Sec-Fetch-Site: same-origin")
        assert status_of(raw(lab), target, *fields, host=host) == 403


def test_sec_fetch_site_opens_nothing(lab, raw):
    assert status_of(raw(lab), "/echo", "Origin: http://evil.example", "Sec-Fetch-Site: same-origin") == 403


def test_a_foreign_page_cannot_publish(lab, raw):
    client = raw(lab)
    client.post("/publish/news", b"x", "Origin: http://evil.example")
    assert client.answer()[0] == 403
    assert lab.server.channel("news").last_number == 0


def test_the_lists_let_in_what_they_name_and_no_more(make_lab, raw):
    lab = make_lab(guards=Guards(hosts=("lab.example",), origins=("http://Notebook.example:8888",)))
    assert status_of(raw(lab), "/echo", host="lab.example:8000") == 101
    assert status_of(raw(lab), "/echo", host="other.example") == 403
    assert status_of(raw(lab), "/echo", "Origin: http://notebook.example:8888") == 101
    assert status_of(raw(lab), "/echo", "Origin: http://notebook.example:8889") == 403


@pytest.mark.parametrize("how", ["query", "header"])
@pytest.mark.parametrize("target", PAGES)
def test_the_nonce_opens_host_and_origin(lab, raw, target, how):
    foreign = {"host": "evil.example"}
    origin = "Origin: http://evil.example"
    if how == "query":
        assert status_of(raw(lab), f"{target}?nonce={lab.nonce}", origin, **foreign) == good(target)
        assert status_of(raw(lab), f"{target}?nonce={lab.nonce}x", origin, **foreign) == 403
    else:
        assert status_of(raw(lab), target, f"X-Rtlab-Nonce: {lab.nonce}", origin, **foreign) == good(target)
        assert status_of(raw(lab), target, "X-Rtlab-Nonce: é", origin, **foreign) == 403


def test_a_page_that_was_let_in_may_read_the_answer(lab, raw):
    for target in ("/sse/news", "/poll/news"):
        client = raw(lab)
        client.get(f"{target}?nonce={lab.nonce}", "Origin: http://page.example")
        _, fields = client.head()
        assert fields["access-control-allow-origin"] == "http://page.example"
        assert fields["vary"] == "Origin"
        assert "access-control-allow-credentials" not in fields
    client = raw(lab)
    client.get("/poll/news", "Origin: http://page.example")
    assert "access-control-allow-origin" not in client.head()[1]


@pytest.mark.parametrize(("method", "target"), [("GET", "state"), ("POST", "play"), ("POST", "cut/news")])
def test_the_control_paths_need_the_nonce(lab, raw, method, target):
    for nonce in ("", "?nonce=", f"?nonce={lab.nonce[:-1]}"):
        client = raw(lab)
        client.send(f"{method} /control/{target}{nonce} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        assert client.head()[0] == 403


def test_unknown_paths_are_guarded_too(lab, raw):
    client = raw(lab)
    client.get("/nowhere")
    assert client.answer()[0::2] == (404, b"404 No such path; open / for the list.\n")
    client.get("/nowhere", host="evil.example")
    assert client.answer()[0] == 403


@pytest.mark.parametrize("weakened", [{"check_host": False}, {"check_origin": False}])
def test_the_default_lab_keeps_its_guards(weakened):
    with pytest.raises(InputError, match="needs a name of its own"):
        start_lab(guards=Guards(**weakened))


def test_a_lab_of_its_own_may_switch_a_guard_off(make_lab, raw):
    lab = make_lab(guards=Guards(check_host=False))
    assert status_of(raw(lab), "/echo", "Origin: http://evil.example", host="evil.example") == 101
    assert status_of(raw(lab), "/echo", "Origin: http://other.example", host="evil.example") == 403
    lab = make_lab(guards=Guards(check_origin=False))
    assert status_of(raw(lab), "/echo", "Origin: http://evil.example") == 101
    assert status_of(raw(lab), "/echo", host="evil.example") == 403


def test_secrets_show_up_nowhere(lab, raw):
    secrets = {"cookie": "c00kie-value", "authorization": "b34rer-value", "token": "t0ken-value"}
    headers = (f"Cookie: session={secrets['cookie']}", f"Authorization: Bearer {secrets['authorization']}")
    for target in ("/sse/news", "/echo", "/poll/news", "/nowhere", "/control/state", "/publish/news", "/ws/news"):
        for name in ("nonce", "Token", "%74oken", "jwt"):
            value = lab.nonce if name == "nonce" else secrets["token"]
            client = raw(lab)
            client.get(f"{target}?a=1&{name}={value}&b=2", *headers)
            client.head()
            client.close()
    shown = "\n".join(line.text for line in lab.log) + lab._repr_html_() + repr(lab)
    for secret in (lab.nonce, *secrets.values()):
        assert secret not in shown
    assert "a=1&token=(redacted)&b=2" in shown.lower()


def test_only_the_values_of_secret_parameters_and_headers_are_taken_out():
    assert redact_target("/x?after=7&token=abc&monkey=1") == "/x?after=7&token=(redacted)&monkey=1"
    assert redact_target("/x?key=abc") == "/x?key=(redacted)"
    assert redact_target("/x?token") == "/x?token"
    assert redact_target("/token=abc") == "/token=abc"
    assert redact_headers([("Cookie", "abc"), ("Accept", "*/*"), ("AUTHORIZATION", "")]) == (
        ("Cookie", "(redacted, 3 bytes)"),
        ("Accept", "*/*"),
        ("AUTHORIZATION", "(redacted, 0 bytes)"),
    )


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("Localhost:80", "localhost"),
        ("[::1]:80", "::1"),
        ("[::1]", "::1"),
        ("127.0.0.1", "127.0.0.1"),
        ("[::1", ""),
    ],
)
def test_the_port_is_taken_off_a_host(host, name):
    assert host_name(host) == name


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_half_a_head_is_cut(make_lab, raw, tls):
    lab = make_lab(tls=tls, guards=Guards(header_timeout_s=0.05))
    client = raw(lab)
    client.send(b"GET /sse/news HTTP/1.1\r\nHost: loc")
    assert client.is_over()


def test_a_tls_handshake_that_never_begins_is_cut(make_lab, raw):
    lab = make_lab(tls=True, guards=Guards(header_timeout_s=0.05))
    assert raw(lab.port).is_over()


def test_a_head_that_is_too_long_is_refused(make_lab, raw):
    lab = make_lab(guards=Guards(max_head_bytes=1_000))
    client = raw(lab)
    client.get("/", f"X-Long: {'x' * 1_000}")
    assert client.is_over()


def test_answers_are_not_kept_in_caches_and_name_no_server(lab, raw):
    client = raw(lab)
    for target in ("/", "/poll/news", "/nowhere"):
        client.get(target)
        _, fields, _ = client.answer()
        assert fields["cache-control"] == "no-store"
        assert fields["x-content-type-options"] == "nosniff"
        assert "server" not in fields
        assert "date" in fields
