"""A probe in a notebook: beside a lab in the same kernel, recorded and replayed as other verbs are."""

from __future__ import annotations

import socket

import nbformat
import pytest

from rtlab.replay.player import Player
from rtlab.replay.record import record_notebook
from rtlab.replay.recorder import Recorder
from rtlab.replay.stand_ins import verb
from rtlab.replay.tape import Tape
from rtlab.results.probe import probe
from rtlab.servers.lab import start_lab

CELLS = (
    "import rtlab\nlab = rtlab.start_lab()",
    "found = rtlab.probe(lab.sse_url(), seconds=0.5)\nfound",
    "found.figure()",
    "rtlab.probe(lab.ws_url(), seconds=0.5)",
    "lab.publish('still there')[:0]",
    "lab.stop()",
)


def seen_with(deck) -> list[str]:
    """Do the same with a recorder and with a player; give what a learner sees."""
    with verb(deck, "start_lab", start_lab)("probed") as lab:
        for _ in range(3):
            lab.publish("an event")
        found = [verb(deck, "probe", probe)(url, seconds=0.5) for url in (lab.sse_url(), lab.ws_url())]
    return [
        part
        for each in found
        for part in (repr(each), each._repr_mimebundle_()["text/html"], repr(each.figure().data), repr(each.facts))
    ]


def test_a_replay_shows_what_was_recorded_without_a_network(tmp_path, monkeypatch):
    recorder = Recorder()
    seen = seen_with(recorder)
    assert "WS-PONG" in "".join(seen)
    tape = Tape.load(recorder.save(tmp_path / "probe.json.gz", "probe", [""]))

    def refuse(*args, **kwargs):
        raise AssertionError("A replay opens no connection.")

    monkeypatch.setattr(socket, "socket", refuse)
    assert seen_with(Player(iter([tape]))) == seen


@pytest.mark.notebooks
@pytest.mark.filterwarnings("default")  # nbclient and jupyter_client warn of themselves
def test_a_notebook_probes_a_lab_of_its_own_kernel(tmp_path):
    content = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    content.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(content, tmp_path / "small.ipynb")
    record_notebook(tmp_path / "small.ipynb", tmp_path)
    assert Tape.load(tmp_path / "small.json.gz").missing(list(CELLS)) == []
