"""The other engine: what Firefox does with our notebooks, and with a lab's streams and sockets."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .notebook_page import IS_OPEN

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

_CHART = """
from rtlab.widgets.live import LiveChart
chart = LiveChart(["sse", "websocket"], "The same messages over both transports", "time (s)", "latency (ms)")
chart
"""
_FEED = """
for step in range(40):
    chart.add("sse", step / 10, 2)
    chart.add("websocket", step / 10, 3)
chart.finish()
"""
_QUIZ = """
from rtlab.widgets.quiz import Quiz
quiz = Quiz("01_communication_direction")
quiz
"""
_FIGURE = """
from rtlab.figures.points import figure_points
figure_points({"sse": ([1, 2], [3, 4])}, title="Two points", x_title="time (s)", y_title="latency (ms)")
"""
# JupyterLab asks which notebook has the focus; a Firefox without a screen never gives it.
_FOCUS = """() => {
    const shown = globalThis.jupyterapp?.shell.widgets("main") ?? [];
    const panels = [...shown].filter(({context}) => context?.isReady);
    for (const {node} of panels) node.dispatchEvent(new FocusEvent("focus"));
    return panels.length > 0;
}"""
_ASK = """async expression => {
    const code = {code: "", silent: false, store_history: false, user_expressions: {asked: expression}};
    const reply = await jupyterapp.shell.currentWidget.sessionContext.session.kernel.requestExecute(code).done;
    return reply.content.user_expressions.asked.data["text/plain"];
}"""


def test_a_notebook_runs_with_a_live_chart_and_a_quiz(
    jupyter: Any, firefox: Any, write_notebook: Callable[..., Path], screenshots: Path
) -> None:
    path = write_notebook(jupyter.root, (_CHART, _FEED, _FIGURE, _QUIZ))
    firefox.goto(jupyter.page_of(path.name, "lab"))
    try:
        firefox.wait_for(f"({_FOCUS})()")
        firefox.wait_for(f"({IS_OPEN})()")
        firefox.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')")
        drawn = "document.querySelector('.rtlab-live .js-plotly-plot').data.map(trace => trace.x.length)"
        firefox.wait_for(f"({drawn}).join() === '40,40'")
        assert firefox.evaluate("document.querySelector('.rtlab-live-status').textContent") == (
            "SSE: 40 messages; WebSocket: 40 messages"
        )
        firefox.wait_for("document.querySelectorAll('.rtlab-question').length === 6")
        firefox.evaluate(
            "(() => { const form = document.querySelector('.rtlab-question');"
            " form.querySelector('[value=c]').click(); form.requestSubmit(); })()"
        )
        firefox.wait_for("document.querySelector('.rtlab-verdict').textContent.startsWith('✓ Right.')")
        assert firefox.evaluate(f"({_ASK})('quiz.answers')") == "{1: 'c'}"
        firefox.wait_for("document.querySelectorAll('.js-plotly-plot .main-svg').length > 3")
        (screenshots / "firefox.png").write_bytes(base64.b64decode(firefox.screenshot()))
    finally:
        firefox.evaluate("globalThis.jupyterapp?.shell.currentWidget?.sessionContext.shutdown()")
    assert {url.split("/")[2] for url in firefox.requests if url.startswith(("http", "ws"))} == {
        jupyter.url.split("/")[2]
    }
    assert firefox.console_errors == []


def test_event_source_and_websocket_work_from_a_page_of_the_lab(firefox: Any, make_lab: Callable[..., Any]) -> None:
    lab = make_lab()
    firefox.goto(f"{lab.http_url}/?nonce={lab.nonce}")
    firefox.evaluate(
        f"""new Promise((opened, failed) => {{
            window.source = new EventSource("/sse/news?nonce={lab.nonce}");
            window.events = [];
            source.onmessage = ({{data, lastEventId}}) => events.push([data, lastEventId]);
            source.onopen = () => opened();
            source.onerror = () => failed(new Error("no stream"));
        }})"""
    )
    ids = [lab.publish(text) for text in ("one", "zwölf 😀")]
    firefox.wait_for("events.length === 2")
    assert firefox.evaluate("events") == [["one", ids[0]], ["zwölf 😀", ids[1]]]
    assert firefox.evaluate("source.readyState") == 1
    firefox.evaluate("source.close()")
    echoed = firefox.evaluate(
        f"""new Promise((done, failed) => {{
            const socket = new WebSocket(`ws://${{location.host}}/echo?nonce={lab.nonce}`), came = [];
            socket.binaryType = "arraybuffer";
            socket.onopen = () => {{ socket.send("text"); socket.send(new Uint8Array([0, 255])); }};
            socket.onerror = () => failed(new Error("no socket"));
            socket.onmessage = ({{data}}) => {{
                came.push(typeof data === "string" ? data : [...new Uint8Array(data)]);
                if (came.length === 2) socket.close(4123);
            }};
            socket.onclose = ({{code, wasClean}}) => done([came, code, wasClean]);
        }})"""
    )
    assert echoed == [["text", [0, 255]], 4123, True]
