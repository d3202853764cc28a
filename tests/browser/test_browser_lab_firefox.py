"""``rtlab.browser_lab()`` in JupyterLab in Firefox, by both routes."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from .feature_cells import cells
from .features import FEATURES, ROUTES, Feature
from .notebook_page import IS_OPEN

pytestmark = [pytest.mark.browser, pytest.mark.everywhere, pytest.mark.timeout(120)]
# JupyterLab asks which notebook has the focus; a Firefox without a screen never gives it.
_FOCUS = """(() => {
    const panels = [...jupyterapp.shell.widgets("main")].filter(({context}) => context?.isReady);
    for (const {node} of panels) node.dispatchEvent(new FocusEvent("focus"));
    return panels.length;
})()"""
_ASK = """(async expression => {
    const code = {code: "", silent: false, store_history: false, user_expressions: {asked: expression}};
    const reply = await jupyterapp.shell.currentWidget.sessionContext.session.kernel.requestExecute(code).done;
    const asked = reply.content.user_expressions.asked;
    return asked.status === "ok" ? asked.data["text/plain"] : `${asked.ename}: ${asked.evalue}`;
})"""


@pytest.fixture(scope="module", params=ROUTES)
def place(request: pytest.FixtureRequest, jupyter: Any, firefox: Any) -> Iterator[tuple[str, Callable[[str], str]]]:
    """The route that the page must take, and what evaluates an expression in the kernel."""
    path = Path(jupyter.root) / f"firefox_{request.param}.ipynb"
    code = [nbformat.v4.new_code_cell(source) for source in cells(route=request.param)]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=code, metadata=kernel), path)
    firefox.goto(jupyter.page_of(path.name, "lab"))
    firefox.wait_for(_FOCUS)
    firefox.wait_for(f"({IS_OPEN})()")
    firefox.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')")
    yield request.param, lambda expression: str(firefox.evaluate(f"{_ASK}({json.dumps(expression)})"))
    firefox.evaluate("globalThis.jupyterapp?.shell.currentWidget?.sessionContext.shutdown()")


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.name)
def test_the_route_gives(place: tuple[str, Callable[[str], str]], feature: Feature) -> None:
    route, ask = place
    assert ast.literal_eval(ask(feature.asked)) == feature.expected(route, firefox=True)
