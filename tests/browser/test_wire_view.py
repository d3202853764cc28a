"""The wire view and the hand editor on the learner's page: a real JupyterLab, a real kernel, a real browser."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

_LAB = """
import rtlab
from rtlab.results.wire import wire
lab = rtlab.start_lab()
"""
_VIEW = """
view = wire(lab, ["Hello", "two\\nlines", "a" * 3_000])
view
"""

_LANES = ("client → server", "server → client")

_EDITOR = """
from rtlab.results.by_hand import by_hand
editor = by_hand(lab, "KIND")
editor
"""

# What the page shows of each unit, lane by lane: layer and name.
_DRAWN = """() => [...document.querySelectorAll('.rtlab-wire [role=row]')].map(
    row => [...row.querySelectorAll('[role=gridcell]')].map(unit => unit.getAttribute('aria-label')))"""
_UNITS = "[[UNIT for unit in units] for one in view.connections for units in (one.up, one.down)]"
_ACTIVE_CELL = "() => jupyterapp.shell.currentWidget.content.activeCellIndex"


@pytest.fixture
def open_page(open_notebook: Callable[..., Any]) -> Iterator[Callable[..., Any]]:
    """Open notebooks that must end without an error in a cell or in the console, and without another host."""
    opened = []

    def open_page(*cells: str, **size: int) -> Any:
        opened.append(open_notebook(cells, **size))
        return opened[-1]

    yield open_page
    for shown in opened:
        assert shown.errors() == []
        assert shown.console_errors == []
        assert shown.hosts() == {"127.0.0.1"}


def _units(shown: Any, what: str) -> Any:
    """Something of each unit that the kernel holds, lane by lane."""
    return ast.literal_eval(shown.evaluate_in_kernel(_UNITS.replace("UNIT", what)))


def _picture(shown: Any, cell: int, name: str) -> None:
    for theme in ("Light", "Dark"):
        shown.set_theme(f"JupyterLab {theme}")
        output = shown.page.locator(".jp-Cell").nth(cell).locator(".jp-OutputArea-output").first
        output.scroll_into_view_if_needed()
        output.screenshot(path=shown.screenshots / f"{name}_{theme.lower()}.png")


def test_the_page_shows_each_unit_of_both_dissections(open_page: Callable[..., Any]) -> None:
    shown = open_page(_LAB, _VIEW, height=1300)
    shown.run_all()
    expect(shown.page.get_by_role("grid")).to_have_count(1)
    in_kernel = _units(shown, "f'{unit.layer}, {unit.unit}'")
    assert len(in_kernel) == 4
    assert all(in_kernel)
    assert shown.page.evaluate(_DRAWN) == in_kernel
    rows = shown.page.get_by_role("row")
    for index, name in enumerate(f"{way}, {lane}" for way in ("SSE", "WebSocket") for lane in _LANES):
        expect(rows.nth(index)).to_have_accessible_name(re.compile(rf"{name}, [\d,]+ bytes"))
    _picture(shown, 1, "wire_view")


def test_the_arrow_keys_name_each_byte_and_its_clause(open_page: Callable[..., Any]) -> None:
    shown = open_page(_LAB, _VIEW.replace(', "a" * 3_000', ""), "6 * 7", height=1300)
    shown.run_all()
    page, details = shown.page, shown.page.locator(".rtlab-wire-details")
    expect(details).to_have_attribute("aria-live", "polite")
    lanes = _units(shown, "(unit.offset, unit.length_bytes, unit.unit, unit.text, unit.spec)")
    page.get_by_role("gridcell").first.focus()
    page.evaluate("() => { window.activeBefore = jupyterapp.shell.currentWidget.content.activeCellIndex; }")
    focused = page.locator(".rtlab-wire-unit:focus")
    for number, lane in enumerate(lanes):
        offset = 0
        for start, length, name, meaning, clause in lane:
            assert start == offset  # no byte is left out
            offset += length
            place = f"byte {start}" if length == 1 else f"bytes {start} to {start + length - 1}"
            told = details.inner_text()
            assert all(text in told for text in (name, meaning, clause, f"{_LANES[number % 2]}, {place}")), told
            assert focused.get_attribute("aria-label").endswith(f", {name}")
            page.keyboard.press("ArrowRight")
        page.keyboard.press("Home")
        expect(details).to_contain_text(lane[0][3])
        page.keyboard.press("End")
        expect(details).to_contain_text(lane[-1][3])
        page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")  # back to where that lane was left
    expect(details).to_contain_text(f"WebSocket, {_LANES[0]}, byte")
    expect(details).to_contain_text(lanes[2][-1][3])
    assert page.evaluate(f"() => ({_ACTIVE_CELL})() === window.activeBefore")
    expect(page.locator('.rtlab-wire-unit[tabindex="0"]')).to_have_count(len(lanes))  # Tab goes from lane to lane
    page.keyboard.press("Shift+Enter")  # stays the notebook's
    page.wait_for_function(f"() => ({_ACTIVE_CELL})() !== window.activeBefore")
    shown.wait_idle()


def test_pointing_explains_and_takes_the_keyboard_from_nobody(open_page: Callable[..., Any]) -> None:
    shown = open_page(_LAB, _VIEW, height=1300)
    shown.run_all()
    details, units = shown.page.locator(".rtlab-wire-details"), shown.page.get_by_role("gridcell")
    units.nth(2).hover()
    expect(details).to_contain_text("request target")
    expect(shown.page.locator(".rtlab-wire-unit:focus")).to_have_count(0)
    units.nth(4).click()
    expect(units.nth(4)).to_be_focused()
    units.nth(0).hover()
    expect(units.nth(0)).to_be_focused()
    expect(details).to_contain_text("GET asks for a resource.")


def test_a_long_payload_and_many_units_are_shortened(open_page: Callable[..., Any]) -> None:
    many = """
