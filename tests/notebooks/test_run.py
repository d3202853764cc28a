"""Every notebook runs from top to bottom in a real kernel, with no browser and no network at all."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
WITH_OTHERS = {"07_ease_of_adoption", "08_tooling"}
"""They start programs of others, which may ask for whom they like."""
LEFT_BEHIND = """
import threading, psutil
me = psutil.Process()
print([t.name for t in threading.enumerate() if t.name.startswith("rtlab")])
print([c.laddr.port for c in me.net_connections("inet") if c.laddr.port == port_of_the_lab])
print([child.pid for child in me.children(recursive=True)])
"""


@pytest.mark.notebooks
@pytest.mark.timeout(600)
@pytest.mark.filterwarnings("default")  # nbclient and jupyter_client warn of themselves
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_runs_without_a_front_end_and_leaves_nothing_behind(path: Path, tmp_path: Path, asked_for: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[1].source += "\nport_of_the_lab = lab.port"
    notebook.cells.append(nbformat.v4.new_code_cell(LEFT_BEHIND))
    (tmp_path / "work").mkdir()
    beside = {"metadata": {"path": str(tmp_path / "work")}}  # where exercises write their files
    client = NotebookClient(
        notebook, timeout=120, kernel_name="python3", store_widget_state=False, resources=beside
    )
    client.execute()
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            assert output.output_type != "error"
            if output.output_type == "stream" and output.name == "stderr":
                # a progress bar is the only thing that may be written there
                assert re.fullmatch(r"[\s\x1b\[A\r]*|.*(run|%\||it)/?s?.*", output.text, re.DOTALL), output.text
    assert notebook.cells[-1].outputs[0].text.split() == ["[]", "[]", "[]"]
    assert path.stem in WITH_OTHERS or asked_for.read_text("utf-8") == ""
