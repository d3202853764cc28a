"""What happens to a page of ``browser_lab()`` when it is loaded again, doubled, cut off, cleared or closed."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest

from rtlab.network.relay import Relay

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

_PAGE = """
import threading
import rtlab
from rtlab.pages import page as pages
pages.READY_S = 60  # a browser that shares two cores with other tests takes its time
lab = rtlab.start_lab(retry_ms=100)
page = rtlab.browser_lab(lab, HOW)
page.facts
"""
_WORK = """
socket, source = page.websocket("echo"), page.event_source()
socket.wait("open", timeout_s=60), source.wait("open", timeout_s=60)
answer = page.ask("ticks", {"interval_ms": 20, "count": 1_000_000}, timeout_s=100)
"""
_HELPERS = """
def outcome(answer):
    try:
        return answer.result(60)
    except rtlab.errors.RtlabError as error:
        return type(error).__name__

def until(holds):
    for _ in range(6_000):
        if holds():
            return True
        threading.Event().wait(0.01)
    return False

def opened():
    return sorted(line.text for line in lab.log if line.text.endswith(": opened") and " page:" not in line.text)

def echo(text):
    one = page.websocket("echo")
    one.wait("open", timeout_s=60)
    one.send(text)
    came = one.wait("message", timeout_s=60)[0].data
    one.close()
    return came