from rtlab.codecs.dissect import dissect
from rtlab.widgets.wire_view import WireView
WireView(dissect((b"", b"\\x81\\x03<b>" * 1_000 + b"\\x82\\x7e\\xff\\xff" + bytes(65_535))))
"""
    shown = open_page(many)
    shown.run_all()
    expect(shown.page.get_by_role("gridcell")).to_have_count(2_000)
    expect(shown.page.locator(".rtlab-wire")).to_contain_text("and 1,004 units more, not drawn")
    expect(shown.page.get_by_role("gridcell").nth(2)).to_have_text("<b>")


def test_a_saved_notebook_holds_a_table_for_readers_without_widgets(open_page: Callable[..., Any]) -> None:
    shown = open_page(_LAB, _VIEW)
    shown.run_all()
    (output,) = shown.outputs(1)
    assert "<caption>SSE, client → server, " in "".join(output["data"]["text/html"])
    assert "WebSocket, server → client, " in "".join(output["data"]["text/plain"])
    shown.reload()
    expect(shown.page.get_by_role("grid")).to_have_count(1)


def test_the_hand_editor_sends_what_is_typed_and_shows_the_reaction(open_page: Callable[..., Any]) -> None:
    shown = open_page(_LAB, _EDITOR.replace("KIND", "frame"), "editor.reaction.lines")
    shown.run(0)
    shown.run(1)
    box = shown.page.get_by_role("textbox", name="frame: the bytes to send")
    told = shown.page.locator(".rtlab-hand [role=status]")
    expect(box).to_have_value("81 85 37 fa 21 3d 7f 9f 4d 51 58")
    box.fill("")
    box.press_sequentially("81 80")
    box.press("Enter")
    box.press_sequentially("00 00 00 0")
    send = shown.page.get_by_role("button", name="Send", exact=True)
    send.click()
    expect(told).to_contain_text("two hexadecimal digits")
    box.press("End")
    box.press_sequentially("0")
    expect(box).to_have_value("81 80\n00 00 00 00")
    send.focus()
    shown.page.keyboard.press("Enter")
    expect(told).to_contain_text("The lab sent the text message ''.")
    assert shown.evaluate_in_kernel("editor.data.hex()") == "'818000000000'"
    shown.page.get_by_role("button", name="no mask").click()
    send.click()
    expect(told).to_contain_text("The lab sent a close frame, code 1002: 'A client must mask every frame.'.")
    expect(told).to_contain_text("✗ Broken rule: A client must mask every frame (RFC 6455 5.1).")
    expect(shown.page.locator(".rtlab-hand-units")).to_have_count(2)
    shown.run(2)
    assert "1002" in str(shown.outputs(2))
    shown.reload()
    expect(told).to_contain_text("code 1002")


def test_a_reaction_from_code_appears_on_the_page(open_page: Callable[..., Any]) -> None:
    code = "editor.data = editor.presets['short key']; reaction = editor.send_now()"
    shown = open_page(_LAB, _EDITOR.replace("KIND", "handshake"), code)
    shown.run_all()
    told = shown.page.locator(".rtlab-hand [role=status]")
    expect(told).to_contain_text("The lab answered 'HTTP/1.1 400 Bad Request'.")
    expect(shown.page.get_by_role("textbox", name="handshake: the bytes to send")).to_have_value(
        re.compile("dG9vIHNob3J0")
    )


def test_the_hand_editors_follow_the_theme(open_page: Callable[..., Any]) -> None:
    kinds = ("event stream", "frame", "handshake")
    cells = [_EDITOR.replace("KIND", kind) for kind in kinds]
    cells[1] += "editor.data = editor.presets['reserved bit']\n"
    cells[2] += "editor.data = editor.presets['short key']\n"
    shown = open_page(
        _LAB, *[cell.replace("\neditor\n", "\n") + "_ = editor.send_now()\neditor" for cell in cells], height=1600
    )
    shown.run_all()
    expect(shown.page.locator(".rtlab-hand-lane")).to_have_count(5)
    for number, kind in enumerate(kinds, 1):
        _picture(shown, number, f"hand_{kind.replace(' ', '_')}")
