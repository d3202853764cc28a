from __future__ import annotations

import ipywidgets

from rtlab.errors import WaitTimeout
from rtlab.widgets.button_row import ButtonRow


def too_late():
    raise WaitTimeout("No answer within 5 s.")


def make():
    return ButtonRow(
        ipywidgets.Label("a chart"), {"Cut": lambda: "It is <cut>.", "Slow": too_late}, label="The line"
    )


def click(row, text):
    next(button for button in row._buttons.children if button.description == text).click()


def test_a_button_does_its_work_and_says_so():
    row = make()
    click(row, "Cut")
    assert row.said == "It is <cut>."
    assert row._status.value == '<div role="status">It is &lt;cut&gt;.</div>'


def test_an_error_of_ours_is_told_and_not_raised():
    row = make()
    click(row, "Slow")
    assert row.said == "No answer within 5 s."


def test_disabled_buttons_say_why():
    row = make()
    row.disable("It is over.")
    assert all(button.disabled for button in row._buttons.children)
    assert "It is over." in row._status.value


def test_text_shows_the_buttons_where_no_page_does():
    assert make()._repr_mimebundle_()["text/plain"] == "The line: Cut, Slow. In code: .press('Cut')"
