from __future__ import annotations

import pytest

from rtlab.findings.performance import Drained
from rtlab.results import performance
from rtlab.results.effects import Effects
from rtlab.results.speeds import Ages, Rates, client_note

pytestmark = pytest.mark.measuring


def run(way: str, deliveries: int, *, client_cpu_s: float = 0.1, age_us: float = 1.0) -> Drained:
    ages_us = (age_us,) * 200
    return Drained("rtlab", way, 5, 32, 1.0, deliveries, 50 * deliveries, 0, 0.5, client_cpu_s, ages_us)


def test_the_rate_is_measured_told_and_drawn() -> None:
    found = performance.rate([32], [2], seconds=0.1, repeats=1, progress=False)
    assert list(found.table["transport"]) == ["sse", "websocket"]
    assert "32 B to 2: cannot tell" in found.text
    assert len(found.ratios) == 1
    assert len(found.figure().data) == 2


def test_the_latency_is_measured_told_and_drawn() -> None:
    found = performance.latency([50], [1], seconds=0.1, repeats=1, progress=False)
    assert list(found.table["rate_per_s"]) == [50, 50]
    assert found.text
    assert len(found.figure().data) == 5


def test_joining_is_measured_told_and_drawn() -> None:
    found = performance.joining([2], connections=1, seconds=0.1, repeats=1, progress=False)
    assert list(found.table["join"]) == [2, 2]
    assert found.text.startswith("With 2 messages in one send arrive: SSE 1.0 times as many")
    assert "Median age in bursts of 2, joined instead of one by one: SSE " in found.text
    assert len(found.figure().data) == 2


def test_factors_are_measured_told_and_drawn() -> None:
    found = performance.factors(["client's parser"], repeats=2, progress=False)
    assert list(found.table["factor"]) == ["client's parser"] * 2
    assert "client's parser" in found.text
    assert len(found.figure().data) == 2
    assert isinstance(found, Effects)


def test_files_are_sent_told_and_drawn() -> None:
    found = performance.files([1_000], repeats=1, progress=False)
    assert list(found.table["form"]) == ["base64", "binary"]
    assert [(each.end, each.largest_bytes, each.close_code) for each in found.limits] == [
        ("server", 1_048_576, 1009),
        ("client", 16_777_216, 1009),
    ]
    assert "16,777,216 bytes and closes with 1009" in found.text
    assert found.figure().data


def test_a_leader_is_named_only_where_the_interval_says_so() -> None:
    sse, websocket = (run("sse", 1_000), run("sse", 1_010)), (run("websocket", 2_000), run("websocket", 2_020))
    assert "32 B to 5: WebSocket leads." in Rates([sse, websocket]).text
    assert "32 B to 5: alike within 1 %." in Rates([sse, (run("websocket", 1_000), run("websocket", 1_010))]).text


def test_a_guess_is_drawn_as_so_many_for_a_hundred() -> None:
    found = Rates([(run("sse", 1_000),) * 2, (run("websocket", 2_000),) * 2])
    assert "your guess" not in [curve.name for curve in found.figure().data]
    guess = found.figure(guess=150).data[-1]
    assert list(guess.y) == [1.5 * found.table["deliveries_per_s"].iloc[0]]


def test_a_page_shows_no_ends_of_intervals_in_the_table_for_the_figure_has_them() -> None:
    page = Rates([(run("sse", 1_000),) * 2])._repr_mimebundle_()["text/html"]
    assert "deliveries_per_s" in page
    assert "_low" not in page
    assert "_high" not in page


def test_a_client_that_set_the_pace_is_told() -> None:
    runs = (run("sse", 1_000, client_cpu_s=0.9), run("sse", 1_000))
    assert client_note([runs]) == " In 1 of 2 runs the client was busier than the server: it set the pace."
    assert client_note([runs[1:]]) == ""


@pytest.mark.parametrize(
    ("ages_us", "queueing", "text"),
    [
        ((100.0, 100.0), {}, "At none of these rates"),
        ((100.0, 2_000.0), {("sse", 5): 1_000.0}, "SSE to 5 from 1000 a second on"),
        ((30_000.0, 2_000.0), {("sse", 5): 100.0}, "SSE to 5 from 100 a second on"),
    ],
)
def test_queueing_begins_where_the_next_message_is_due_too_soon(
    ages_us: tuple[float, float], queueing: dict[tuple[str, int], float], text: str
) -> None:
    found = Ages(
        [(rate, (run("sse", 200, age_us=age_us),)) for rate, age_us in zip((100, 1_000), ages_us, strict=True)]
    )
    assert found.queueing == queueing
    assert text in found.text
