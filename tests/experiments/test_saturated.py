from __future__ import annotations

import sys

import psutil
import pytest

from rtlab.errors import InputError, LabError
from rtlab.experiments.cases import Case, run_case, run_in_turns
from rtlab.experiments.saturated import Served, drained, process, serving

SECONDS = 0.1


@pytest.mark.parametrize(
    "case",
    [
        Case("sse", 2, 32),
        Case("websocket", 2, 32),
        Case("sse", 2, 32, http_1_0=True),
        Case("sse", 2, 64, tls=True),
        Case("websocket", 2, 64, tls=True),
        Case("websocket", 2, 512, compress=True),
        Case("websocket", 2, 32, join=8),
        Case("sse", 2, 32, proxy=True),
        Case("sse", 2, 32, library="tornado"),
    ],
    ids=str,
)
def test_what_arrives_is_counted_with_its_bytes_and_the_processor_time_of_both(case: Case) -> None:
    found = run_case(case, SECONDS)
    assert (found.server, found.way, found.connections) == (case.library, case.way, 2)
    assert found.deliveries > 0
    assert found.bytes_up == 0
    assert found.seconds >= SECONDS
    assert found.client_cpu_s > 0
    assert found.server_cpu_s >= 0
    if not case.compress:
        assert found.bytes_down / found.deliveries == pytest.approx(case.payload_bytes + 20, abs=30)
    assert not found.ages_us


@pytest.mark.parametrize("way", ["sse", "websocket"])
def test_paced_messages_have_an_age_each(way: str) -> None:
    found = run_case(Case(way, 2, 32, rate_per_s=100, stamp=True), 0.3)
    assert len(found.ages_us) == found.deliveries > 0
    assert all(age_us >= 0 for age_us in found.ages_us)


def test_compressed_messages_are_smaller_on_the_wire() -> None:
    found = run_case(Case("websocket", 1, 2_000, compress=True), SECONDS)
    assert found.bytes_down < found.deliveries * 200


def test_nothing_runs_afterwards_even_if_the_measuring_fails() -> None:
    command = [
        sys.executable,
        "-c",
        "import json, sys; print(json.dumps({'sse_url': 'http://127.0.0.1:9/'})); input()",
    ]
    with pytest.raises(LabError, match=r"experiments\.drain"), serving("deaf", command) as served:
        drained(served, connections=1, payload_bytes=32, seconds=SECONDS)
    assert not psutil.pid_exists(served.pid)


def test_a_program_that_ends_at_once_leaves_its_last_words() -> None:
    with pytest.raises(LabError, match="no luck"), process([sys.executable, "-c", "raise SystemExit('no luck')"]):
        pass


@pytest.mark.parametrize("line", ["hello", "{}"])
def test_a_server_that_does_not_say_where_it_is_is_an_error(line: str) -> None:
    command = [sys.executable, "-c", f"print({line!r}); input()"]
    with pytest.raises(LabError, match="does not say where"), serving("shy", command):
        pass


def test_a_server_that_offers_no_compression_is_an_error() -> None:
    with pytest.raises(LabError, match="does not compress"):
        options = ("--rate", "0", "--payload-bytes", "32")
        with serving("plain", [sys.executable, "-m", "rtlab", "serve", *options], "websocket") as served:
            drained(served, connections=1, payload_bytes=32, seconds=SECONDS, compressed=True)


def test_cases_take_turns() -> None:
    told: list[str] = []
    cases = [Case("sse", 1, 32), Case("websocket", 1, 32)]
    runs = run_in_turns(cases, seconds=SECONDS, repeats=2, progress=lambda done, total, text: told.append(text))
    assert [text.split(",")[0] for text in told] == ["sse", "websocket", "sse", "websocket"]
    assert [[run.way for run in each] for each in runs] == [["sse", "sse"], ["websocket", "websocket"]]


def test_settings_that_cannot_work_are_refused() -> None:
    served = Served("none", "http://127.0.0.1:9/", 1)
    with pytest.raises(InputError, match="seconds"):
        drained(served, connections=1, payload_bytes=32, seconds=0)
    with pytest.raises(InputError, match="way"):
        Case("pigeon")
    with pytest.raises(InputError, match="payload_bytes"):
        Case("sse", payload_bytes=1)
    with pytest.raises(InputError, match="rate_per_s"):
        Case("sse", rate_per_s=-1)
    with pytest.raises(InputError, match="repeats"):
        run_in_turns([Case("sse")], seconds=1, repeats=0)