"""
_STATUS = "() => [...document.querySelectorAll('.rtlab-page [role=status]')].map(one => one.textContent)"
_CUT = (
    "[rtlab.loop_thread.shared.loop.call_soon_threadsafe(one.connection.abort) for one in tuple(page.desk._pages)]"
)
_OPENED = ["sse news: opened", "websocket echo: opened"]  # which of the two is first is for the browser to say


@pytest.fixture
def at_work(open_notebook: Callable[..., Any]) -> Callable[..., Any]:
    """Open a notebook whose page has a WebSocket and an EventSource open and is busy with a long command."""

    def at_work(how: str = "", **options: Any) -> Any:
        shown = open_notebook([_PAGE.replace("HOW", how), _HELPERS, _WORK], **options)
        shown.run_all()
        assert shown.errors() == []
        assert _ask(shown, "until(lambda: len(lab.connections) == 2), answer.done") == (True, False)
        return shown

    return at_work


def _wait_for_status(page: Any, text: str) -> None:
    page.wait_for_function(f"text => ({_STATUS})().some(one => one.includes(text))", arg=text, timeout=30_000)


def _ask(shown: Any, expression: str) -> Any:
    """Evaluate an expression in the kernel, and give its value."""
    return ast.literal_eval(shown.evaluate_in_kernel(expression))


def _is_over(shown: Any) -> None:
    """Look whether what the page had promised has ended, and nothing of it runs or is open."""
    assert _ask(shown, "outcome(answer)") == "ConnectionEnded"
    assert _ask(shown, "until(lambda: lab.connections == ())")
    assert _ask(shown, "bool(socket.ended and source.ended), page.connections") == (True, ())


@pytest.mark.parametrize("route", ["direct", "proxy"])
def test_after_a_reload_nothing_runs_twice_and_the_next_command_works(
    at_work: Callable[..., Any], front_end: str, route: str
) -> None:
    shown = at_work(f"route={route!r}", front_end=front_end)
    shown.reload()
    _is_over(shown)
    assert _ask(shown, "page.facts.route") == route
    _wait_for_status(shown.page, "0 connections are open")
    assert _ask(shown, "opened()") == _OPENED
    assert _ask(shown, "echo('after the reload')") == "after the reload"
    assert _ask(shown, "len(opened()), len(page.desk.pages)") == (3, 1)


def test_after_a_kernel_restart_the_page_says_so_and_the_cell_works_again(
    at_work: Callable[..., Any], front_end: str
) -> None:
    shown = at_work(front_end=front_end)
    shown.page.evaluate(
        f"() => {{ globalThis.seen = []; const look = () => seen.push(...({_STATUS})()); setInterval(look, 20); }}"
    )
    shown.restart_kernel()
    _wait_for_status(shown.page, "No lab answers")
    assert "The lab does not answer any more." in shown.page.evaluate("() => seen")
    assert shown.page.evaluate("() => globalThis.__rtlabOpen") == {"streams": 0, "sockets": 0}
    shown.run_all()
    assert shown.errors() == []
    assert _ask(shown, "until(lambda: len(lab.connections) == 2), opened()") == (True, _OPENED)


def test_of_two_tabs_one_obeys_and_the_other_takes_over(at_work: Callable[..., Any]) -> None:
    shown = at_work()
    second = shown.second_tab()
    second.page.bring_to_front()
    _wait_for_status(second.page, "This page reaches the lab")
    assert _ask(shown, "until(lambda: len(page.desk.pages) == 2)")
    assert _ask(shown, "answer.done, len(lab.connections), opened()") == (False, 2, _OPENED)
    assert _ask(second, "echo('once')") == "once"
    assert _ask(second, "len(opened())") == 3
    shown.page.goto("about:blank")
    _is_over(second)
    assert _ask(second, "len(page.desk.pages), echo('second tab')") == (1, "second tab")


@pytest.mark.parametrize("route", ["direct", pytest.param("proxy", marks=pytest.mark.everywhere)])
def test_a_cleared_output_closes_everything(at_work: Callable[..., Any], front_end: str, route: str) -> None:
    shown = at_work(f"route={route!r}", front_end=front_end)
    shown.clear_outputs()
    _is_over(shown)
    assert _ask(shown, "until(lambda: not page.here)")
    assert shown.page.evaluate("() => globalThis.__rtlabOpen") == {"streams": 0, "sockets": 0}


def test_a_cell_that_runs_again_closes_what_it_had_opened(at_work: Callable[..., Any]) -> None:
    shown = at_work()
    _ask(shown, "globals().update(old=page, socket_before=socket, lab_before=lab)")
    shown.run(0)
    assert _ask(shown, "lab is lab_before, until(lambda: not old.here)") == (True, True)
    _is_over(shown)
    assert _ask(shown, "echo('again')") == "again"


def test_a_page_that_was_cut_off_from_the_notebook_server_comes_back(
    at_work: Callable[..., Any], jupyter: Any, jupyter_at: Any, on_loop: Callable[..., Any], monkeypatch: Any
) -> None:
    relay = Relay("127.0.0.1", urlsplit(jupyter.url).port or 0, max_bytes=0)
    on_loop(relay.start())
    try:
        behind = replace(jupyter, url=f"http://127.0.0.1:{relay.port}")
        monkeypatch.setattr(type(jupyter), "page_of", lambda self, *names: _page_of(behind, *names))
        shown = at_work("route='proxy'")
        assert _ask(shown, "page.facts.origin") == behind.url
        on_loop(relay.cut)
        shown.wait_open()
        _is_over(shown)
        _wait_for_status(shown.page, "0 connections are open")
        assert _ask(shown, "opened()") == _OPENED
        assert _ask(shown, "page.facts.route, echo('back')") == ("proxy", "back")
        shown.page.goto("about:blank")
    finally:
        on_loop(relay.stop())


def _page_of(server: Any, notebook: str, front_end: str) -> str:
    return f"{server.url}/lab/tree/{notebook}?token={server.token}&reset"


def test_a_lab_that_cuts_the_line_gets_its_page_back(at_work: Callable[..., Any]) -> None:
    shown = at_work("route='direct'")
    assert _ask(shown, f"len({_CUT})") == 1
    _is_over(shown)
    assert _ask(shown, "echo('back'), len(page.desk.pages)") == ("back", 1)


def test_a_page_that_had_given_up_looks_again_when_it_is_looked_at(at_work: Callable[..., Any]) -> None:
    shown = at_work("route='direct'")
    shown.evaluate_in_kernel("lab.server.desks.pop(page.desk.token)")
    shown.evaluate_in_kernel(_CUT)
    _wait_for_status(shown.page, "Is the kernel running?")
    shown.evaluate_in_kernel("lab.server.desks.update({page.desk.token: page.desk})")
    shown.page.evaluate("() => dispatchEvent(new Event('focus'))")
    assert _ask(shown, "echo('back'), len(page.desk.pages)") == ("back", 1)


def test_a_widget_that_is_shown_twice_is_one_page(at_work: Callable[..., Any]) -> None:
    shown = at_work()
    shown.page.evaluate(
        "() => { jupyterapp.shell.currentWidget.content.activeCellIndex = 0;"
        " return jupyterapp.commands.execute('notebook:create-output-view'); }"
    )
    shown.page.wait_for_function(f"() => ({_STATUS})().filter(one => one.includes('2 connections')).length === 2")
    notebook = "[...jupyterapp.shell.widgets('main')].find(one => one.context?.path.endsWith('.ipynb'))"
    shown.page.evaluate(f"() => jupyterapp.shell.activateById({notebook}.id)")
    assert _ask(shown, "len(page.desk.pages), len(lab.connections), len(opened())") == (1, 2, 2)
    assert _ask(shown, "echo('once'), len(opened())") == ("once", 3)
    shown.clear_outputs()
    shown.page.wait_for_function(f"() => ({_STATUS})().length === 0")
    _is_over(shown)
    shown.page.goto("about:blank")


def test_a_closed_notebook_closes_everything(at_work: Callable[..., Any]) -> None:
    shown = at_work()
    shown.page.evaluate(
        """() => {
            const panel = jupyterapp.shell.currentWidget, model = panel.sessionContext.session.kernel.model;
            globalThis.kernel = jupyterapp.serviceManager.kernels.connectTo({model});
            return panel.context.save().then(() => panel.dispose());
        }"""
    )
    asked = """async () => {
        const asked = "until(lambda: not page.here), until(lambda: not lab.connections), outcome(answer)";
        const code = {code: "", silent: false, store_history: false, user_expressions: {asked}};
        return (await kernel.requestExecute(code).done).content.user_expressions.asked.data["text/plain"];
    }"""
    assert shown.page.evaluate(asked) == "(True, True, 'ConnectionEnded')"
    shown.page.evaluate("() => kernel.shutdown()")
    shown.page.goto("about:blank")


@pytest.mark.parametrize("route", ["direct", pytest.param("proxy", marks=pytest.mark.everywhere)])
def test_the_201st_websocket_is_refused_and_jupyter_goes_on(open_notebook: Callable[..., Any], route: str) -> None:
    many = """
