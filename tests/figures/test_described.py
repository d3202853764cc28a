import ast
import copy
from pathlib import Path

import pytest

import rtlab.figures
from rtlab.figures.described import STYLE, DescribedFigure
from rtlab.figures.points import figure_points
from rtlab.figures.theme import DIRECTIONS, LOOKS

_MODULES = sorted(Path(rtlab.figures.__file__).parent.glob("*.py"))
_BARE = ("go.Figure", "make_subplots")


@pytest.mark.parametrize("path", _MODULES, ids=lambda path: path.stem)
def test_every_figure_of_the_course_shows_its_description(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in _BARE:
            given = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
            assert given.get("figure") == "DescribedFigure()", f"{path.name}:{node.lineno}"


def test_a_copy_still_shows_its_description() -> None:
    figure = figure_points({"sse": ([1], [2])}, title="One", x_title="time (s)", y_title="latency (ms)")
    assert type(copy.deepcopy(figure)) is type(figure) is DescribedFigure


def test_the_style_knows_every_colour_of_the_course() -> None:
    for look in (*LOOKS.values(), *DIRECTIONS.values()):
        assert look.color in STYLE
