"""``rtlab.browser_lab()`` in JupyterLab and Notebook 7, at ``/`` and behind a path, by both routes."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from rtlab.surroundings.routes import distortions

from .feature_cells import cells
from .features import FEATURES, ROUTES, Feature
from .notebook_page import NotebookPage

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

_PLACES = tuple(
    pytest.param(place, marks=[pytest.mark.everywhere] * (place[:2] != ("lab", "/user/ada/")), id=" ".join(place))
    for place in itertools.product(("lab", "notebook"), ("/", "/user/ada/"), ROUTES)
)
_CELLS = {route: cells(route=route) for route in ROUTES}
_NOT_SEEN = {"backpressure", "disconnect", "latency", "opening", "ping", "reset"}
"""What only a time limit or another program would show."""


@pytest.fixture(scope="module")
def notebook_at(
    jupyter_at: Callable[[str], Any], browser: Any, screenshots: Path
) -> Iterator[Callable[[str, str], NotebookPage]]:
    """Give a function that gives the notebook of a front end and base URL; it is opened once."""
    opened: dict[tuple[str, str], NotebookPage] = {}

    def notebook_at(front_end: str, base_url: str) -> NotebookPage:
        if (front_end, base_url) not in opened:
            server = jupyter_at(base_url)
            path = server.root / f"features_{front_end}.ipynb"
            code = [nbformat.v4.new_code_cell(source) for source in itertools.chain(*_CELLS.values())]
            kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
            nbformat.write(nbformat.v4.new_notebook(cells=code, metadata=kernel), path)
            url = server.page_of(path.name, front_end)
            opened[front_end, base_url] = NotebookPage(browser.new_page(), url, path, screenshots)
        return opened[front_end, base_url]

    yield notebook_at
    for shown in opened.values():
        shown.page.evaluate("() => globalThis.jupyterapp?.shell.currentWidget?.sessionContext.shutdown()")
        shown.page.close()


@pytest.fixture(scope="module", params=_PLACES)
def place(
    request: pytest.FixtureRequest, notebook_at: Callable[[str, str], NotebookPage]
) -> tuple[str, NotebookPage]:
    """The route that the page must take, and the notebook; it has run the cells for that route."""
    front_end, base_url, route = request.param
    shown = notebook_at(front_end, base_url)
    first = sum(len(_CELLS[before]) for before in ROUTES[: ROUTES.index(route)])
    for number in range(len(_CELLS[route])):
        shown.run(first + number)
    assert shown.errors() == []
    return route, shown


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.name)
def test_the_route_gives(place: tuple[str, NotebookPage], feature: Feature) -> None:
    route, shown = place
    assert ast.literal_eval(shown.evaluate_in_kernel(feature.asked)) == feature.found[route]


def test_the_features_show_every_distortion_that_was_measured() -> None:
    shown = {key for feature in FEATURES for key in feature.distorted}
    assert shown == {each.feature for each in distortions("proxy")} - _NOT_SEEN
