"""What attacks of exhaustion cost, and when a siege is called flat."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rtlab.errors import InputError
from rtlab.experiments.siege import REST_S
from rtlab.findings.attacks import Attempt
from rtlab.findings.exhaustion import Exhaustion, SiegeSample
from rtlab.results.exhaustion import Exhausted, Siege, exhaust, siege
from rtlab.tables.schema import describe

MIB = 1_048_576
ATTEMPT = Attempt("a bomb", "exhaustion", "websocket", "naive", True, "It went off.", b"x", b"y", "A limit.", "RFC")
NAIVE = Exhaustion(ATTEMPT, 33_000, 100, None, 90 * MIB, 1)
FIXED = Exhaustion(replace(ATTEMPT, target="fixed", succeeded=False), 33_000, 20, 8_000_000, 2 * MIB, 0)


def samples(**changed: int | None) -> list[SiegeSample]:
    """One sample a second for a minute of siege and a rest before and after; from 45 s on with the changes."""
    quiet = SiegeSample(0, 40 * MIB, 10, 1_000_000, 2_000_000)
    busy = replace(quiet, memory_bytes=60 * MIB, descriptors=250, latency_ns=9_000_000)
    found = []
    for second in range(round(60 + 2 * REST_S)):
        at_s = second - REST_S
        each = busy if 0 <= at_s <= 60 else quiet
        if 45 <= at_s <= 60:
            each = replace(each, **changed)  # type: ignore[arg-type]
        found.append(replace(each, at_ns=round(second * 1e9)))
    return found


def held(after: tuple[int, int] = (60 * MIB, 10), **changed: int | None) -> Siege:
    return Siege(samples(**changed), {"flood": 1_000}, 60.0, after)


def test_a_siege_in_which_nothing_rises_is_flat() -> None:
    assert held().is_flat
    assert held().unanswered == 0
    assert held().text.startswith("Flat over 60 s of 1,000 flood.")


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"memory_bytes": 90 * MIB}, "memory"),
        ({"descriptors": 400}, "descriptors"),
        ({"latency_ns": 200_000_000}, "an echo"),
        ({"opening_ns": 200_000_000}, "a new client"),
    ],
)
def test_what_rises_is_named(changed: dict[str, int], what: str) -> None:
    found = held(**changed)
    assert not found.is_flat
    assert [each.name.partition(" (")[0] for each in found.changes() if not each.is_flat] == [what]
    assert found.text.startswith("Not flat")
    assert found.text.count("NOT FLAT") == 1


def test_a_healthy_client_without_an_answer_is_not_flat() -> None:
    found = held(opening_ns=None)
    assert found.unanswered == 16
    assert not found.is_flat


def test_descriptors_that_stay_open_are_not_flat() -> None:
    assert held(after=(60 * MIB, 26)).is_flat
    assert not held(after=(60 * MIB, 27)).is_flat


def test_the_tables_have_the_columns_that_are_described() -> None:
    assert list(held().table.columns) == list(describe("siege")["column"])
    table = Exhausted([NAIVE, FIXED]).table
    assert list(table.columns) == list(describe("exhaustion")["column"])
    assert table["refused_ms"].isna().tolist() == [True, False]
    assert table.loc[1, ["outcome", "refused_ms", "memory_mib"]].tolist() == ["refused", 8.0, 2.0]


def test_the_siege_begins_at_zero() -> None:
    times = held().table["at_s"]
    assert (times.min(), times.max()) == (-REST_S, 60 + REST_S - 1)


def test_the_figures_tell_in_words_what_they_show() -> None:
    drawn = held().figure()
    assert drawn.layout.meta["description"].startswith("Flat over 60 s")
    assert len(drawn.data) == 4
    told = Exhausted([NAIVE, FIXED]).figure().layout.meta["description"]
    assert "a bomb, naive: succeeded, 90.0 MiB" in told
    assert "a bomb, fixed: refused, 2.0 MiB" in told


def test_the_text_names_the_costliest_attack_of_each_server() -> None:
    found = Exhausted([NAIVE, FIXED])
    assert found.text.endswith("The most memory that one attack took: naive 90 MiB, fixed 2 MiB.")
    assert "1 of 1 against the naive servers, 0 of 1 against the fixed ones" in found.text


def test_what_cannot_be_run_is_refused_before_anything_starts() -> None:
    with pytest.raises(InputError, match="no attack 'a bomb'"):
        exhaust("a bomb", progress=False)
    with pytest.raises(InputError, match="2 to 3,600"):
        siege(1.0, progress=False)


@pytest.mark.measuring
@pytest.mark.timeout(300)
def test_attacks_are_weighed_at_processes_of_their_own() -> None:
    found = exhaust("a decompression bomb", "a message of 2^40 bytes", progress=False)
    assert [each.attempt.target for each in found.found] == 2 * ["naive", "fixed", "default lab"]
    assert [each.attempt.succeeded for each in found.found] == 2 * [True, False, False]
    assert found.attacks.table["naive"].tolist() == ["succeeded", "succeeded"]
