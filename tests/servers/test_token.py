"""A lab with a token, as other users of the same machine meet it."""

import json
import subprocess
import sys

import psutil
import pytest

from rtlab.clients.event_source import EventSource
from rtlab.clients.polling import LongPolling, Polling
from rtlab.clients.publisher import Publisher
from rtlab.clients.websocket import WebSocket
from rtlab.errors import ConnectionFailed, RtlabError
from rtlab.servers.lab import start_lab

PATHS = ("/", "/sse/news", "/poll/news", "/ws/news", "/echo", "/nowhere")


@pytest.fixture
def guarded(make_lab):
    return make_lab(token=True)


def status_of(client, target, *headers):
    client.ask_upgrade(target, *headers)
    return client.head()[0]


def with_token(target, token):
    return f"{target}?token={token}"


@pytest.mark.parametrize("wrong", ["", "?token=", "?token=x", "?token={token}x", "?Token={token}", "?key={token}"])
def test_without_the_token_every_path_is_closed(guarded, raw, wrong):
    for target in PATHS:
        assert status_of(raw(guarded), target + wrong.format(token=guarded.token)) == 403
    client = raw(guarded)
    client.post("/publish/news" + wrong.format(token=guarded.token), b"x")
    assert client.answer()[0] == 403


@pytest.mark.parametrize(
    "field", ["Authorization: Bearer x", "Authorization: Basic {token}", "Cookie: token={token}"]
)
def test_a_header_that_is_not_the_token_opens_nothing(guarded, raw, field):
    assert status_of(raw(guarded), "/echo", field.format(token=guarded.token)) == 403


def test_the_query_and_the_bearer_header_carry_it(guarded, raw):
    assert status_of(raw(guarded), with_token("/echo", guarded.token)) == 101
    assert status_of(raw(guarded), "/echo", f"Authorization: bearer {guarded.token}") == 101
    client = raw(guarded)
    client.post(with_token("/publish/news", guarded.token), b"x")
    assert client.answer()[0] == 200


def test_it_opens_neither_the_lists_nor_the_control_paths(guarded, raw):
    assert status_of(raw(guarded), with_token("/echo", guarded.token), "Origin: http://evil.example") == 403
    assert status_of(raw(guarded), with_token("/control/state", guarded.token)) == 403
    client = raw(guarded)
    client.get(with_token("/", guarded.token), host="evil.example")
    assert client.head()[0] == 403


def test_the_nonce_opens_a_lab_with_a_token_for_pages_of_the_notebook(guarded, raw):
    assert status_of(raw(guarded), f"/echo?nonce={guarded.nonce}", "Origin: http://notebook.example") == 101


def test_the_bare_page_and_its_script_give_nothing_away_and_need_none(guarded, raw):
    for target in ("/page/", "/page/page.js"):
        client = raw(guarded)
        client.get(target)
        status, _, body = client.answer()
        assert status == 200
        assert guarded.token.encode() not in body and guarded.nonce.encode() not in body
    assert status_of(raw(guarded), "/page") == 403


@pytest.mark.parametrize("isolated", [False, True], ids=["in the kernel", "isolated"])
def test_our_clients_work_with_the_labs_addresses_and_none_without_the_token(make_lab, raw, isolated):
    guarded = make_lab(token=True, isolated=isolated)
    assert status_of(raw(guarded), "/echo") == 403
    clients = (
        EventSource(guarded.sse_url()),
        WebSocket(guarded.ws_url()),
        WebSocket(guarded.ws_url(), subprotocols=("rtlab.v1",), last_event_id=""),
        Polling(guarded.poll_url(), interval_s=0.05),
        LongPolling(guarded.poll_url()),
    )
    for client in clients:
        with client, Publisher(guarded.publish_url()) as publisher:
            publisher.send("Hello", event="greeting")
            assert client.receive(timeout_s=30).data == "Hello"
    with WebSocket(guarded.echo_url()) as socket:
        socket.send("Hello")
        assert socket.receive(timeout_s=30).data == "Hello"


def test_a_client_without_it_is_told_so(guarded):
    with pytest.raises(ConnectionFailed), WebSocket(f"{guarded.http_url.replace('http', 'ws')}/echo"):
        pass


def test_the_same_call_finds_the_lab_again_with_its_token(unique_name):
    with start_lab(unique_name, token=True) as lab:
        assert start_lab(unique_name, token=True) is lab
        assert len(lab.token) >= 32
        assert lab.token != lab.nonce
        with start_lab(unique_name) as open_one:
            assert open_one.token == ""
            assert "token" not in open_one.sse_url()


def test_the_token_shows_up_in_no_card_log_or_command_line(make_lab, raw):
    guarded = make_lab(token=True, isolated=True)
    for target in PATHS:
        client = raw(guarded)
        client.get(with_token(target, guarded.token))
        client.head()
    lines = [" ".join(each.cmdline()) for each in psutil.Process().children(recursive=True)]
    shown = [guarded._repr_html_(), repr(guarded), *(line.text for line in guarded.log), *lines]
    assert not [text for text in shown if guarded.token in text or guarded.nonce in text]


def test_a_capture_of_such_a_lab_carries_it_and_shows_it_not(make_lab):
    from rtlab.results.capture import through

    lab = make_lab(token=True)
    with through(lab) as capture, WebSocket(capture.echo_url()) as socket:
        socket.send("Hello")
        assert socket.receive(timeout_s=30).data == "Hello"
        assert lab.token.encode() not in b"".join(chunk.data for chunk in capture.chunks)


def test_rtlab_serve_takes_a_token_from_the_environment(monkeypatch):
    monkeypatch.setenv("RTLAB_TOKEN", "s3cret")
    command = [sys.executable, "-m", "rtlab", "serve", "--until-stdin-closes"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        ready = json.loads(child.stdout.readline())
        assert ready["echo_url"].endswith("/echo?token=s3cret")
        with WebSocket(ready["echo_url"]) as socket:
            socket.send("Hello")
            assert socket.receive(timeout_s=30).data == "Hello"
        with pytest.raises(RtlabError), WebSocket(ready["echo_url"].partition("?")[0]):
            pass
        child.stdin.close()
        assert child.wait(30) == 0


def test_a_swarm_works_with_the_labs_addresses():
    from rtlab.results.swarm import swarm

    with start_lab("token and swarm", token=True, isolated=True) as lab:
        result = swarm(
            lab.ws_url("swarm"), connections=3, seconds=0.5, rate_per_s=20, ramp_up_s=0.1, workers=1, progress=False
        )
        assert result.totals.messages > 0
