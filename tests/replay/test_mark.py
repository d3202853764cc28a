"""What is replayed says so: above the cell's output, in figures, and in their descriptions."""

import plotly.graph_objects as go
import pytest

from rtlab.figures.theme import layout
from rtlab.replay.mark import Mark, mark_figure, marked
from rtlab.results.protocol import Passages

TEXT = "Replayed, not measured here: recorded 2026-11-22 on Linux, 3 cores."


def test_the_line_is_a_note_for_screen_readers_in_the_colours_of_the_page():
    html = Mark(TEXT + " <b>")._repr_html_()
    assert 'role="note"' in html
    assert "&lt;b&gt;" in html
    assert "color:" not in html.replace("border-left", "")
    assert TEXT in repr(Mark(TEXT))


def test_a_figure_is_marked_once_under_its_title_and_in_its_description():
    figure = mark_figure(go.Figure(layout=layout("Latency", "What it shows.")), TEXT)
    height = figure.layout.height
    mark_figure(figure, TEXT)
    assert figure.layout.title.text.startswith("Latency<br>")
    assert figure.layout.title.text.count(TEXT) == 1
    assert figure.layout.meta["description"] == f"{TEXT} What it shows."
    assert figure.layout.height == height


def test_a_figure_without_a_title_is_marked_too():
    assert TEXT in mark_figure(go.Figure(), TEXT).layout.title.text


def test_a_finding_stays_of_its_class_and_tells_what_it_is_when_it_is_asked(capsys):
    finding = marked(Passages([]), TEXT)
    assert isinstance(finding, Passages)
    assert type(finding).__name__ == "Passages"
    assert capsys.readouterr().out == ""
    assert finding.text == "Everything passed."
    assert TEXT in capsys.readouterr().out


@pytest.mark.parametrize("value", [1, "text", None, (1, 2), {"a": 1}, b"", object])
def test_other_values_stay_as_they_are(value):
    assert marked(value, TEXT) is value
