"""The notebooks as a learner runs them: in JupyterLab, and again after a restart."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
CHARTS = {
    "00_start_here": 4,
    "01_communication_direction": 3,
    "02_underlying_protocol": 2,
    "03_security": 4,
    "04_simplicity": 7,
    "05_performance": 8,
    "06_message_structure": 6,
    "07_ease_of_adoption": 5,
    "08_tooling": 3,
    "09_scorecard": 3,
    "10_your_own_browser": 4,
}
"""How many charts each notebook must have drawn at least, exercises not counted."""
TURNS = {"00_start_here": ("first", "again"), "10_your_own_browser": ("first", "restarted")}
"""Each turn takes a minute or more; the others run once."""
LEFT_BEHIND = (
    "[t.name for t in __import__('threading').enumerate() if t.name.startswith('rtlab')],"
    "[c.laddr.port for c in __import__('psutil').Process().net_connections('inet')"
    " if c.laddr.port == lab.port],"
    "[c.pid for c in __import__('psutil').Process().children(recursive=True)]"
)

_ON_PURPOSE = (
    "Failed to load resource",
    "WebSocket connection to",
    "EventSource's response",
    "CORS policy",
    "Content Security Policy",
    "Failed to initialize model",
)
"""Experiments open what servers and browsers refuse, and the browser notes it. anywidget gives a model two seconds
to begin, which a busy machine can miss; what was drawn is counted."""

pytestmark = pytest.mark.browser


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", list(CHARTS))
def test_a_notebook_runs_and_runs_again_and_leaves_nothing(name: str, open_notebook: Callable[..., object]) -> None:
    shown = open_notebook(NOTEBOOKS / f"{name}.ipynb", height=1400)
    for turn in TURNS.get(name, ("first",)):
        if turn == "restarted":
            shown.restart_kernel()
        shown.run_all(timeout_s=400)
        assert shown.errors() == [], turn
        assert shown.evaluate_in_kernel(f"({LEFT_BEHIND})") == "([], [], [])"
        shown.page.wait_for_function(
            "count => document.querySelectorAll('.js-plotly-plot .main-svg').length >= count", arg=CHARTS[name]
        )
        shown.screenshot(f"{name}-{turn}")
    assert shown.hosts() <= {"127.0.0.1", "localhost"}
    assert [error for error in shown.console_errors if not any(known in error for known in _ON_PURPOSE)] == []
