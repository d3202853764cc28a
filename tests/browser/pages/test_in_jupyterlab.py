"""The experiments in the page that the learner has open, by both ways to the lab."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from ..notebook_page import NotebookPage

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

CELL = """
import rtlab
lab = rtlab.start_lab()
page = rtlab.browser_lab(lab, route=ROUTE)
limit = rtlab.browser.connection_limit(page)
back = rtlab.browser.last_event_id(page)
fetched = rtlab.browser.fetch_stream(page)
replied = rtlab.browser.reply_states(page)
"""
Ask = Callable[[str], Any]


@pytest.fixture(scope="module", params=["direct", "proxy"])
def place(
    request: pytest.FixtureRequest, jupyter: Any, browser: Any, screenshots: Path
) -> Iterator[tuple[str, NotebookPage]]:
    """A notebook in JupyterLab that has run the experiments, and the route of its page."""
    route = request.param
    path = jupyter.root / f"experiments_{route}.ipynb"
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    cells = [nbformat.v4.new_code_cell(CELL.replace("ROUTE", repr(route))), nbformat.v4.new_code_cell("limit")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), path)
    context = browser.new_context()
    shown = NotebookPage(context.new_page(), jupyter.page_of(path.name, "lab"), path, screenshots)
    shown.run_all(180)
    assert shown.errors() == []
    yield route, shown
    shown.page.evaluate("() => globalThis.jupyterapp?.shell.currentWidget?.sessionContext.shutdown()")
    context.close()


@pytest.fixture
def ask(place: tuple[str, NotebookPage]) -> Ask:
    return lambda expression: ast.literal_eval(place[1].evaluate_in_kernel(expression))


def test_each_result_names_its_route(place: tuple[str, NotebookPage], ask: Ask) -> None:
    assert ask("[each.route for each in (limit, back, fetched, replied)]") == [place[0]] * 4


def test_through_the_proxy_only_four_streams_are_opened(place: tuple[str, NotebookPage], ask: Ask) -> None:
    route, shown = place
    expected = [1] * 6 + [0] * 2 if route == "direct" else [1] * 4
    assert ask("[lane.state for lane in limit.found.lanes]") == expected
    (output,) = shown.outputs(1)
    html = "".join(output["data"]["text/html"])
    assert ("opens 4 streams at most" in html) == (route == "proxy")
    assert ("That way is known to change" in html) == (route == "proxy")


def test_the_browser_comes_back_with_the_last_id_and_loses_nothing(ask: Ask) -> None:
    assert ask("back.found.requests[1].last_event_id == back.found.ids[2]")
    assert ask("(back.found.lost, back.found.doubled, len(back.found.ids))") == (0, 0, 7)


def test_neither_the_labs_nor_the_learners_secrets_are_shown(place: tuple[str, NotebookPage], ask: Ask) -> None:
    route, _ = place
    assert not ask("any(secret.encode() in back.dissection().up_bytes for secret in (lab.nonce, page.desk.token))")
    cookie = ask("[line for line in back.dissection().up_bytes.splitlines() if line.startswith(b'Cookie')]")
    assert [set(line.partition(b": ")[2]) for line in cookie] == [set(b"*")] * (route == "proxy")


def test_only_the_proxy_hides_the_end_from_the_server(place: tuple[str, NotebookPage], ask: Ask) -> None:
    noticed = "[each.can for each in fetched.abilities if each.feature == 'be ended by the script']"
    assert ask(noticed) == [place[0] == "direct"] * 2
    others = ask("[each.can for each in fetched.abilities if each.feature != 'be ended by the script']")
    assert others == [False, True] * 2 + [True, False] * 3 + [False, True] * 2


def test_what_the_proxy_passes_on_is_as_the_standard_wants(place: tuple[str, NotebookPage], ask: Ask) -> None:
    assert ask("len(replied.replies)") == (15 if place[0] == "direct" else 11)
    assert ask("all(reply.page.agrees for reply in replied.replies)")
