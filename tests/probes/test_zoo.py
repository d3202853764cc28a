"""The zoo of ``benchmarks/probe_zoo.py``: every planted fault is found, and nothing else, on real servers."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import pytest

from ..absent import absent

PATH = Path(__file__).parents[2] / "benchmarks" / "probe_zoo.py"
NODE = "Node ws + better-sse"


def loaded():
    spec = importlib.util.spec_from_file_location("probe_zoo", PATH)
    module = importlib.util.module_from_spec(spec)
    sys.modules["probe_zoo"] = module  # its dataclasses look themselves up
    spec.loader.exec_module(module)
    return module


zoo = loaded()
REAL = {exhibit.name: exhibit for exhibit in (*zoo.HEALTHY, *zoo.PROXIES)}


@pytest.mark.measuring
@pytest.mark.parametrize("name", [name for name in REAL if name != NODE])
def test_a_real_server_gets_what_is_on_its_list(name):
    held_to_the_list(REAL[name])


@pytest.mark.stacks
@pytest.mark.timeout(1_000)  # it is built first
def test_node_gets_what_is_on_its_list():
    held_to_the_list(REAL[NODE])


def held_to_the_list(exhibit) -> None:
    visits = zoo.visit(exhibit)
    if visits[0].why_not:
        absent(visits[0].why_not)
    for each in visits:
        assert (each.misses, each.false_alarms) == (frozenset(), frozenset()), each


def test_hits_misses_and_false_alarms_are_told_apart():
    found = zoo.Visit("x", "stream", frozenset({"SSE-BOM", "SSE-UTF8"}), frozenset({"SSE-BOM", "HTTP-HOST"}))
    assert (found.hits, found.misses, found.false_alarms) == ({"SSE-BOM"}, {"SSE-UTF8"}, {"HTTP-HOST"})
    assert zoo.table([found]).endswith("| all | 1 | 1 | 1 | 1 |")


def test_an_exhibit_that_cannot_run_here_says_why():
    def serve():
        raise zoo.MissingExtra("not here")

    (only,) = zoo.visit(zoo.Exhibit("x", serve))
    assert only.why_not == "not here"


def test_the_dated_result_holds_every_exhibit_without_a_miss_or_a_false_alarm():
    saved = json.loads(zoo.FILE.read_text(encoding="utf-8"))
    lists = {exhibit.name: exhibit for exhibit in zoo.ZOO}
    assert {row["exhibit"] for row in saved["visits"]} == set(lists)
    for row in saved["visits"]:
        exhibit = lists[row["exhibit"]]
        planted = exhibit.stream if row["endpoint"] == "stream" else exhibit.websocket
        assert set(row["planted"]) == planted
        assert row["found"] == row["planted"]
