from html.parser import HTMLParser


def test_the_index_names_every_public_path(lab, raw):
    client = raw(lab)
    client.get("/")
    status, fields, body = client.answer()
    assert (status, fields["content-type"]) == (200, "text/html; charset=utf-8")
    page = body.decode()
    for path in ("/sse/", "/ws/", "/poll/", "/publish/", "/echo"):
        assert path in page
    assert "control" not in page
    assert lab.nonce not in page


def test_the_page_is_one_that_a_screen_reader_can_use(lab, raw):
    client = raw(lab)
    client.get("/")
    seen = []

    class Parser(HTMLParser):
        def handle_starttag(self, tag, attrs):
            seen.append((tag, dict(attrs)))

    Parser().feed(client.answer()[2].decode())
    assert ("html", {"lang": "en"}) in seen
    assert {"title", "h1", "caption"} <= {tag for tag, _ in seen}
    assert all(attributes == {"scope": "row"} for tag, attributes in seen if tag == "th")


def test_other_paths_are_not_found_with_any_method(lab, raw):
    for method in ("GET", "POST", "DELETE", "OPTIONS"):
        client = raw(lab)
        client.send(f"{method} /nowhere HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n".encode())
        assert client.answer()[0] == 404
    client = raw(lab)
    client.send(b"BREW /nowhere HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n")
    assert client.answer()[0] == 405
