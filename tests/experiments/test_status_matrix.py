from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from rtlab.errors import InputError
from rtlab.experiments.situations import SITUATIONS
from rtlab.experiments.status_clients import SUBJECTS
from rtlab.experiments.status_matrix import unknown_names, watch_clients
from rtlab.findings.reconnection import StatusCell
from rtlab.loop_thread import shared

pytestmark = pytest.mark.measuring

OURS = ("rtlab EventSource", "rtlab WebSocket")


@pytest.fixture(scope="module", autouse=True)
def loop() -> Iterator[None]:
    shared.hold()
    yield
    shared.release()


@pytest.fixture(scope="module")
def cells(loop: None) -> dict[tuple[str, str], StatusCell]:
    return {(cell.client, cell.situation): cell for cell in watch_clients()}


def test_every_installed_client_meets_every_situation(cells: dict[tuple[str, str], StatusCell]) -> None:
    clients = [subject.name for subject in SUBJECTS if subject.installed]
    assert list(cells) == [(client, situation.name) for client in clients for situation in SITUATIONS]


@pytest.mark.parametrize("situation", [situation.name for situation in SITUATIONS])
@pytest.mark.parametrize("client", OURS)
def test_ours_do_what_the_standards_want(
    cells: dict[tuple[str, str], StatusCell], client: str, situation: str
) -> None:
    assert cells[client, situation].agrees, cells[client, situation]


def test_our_event_source_waits_and_names_the_last_event(cells: dict[tuple[str, str], StatusCell]) -> None:
    cell = cells["rtlab EventSource", "opens, then ends"]
    assert min(cell.delays_ms) >= 45  # the stream asks for 50, and the answer's end is noted a little late
    assert cell.last_event_id
    assert cell.delivered >= 2


def test_no_client_waits_for_ever_or_asks_without_end(cells: dict[tuple[str, str], StatusCell]) -> None:
    assert {cell.outcome for cell in cells.values()} <= {
        "reconnects",
        "follows",
        "closes",
        "raises",
        "reads it",
        "ends",
    }


def test_a_parser_takes_the_body_of_a_refusal_for_a_stream(cells: dict[tuple[str, str], StatusCell]) -> None:
    assert cells["sseclient-py", "503 Service Unavailable"].outcome == "reads it"


def test_unknown_names_are_looked_up_here_and_noted() -> None:
    before = socket.getaddrinfo
    with unknown_names() as looked_up:
        with pytest.raises(socket.gaierror):
            socket.create_connection(("there.invalid", 80))
        assert socket.getaddrinfo("127.0.0.1", 80)
        assert list(looked_up) == ["there.invalid"]
    assert socket.getaddrinfo is before


@pytest.mark.parametrize(
    "wrong",
    [
        {"clients": ["netcat"]},
        {"situations": ["418"]},
        {"clients": []},
        {"situations": []},
        {"clients": "websockets"},
    ],
)
def test_what_is_not_there_is_refused(wrong: dict[str, list[str]]) -> None:
    with pytest.raises(InputError, match=r"There is no .*'|a list of some of '"):
        watch_clients(**wrong)  # type: ignore[arg-type]
