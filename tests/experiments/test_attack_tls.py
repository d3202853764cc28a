"""TLS hides tokens and messages, not names, sizes and times; and only clients that check are safe."""

from __future__ import annotations

import pytest

from rtlab.errors import InputError
from rtlab.experiments.attack_tls import MESSAGES
from rtlab.results.tls import TlsCapture, capture_tls


@pytest.fixture(scope="module")
def found() -> TlsCapture:
    return capture_tls(progress=False)


@pytest.mark.parametrize("scheme", ["http", "ws"])
def test_without_tls_token_and_messages_stand_on_the_line(found: TlsCapture, scheme: str) -> None:
    line = found.captured(scheme)
    assert line.token
    assert line.text
    assert all(text.encode() in line.received for text in MESSAGES)


@pytest.mark.parametrize("scheme", ["https", "wss"])
def test_with_tls_neither_stands_there(found: TlsCapture, scheme: str) -> None:
    line = found.captured(scheme)
    assert not line.token
    assert not line.text
    assert b"HTTP/1.1" not in line.sent + line.received


def test_the_servers_name_can_always_be_read(found: TlsCapture) -> None:
    assert [line.server_name for line in found.overheard] == ["localhost"] * 4


@pytest.mark.parametrize(("plain", "secure"), [("http", "https"), ("ws", "wss")])
def test_tls_does_not_hide_the_difference_of_two_sizes(found: TlsCapture, plain: str, secure: str) -> None:
    sizes = [found.captured(scheme).message_bytes for scheme in (plain, secure)]
    differences = [second - first for first, second in sizes]
    assert differences[0] == differences[1] == len(MESSAGES[1]) - len(MESSAGES[0])


def test_clients_that_check_send_nothing_to_a_server_with_a_wrong_certificate(found: TlsCapture) -> None:
    checking = [trial for trial in found.trials if trial.checks]
    assert {trial.client for trial in checking} == {"EventSource", "WebSocket", "urllib", "websocket-client"}
    for trial in checking:
        assert trial.connected == (trial.certificate == "good"), trial
        assert bool(trial.request) == trial.connected
        assert bool(trial.said) != trial.connected


def test_what_they_say_names_the_fault(found: TlsCapture) -> None:
    said = {trial.certificate: trial.said for trial in found.trials if trial.client == "EventSource"}
    assert "127.0.0.1" in said["for another name"]
    assert "expired" in said["expired"]
    assert "self" in said["self-signed"]


def test_clients_that_do_not_check_give_the_token_to_anybody(found: TlsCapture) -> None:
    careless = [trial for trial in found.trials if not trial.checks]
    assert len(careless) == 2 * 5
    assert all(trial.connected and b"token=" in trial.request for trial in careless)


def test_the_attacks_succeed_before_the_fix_and_fail_after_it(found: TlsCapture) -> None:
    assert {attempt.target for attempt in found.attempts} == {"naive", "fixed"}
    for attempt in found.attempts:
        assert attempt.succeeded == (attempt.target == "naive"), attempt.seen
        assert attempt.sent


def test_tables_figures_and_text_tell_the_same(found: TlsCapture) -> None:
    assert list(found.table["token"]) == [True, False, True, False]
    assert len(found.certificates) == 30
    assert "https: token hidden, text hidden" in found.figure().layout.meta["description"]
    told = found.figure("certificates").layout.meta["description"]
    assert "urllib: none" in told
    assert "urllib, checks off: for another name, expired" in told
    assert "over http and ws;" in found.text
    assert "taken by urllib without its checks, websocket-client without its checks." in found.text


def test_what_is_not_there_is_an_error(found: TlsCapture) -> None:
    with pytest.raises(InputError, match="there are http"):
        found.captured("ftp")
    with pytest.raises(InputError, match="overheard"):
        found.figure("something")