sockets = [page.websocket("echo") for _ in range(200)]
for socket in sockets:
    socket.wait("open", timeout_s=60)
try:
    page.websocket("echo")
except rtlab.errors.InputError as error:
    refused = str(error)
there = until(lambda: len(lab.connections) == 200)  # the proxy tells the page before the lab has heard of it
"""
    shown = open_notebook([_PAGE.replace("HOW", f"route={route!r}"), _HELPERS, many])
    shown.run_all()
    assert shown.errors() == []
    assert _ask(shown, "there, refused") == (True, "The page: This page already has 200 WebSockets.")
    status = shown.page.evaluate("async () => (await fetch('/api/status')).status")
    assert status in (200, 403)  # without the token in a header; what counts is that it is answered
    _wait_for_status(shown.page, "200 connections are open")
    shown.page.get_by_role("button", name="Close all connections").click()
    assert _ask(shown, "until(lambda: lab.connections == () == page.connections)")
    assert _ask(shown, "echo('room again')") == "room again"


def test_an_interrupt_of_a_blocking_cell_withdraws_its_question(open_notebook: Callable[..., Any]) -> None:
    blocking = "page.ask('ticks', {'interval_ms': 20, 'count': 1_000_000}, timeout_s=100).result()"
    shown = open_notebook([_PAGE.replace("HOW", ""), _HELPERS, blocking])
    shown.run(0)
    shown.run(1)
    shown.page.evaluate("() => { jupyterapp.shell.currentWidget.content.activeCellIndex = 2; }")
    shown.page.evaluate(
        """() => {
            window.rtlabRunning = true;
            jupyterapp.commands.execute('notebook:run-cell').finally(() => { window.rtlabRunning = false; });
        }"""
    )
    kernel = "jupyterapp.shell.currentWidget.sessionContext.session.kernel"
    shown.page.wait_for_function(f"() => {kernel}.status === 'busy'")
    shown.page.evaluate(f"() => {kernel}.interrupt()")
    shown.wait_idle()
    assert shown.errors() == ["KeyboardInterrupt: "]
    assert _ask(shown, "until(lambda: not page.desk._asked), echo('again')") == (True, "again")
