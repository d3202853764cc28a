from __future__ import annotations

import threading
from typing import Any

import pytest
import trustme

import rtlab
from rtlab.clients.event_source import EventSource
from rtlab.clients.publisher import Publisher
from rtlab.errors import ConnectionFailed, InputError, WaitTimeout
from rtlab.loop_thread import shared
from rtlab.servers.lab import Lab

pytestmark = pytest.mark.usefixtures("known_epoch")


def answer(body: bytes, status: bytes = b"200 OK") -> bytes:
    return b"HTTP/1.1 %b\r\nContent-Length: %d\r\n\r\n%b" % (status, len(body), body)


def test_what_is_sent_arrives_with_the_id_that_was_answered(lab: Lab) -> None:
    with EventSource(lab.sse_url("chat")) as source, Publisher(lab.publish_url("chat")) as publisher:
        ids = [publisher.send(text) for text in ("hello", "zwei\nZeilen ä€😀", "")]
        assert ids == ["k3f9-1", "k3f9-2", "k3f9-3"]
        messages = list(source.take(3))
        assert [message.data for message in messages] == ["hello", "zwei\nZeilen ä€😀", ""]
        assert [message.id for message in messages] == ids
        assert publisher.traffic.connections == 1
        assert publisher.traffic.requests == 3


def test_an_event_has_its_name(lab: Lab) -> None:
    with EventSource(lab.sse_url()) as source, Publisher(lab.publish_url() + "?a=b") as publisher:
        publisher.send("x", event="Preis & Zahl ä")
        assert source.receive().event == "Preis & Zahl ä"


def test_the_request_is_a_post_of_utf_8_text(serve: Any) -> None:
    server = serve([answer(b'{"id": "k3f9-1"}')])
    with Publisher(server.url(path="/publish/chat")) as publisher:
        publisher.send("ä", event="a b")
    (request,) = server.requests
    assert request.line == b"POST /publish/chat?event=a%20b HTTP/1.1"
    assert request.get(b"Content-Type") == b"text/plain; charset=utf-8"
    assert request.body == "ä".encode()


def test_several_threads_may_send_at_once(lab: Lab) -> None:
    with Publisher(lab.publish_url()) as publisher:
        ids: list[str] = []
        threads = [threading.Thread(target=lambda: ids.append(publisher.send("x"))) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert sorted(ids) == sorted(f"k3f9-{number}" for number in range(1, 17))
        assert publisher.traffic.connections == 1


def test_a_closed_publisher_can_send_again(lab: Lab) -> None:
    publisher = Publisher(lab.publish_url())
    publisher.close()
    assert publisher.send("one") == "k3f9-1"
    publisher.close()
    publisher.close()
    lab.stop()
    assert not shared.running
    with rtlab.start_lab("again", port=lab.port), publisher:
        assert publisher.send("two") == "k3f9-1"


@pytest.mark.parametrize("status", [b"403 Forbidden", b"404 Not Found", b"500 Oh"])
def test_a_refusal_carries_its_status_and_the_servers_words(serve: Any, status: bytes) -> None:
    server = serve([answer(b"not like this", status)])
    with Publisher(server.url()) as publisher, pytest.raises(ConnectionFailed, match="not like this") as caught:
        publisher.send("x")
    assert caught.value.status == int(status[:3])


def test_a_refusal_without_words_names_its_status(serve: Any) -> None:
    server = serve([answer(b"", b"503 Busy")])
    with Publisher(server.url()) as publisher, pytest.raises(ConnectionFailed, match="503"):
        publisher.send("x")


def test_a_name_that_the_lab_refuses_is_told(lab: Lab) -> None:
    with Publisher(lab.publish_url()) as publisher:
        with pytest.raises(ConnectionFailed) as caught:
            publisher.send("x", event="two\nlines")
        assert caught.value.status == 400
        assert publisher.send("x") == "k3f9-1"


@pytest.mark.parametrize("body", [b"", b"no json", b"[]", b"7", b"{}", b'{"id": null}', b'{"id": 7}'])
def test_an_answer_that_is_none_of_a_labs_fails(serve: Any, body: bytes) -> None:
    with Publisher(serve([answer(body)]).url()) as publisher, pytest.raises(ConnectionFailed, match="publish URL"):
        publisher.send("x")


@pytest.mark.parametrize(("text", "event"), [("\ud800", ""), ("x", "\ud800")])
def test_a_text_without_utf_8_form_is_refused_before_anything_is_sent(serve: Any, text: str, event: str) -> None:
    server = serve([answer(b'{"id": "k3f9-1"}')])
    with Publisher(server.url()) as publisher, pytest.raises(InputError):
        publisher.send(text, event=event)
    assert server.connections == 0


def test_where_nobody_listens_it_fails(serve: Any) -> None:
    server = serve()
    server.stop_listening()
    with Publisher(server.url()) as publisher, pytest.raises(ConnectionFailed, match="No connection"):
        publisher.send("x")


def test_a_server_that_does_not_answer_runs_out_of_time_and_the_next_message_is_not_mixed_up(serve: Any) -> None:
    server = serve(["hold"], [answer(b'{"id": "k3f9-2"}')])
    with Publisher(server.url()) as publisher:
        with pytest.raises(WaitTimeout):
            publisher.send("one", timeout_s=0.1)
        assert publisher.send("two") == "k3f9-2"
    assert [request.body for request in server.requests] == [b"one", b"two"]


def test_tls_works_with_the_labs_authority_and_fails_without() -> None:
    with rtlab.start_lab("tls", tls=True) as lab:
        with Publisher(lab.publish_url(), ca_pem=lab.ca_pem) as publisher:
            assert publisher.send("x") == "k3f9-1"
        for ca_pem in ("", trustme.CA().cert_pem.bytes().decode()):
            with (
                Publisher(lab.publish_url(), ca_pem=ca_pem) as publisher,
                pytest.raises(ConnectionFailed, match="trust"),
            ):
                publisher.send("x")


@pytest.mark.parametrize("url", ["ws://127.0.0.1/", "", "http://a:b@127.0.0.1/"])
def test_a_url_that_cannot_work_is_refused_at_once(url: str) -> None:
    with pytest.raises(InputError):
        Publisher(url)
