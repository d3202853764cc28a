from __future__ import annotations

from collections.abc import Callable

import pytest

import rtlab
from rtlab.clients.client import Received
from rtlab.errors import InputError
from rtlab.experiments.subjects import SUBJECTS, find_subjects
from rtlab.servers.lab import Lab


def test_a_name_is_the_transport_and_a_foreign_client(lab: Lab) -> None:
    for name, subject in SUBJECTS.items():
        client = subject.make(lab, "x", lambda message: None, 0.25)
        assert name == (client.transport if client.name == "rtlab" else f"{client.transport}/{client.name}")


@pytest.mark.parametrize("tls", [False, True])
def test_each_subject_receives_its_channel_and_hands_messages_to_the_callback(
    tls: bool, until: Callable[..., object]
) -> None:
    with rtlab.start_lab("subjects", tls=tls) as lab:
        got: list[Received] = []
        clients = [subject.make(lab, "mine", got.append, 0.02) for subject in SUBJECTS.values()]
        for client in clients:
            client.open()
        lab.publish("other", channel="other")
        lab.publish("mine", channel="mine")
        until(lambda: len(got) == len(clients), "not every client has got the message")
        for client in clients:
            client.close()
        assert {message.data for message in got} == {"mine"}


def test_the_last_argument_is_the_pause_of_short_polling(lab: Lab) -> None:
    with pytest.raises(InputError):
        SUBJECTS["polling"].make(lab, "x", lambda message: None, 0.0)
    for name in SUBJECTS.keys() - {"polling"}:
        SUBJECTS[name].make(lab, "x", lambda message: None, 0.0)


def test_subjects_are_found_in_the_order_asked_for() -> None:
    assert [subject.name for subject in find_subjects(("websocket", "sse"))] == ["websocket", "sse"]


@pytest.mark.parametrize("names", [(), ("sse", "sse"), ("sse", "carrier pigeon"), tuple("sse")])
def test_names_that_do_not_work_are_refused_with_those_that_do(names: tuple[str, ...]) -> None:
    with pytest.raises(InputError, match="websocket/websocket-client"):
        find_subjects(names)
