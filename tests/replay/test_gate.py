"""The gate lets names pass, unless RTLAB_REPLAY says otherwise."""

import os
import subprocess
import sys

import pytest

import rtlab
from rtlab.replay.gate import COMPUTED, PURE, gate


@pytest.mark.parametrize("mode", ["", "0", "off", "no", "False"])
def test_without_a_replay_every_name_is_the_real_one(monkeypatch, mode):
    monkeypatch.setenv("RTLAB_REPLAY", mode)
    assert gate("compare", print) is print
    monkeypatch.delenv("RTLAB_REPLAY")
    assert gate("compare", print) is print


def test_names_that_need_no_network_are_real_in_a_replay_too(monkeypatch):
    monkeypatch.setenv("RTLAB_REPLAY", "1")
    for name in PURE:
        assert gate(name, print) is print
    assert gate("compare", len) is not len


def test_every_name_that_stays_real_is_public():
    assert set(rtlab.__all__) >= PURE


def test_every_verb_that_only_computes_is_there():
    for name in COMPUTED:
        first, _, verb = name.partition(".")
        found = getattr(rtlab, first)
        assert callable(getattr(found, verb) if verb else found)


def test_without_a_replay_nothing_of_it_is_loaded():
    program = "import sys, rtlab; rtlab.Workload; print([n for n in sys.modules if n.startswith('rtlab.replay.')])"
    environment = {name: value for name, value in os.environ.items() if name != "RTLAB_REPLAY"}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "['rtlab.replay.gate']"
