"""The rules that every notebook keeps, so that a learner who knows one knows them all."""

from __future__ import annotations

import ast
import json
import re
import statistics
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
HEADINGS = [
    "Goal",
    "Set up",
    "Predict",
    "Run",
    "Observe",
    "Explain",
    "Try it yourself",
    "Quiz",
    "Claims",
    "Clean up",
]
Cell = dict[str, Any]


def load(path: Path) -> list[Cell]:
    cells: list[Cell] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return cells


def source(cell: Cell) -> str:
    return "".join(cell["source"])


def code_cells(path: Path) -> list[str]:
    return [source(cell) for cell in load(path) if cell["cell_type"] == "code"]


def text_cells(path: Path) -> list[str]:
    return [source(cell) for cell in load(path) if cell["cell_type"] == "markdown"]


def code_before_exercises(path: Path) -> list[str]:
    """Give the code outside the section Try it yourself."""
    kept, exercises = [], False
    for cell in load(path):
        if cell["cell_type"] == "markdown":
            for heading in re.findall(r"^## (.+)$", source(cell), re.MULTILINE):
                exercises = heading == "Try it yourself"
        elif not exercises:
            kept.append(source(cell))
    return kept


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


def test_the_first_two_notebooks_are_there() -> None:
    assert [path.stem for path in NOTEBOOKS][:2] == ["00_start_here", "01_communication_direction"]


def test_headings_follow_the_skeleton(notebook: Path) -> None:
    headings = [found for text in text_cells(notebook) for found in re.findall(r"^## (.+)$", text, re.MULTILINE)]
    assert headings == HEADINGS


def test_there_is_one_title_and_it_starts_with_a_capital(notebook: Path) -> None:
    titles = [found for text in text_cells(notebook) for found in re.findall(r"^# (.+)$", text, re.MULTILINE)]
    assert len(titles) == 1
    assert titles[0][0].isupper()


def test_it_is_short_enough_for_half_an_hour(notebook: Path) -> None:
    words = sum(len(text.split()) for text in text_cells(notebook))
    assert len(load(notebook)) <= 45
    assert words <= 1_500


def test_code_cells_are_short(notebook: Path) -> None:
    lengths = [len(code.splitlines()) for code in code_cells(notebook)]
    assert max(lengths) <= 10
    assert statistics.median(lengths) <= 3


def test_only_rtlab_is_imported(notebook: Path) -> None:
    for code in code_cells(notebook):
        for node in ast.walk(ast.parse(code)):
            assert not isinstance(node, ast.ImportFrom)
            if isinstance(node, ast.Import):
                assert [alias.name for alias in node.names] == ["rtlab"]


def test_no_cell_needs_a_loop_or_a_function_outside_the_exercises(notebook: Path) -> None:
    forbidden = (ast.For, ast.While, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    for code in code_before_exercises(notebook):
        assert not any(isinstance(node, forbidden) for node in ast.walk(ast.parse(code))), code


def test_it_asks_for_a_prediction_and_has_a_quiz(notebook: Path) -> None:
    code = "\n".join(code_cells(notebook))
    assert "rtlab.Predict(" in code
    assert f'rtlab.Quiz("{notebook.stem}")' in code


def test_it_has_three_sizes_of_exercise_and_a_bug_hunt(notebook: Path) -> None:
    text = "\n".join(text_cells(notebook))
    for exercise in ("**Tweak.**", "**Twiddle.**", "**Build.**", "**Bug hunt.**"):
        assert exercise in text


def test_prose_quotes_no_millisecond_of_an_authors_machine(notebook: Path) -> None:
    limits = {"20 ms"}  # the stated limit of what people notice, no measurement
    for text in text_cells(notebook):
        assert set(re.findall(r"\d[\d.,]* (?:ms|µs|us)\b", text)) <= limits


def test_nothing_is_hidden_and_outputs_are_stripped(notebook: Path) -> None:
    for cell in load(notebook):
        assert not {"hide", "hide-input", "remove-cell"} & set(cell["metadata"].get("tags", []))
        assert not cell["metadata"].get("jupyter", {}).get("source_hidden")
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            assert cell["execution_count"] is None


def test_links_between_notebooks_lead_somewhere(notebook: Path) -> None:
    for text in text_cells(notebook):
        for target in re.findall(r"\]\(([^)#]+\.ipynb)\)", text):
            assert (FOLDER / target).is_file(), target


def test_the_first_chart_is_in_the_first_three_cells() -> None:
    first = load(FOLDER / "00_start_here.ipynb")[:3]
    assert any("rtlab.live(" in source(cell) for cell in first if cell["cell_type"] == "code")
