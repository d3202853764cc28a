"""Record a notebook: run its cells in a kernel of their own, and write down what came of each."""

from __future__ import annotations

import os
from pathlib import Path

from rtlab.errors import RecordingError
from rtlab.replay.tape import SUFFIX

CELL_TIMEOUT_S = 300


def record_notebook(notebook: Path, folder: Path) -> Path:
    """Run a notebook and record it.

    Cells that are tagged ``skip-execution`` are not run.

    Args:
        notebook: The notebook; it stays as it is.
        folder: Where the recording goes.

    Returns:
        The file that was written.

    Raises:
        RecordingError: A cell failed.
    """
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    content = nbformat.read(notebook, as_version=4)  # type: ignore[no-untyped-call]  # nbformat leaves all unannotated
    sources = [cell.source for cell in content.cells if cell.cell_type == "code"]
    target = (folder / f"{notebook.stem}{SUFFIX}").resolve()
    saving = (
        "import pathlib\nfrom rtlab.replay.recorder import recorder\n"
        f"recorder.save(pathlib.Path({str(target)!r}), {notebook.stem!r}, {sources!r})"
    )
    content.cells.append(nbformat.v4.new_code_cell(saving))  # type: ignore[no-untyped-call]  # as above
    client = NotebookClient(content, timeout=CELL_TIMEOUT_S, kernel_name="python3", store_widget_state=False)
    try:
        client.execute(env=os.environ | {"RTLAB_REPLAY": "record"})
    except CellExecutionError as error:
        raise RecordingError(f"{notebook.name} cannot be recorded: {error.ename}: {error.evalue}") from error
    return target
