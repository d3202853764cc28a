from __future__ import annotations

from typing import Any

from rtlab.experiments.raw_server import RawServer


def test_the_body_goes_out_exactly_as_it_was_written(raw: Any) -> None:
    with RawServer(b"\xff\xfe", b"", b"data: a\r", content_type="text/plain") as server:
        client = raw(int(server.url().split(":")[2].strip("/")))
        client.get("/")
        status, fields = client.head()
        assert (status, fields["content-type"]) == (200, "text/plain")
        assert [client.chunk(), client.chunk(), client.chunk()] == [b"\xff\xfe", b"data: a\r", b""]


def test_a_second_request_of_a_path_gets_204_and_another_path_the_body(raw: Any) -> None:
    with RawServer(b"data: a\n\n") as server:
        port = int(server.url().split(":")[2].strip("/"))
        found = []
        for path in ("/one", "/one", "/two"):
            client = raw(port)
            client.get(path)
            found.append(client.head()[0])
        assert found == [200, 204, 200]
        assert server.requests == {"/one": 2, "/two": 1}


def test_a_client_that_says_nothing_does_not_hold_it_up(raw: Any) -> None:
    with RawServer(b"") as server:
        silent = raw(int(server.url().split(":")[2].strip("/")))
        other = raw(silent.port)
        other.get("/")
        assert other.head()[0] == 200
    assert silent.is_over()
