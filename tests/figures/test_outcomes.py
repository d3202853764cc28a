from __future__ import annotations

from rtlab.figures.outcomes import OUTCOMES, figure_outcomes
from rtlab.findings.messages import Survival
from rtlab.tables.messages import survivals_table

FOUND = survivals_table(
    [
        Survival("LF", "websocket", "OK", "a\nb", ("a\nb",)),
        Survival("half <b>", "websocket", "refused", "\ud83d", ()),
        Survival("LF", "careless", "changed", "a\nb", ("a",)),
        Survival("half <b>", "careless", "lost", "<b>", ()),
    ]
)


def test_each_cell_has_its_word_and_its_colour() -> None:
    drawn = figure_outcomes(FOUND, title="What arrives")
    (matrix,) = drawn.data
    words = list(OUTCOMES)
    assert [[words[number] for number in row] for row in matrix.z] == [["OK", "changed"], ["refused", "lost"]]
    assert {(note.y, note.x): note.text for note in drawn.layout.annotations} == {
        ("LF", "websocket"): "OK",
        ("LF", "careless"): "changed",
        ("half <b>", "websocket"): "refused",
        ("half <b>", "careless"): "lost",
    }


def test_hovering_shows_what_was_sent_and_what_arrived() -> None:
    (matrix,) = figure_outcomes(FOUND, title="What arrives").data
    assert matrix.customdata[0][1] == r"sent &#x27;a\nb&#x27;<br>got &#x27;a&#x27;"
    assert matrix.customdata[1][1] == "sent &#x27;&lt;b&gt;&#x27;<br>got nothing"


def test_the_description_names_what_is_not_ok() -> None:
    told = figure_outcomes(FOUND, title="What arrives").layout.meta["description"]
    assert told.endswith("Not OK: websocket: half <b>; careless: LF, half <b>.")
    well = figure_outcomes(FOUND[FOUND["outcome"] == "OK"], title="What arrives").layout.meta["description"]
    assert well.endswith("Everything is OK.")


def test_each_colour_fills_one_step_of_the_scale() -> None:
    (matrix,) = figure_outcomes(FOUND, title="What arrives").data
    assert [step[0] for step in matrix.colorscale] == [0, 0.25, 0.25, 0.5, 0.5, 0.75, 0.75, 1]
    assert (matrix.zmin, matrix.zmax) == (-0.5, 3.5)
