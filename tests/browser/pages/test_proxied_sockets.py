"""The same experiments through the notebook server's proxy: what it changes is measured, and named."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.everywhere, pytest.mark.timeout(240)]

_CELLS = (
    'import rtlab\npage = rtlab.browser_lab(route="proxy")',
    "ends = rtlab.browser.close_codes(page)\nends",
    "forms = rtlab.browser.binary_types(page)\nforms",
    "poured = rtlab.browser.buffered_amount(page, messages=64, pause_s=0.5)\npoured.figure()",
    "has = rtlab.browser.support(page)\nhas",
    "shown = rtlab.browser.background(page, seconds=4)\nshown",
)
_ORIGINS = """
import rtlab
page = rtlab.browser_lab(route="proxy")
refused = ""
try:
    rtlab.browser.origins(page)
except rtlab.RtlabError as error:
    refused = str(error)
"""


@pytest.fixture
def ask(open_notebook: Callable[..., Any]) -> Callable[..., Any]:
    """Run cells in JupyterLab, and give what asks the kernel then."""

    def run(*cells: str) -> Callable[[str], Any]:
        notebook = open_notebook(cells, base_url="/user/ada/")
        notebook.run_all(timeout_s=120)
        assert notebook.errors() == []
        return lambda expression: ast.literal_eval(notebook.evaluate_in_kernel(expression))

    return run


def test_what_the_proxy_changes_is_seen_and_named(ask: Callable[..., Any]) -> None:
    tell = ask(*_CELLS)
    assert tell("page.route") == "proxy"
    saw = tell("[(end.by, end.said, end.page_saw, end.lab_saw) for end in ends.ends]")
    assert {page for by, _, page, _ in saw if by == "lab"} == {"1005"}
    assert [lab for by, said, _, lab in saw if by == "page" and said == "3500 bye"] == ["1005"]
    assert "passes on no code and no reason" in tell("ends.text")
    assert "WebSocket close code and reason" in tell("repr(ends)")
    assert tell("[form.same for form in forms.forms]") == [True] * 21
    assert "does not notice" in tell("poured.text")
    assert tell("[each.feature for each in has.found if each.here is None]") == [
        "fetch with a stream reader",
        "WebSocket over HTTP/2",
        "permessage-deflate",
    ]
    assert "The page stayed visible" in tell("shown.text")


def test_other_origins_cannot_be_tried_through_the_proxy(ask: Callable[..., Any]) -> None:
    assert "every address is of one origin" in ask(_ORIGINS)("refused")
