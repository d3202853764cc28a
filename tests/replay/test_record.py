"""One command records a notebook."""

import nbformat
import pytest

from rtlab.errors import RecordingError
from rtlab.replay.__main__ import main
from rtlab.replay.record import record_notebook
from rtlab.replay.tape import Tape, digest

pytestmark = pytest.mark.filterwarnings("default")  # nbclient and jupyter_client warn of themselves


def notebook(folder, *cells):
    content = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    content.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(content, folder / "small.ipynb")
    return folder / "small.ipynb"


def test_the_command_writes_what_came_of_every_cell(tmp_path, capsys):
    cells = ["import rtlab\nlab = rtlab.start_lab()\nlab", "x = 1", "lab.publish('a')[-2:]", "lab.stop()"]
    cells.insert(3, "work = rtlab.Workload(rate_per_s=100, count=5)\nfirst = rtlab.live(lab, work)")
    main(["record", str(notebook(tmp_path, *cells)), "--to", str(tmp_path)])
    tape = Tape.load(tmp_path / "small.json.gz")
    assert "small.json.gz" in capsys.readouterr().out
    assert tape.missing(cells) == []
    assert list(tape.cells[digest(cells[0])]) == ["start_lab()", "display(start_lab())"]
    assert tape.cells[digest(cells[1])] == {}
    assert [ask for ask in tape.cells[digest(cells[2])]] == ["start_lab().publish('a')"]
    [[outcome]] = tape.cells[digest(cells[3])].values()
    assert [list(shown) for shown in outcome["shows"]] == [["figure"]]  # the chart as it was in the end


def test_a_cell_that_fails_is_told(tmp_path):
    with pytest.raises(RecordingError, match=r"small\.ipynb cannot be recorded: ZeroDivisionError"):
        record_notebook(notebook(tmp_path, "1 / 0"), tmp_path)
    assert not (tmp_path / "small.json.gz").exists()
