from __future__ import annotations

from dataclasses import replace

from rtlab.figures.status_matrix import figure_status_matrix
from rtlab.findings.reconnection import StatusCell
from rtlab.tables.status_matrix import status_table

REFUSED = StatusCell(
    "404",
    "a-b EventSource",
    "sse",
    "raises",
    1,
    (),
    False,
    "closed",
    "<E>",
    None,
    0,
    "fail for good",
    "HTML 9.2.3",
    True,
)
READ = replace(REFUSED, client="c", outcome="reads it", agrees=False, source="Old 1, recorded on 2020-02-02")
BACK = replace(REFUSED, client="d", protocol="websocket", attempts=2, delays_ms=(50.0,), last_event_id=True)
FOUND = status_table([REFUSED, READ, BACK, replace(REFUSED, situation="reset")])


def test_each_cell_has_its_word_and_the_colour_of_its_judgement() -> None:
    drawn = figure_status_matrix(FOUND)
    (matrix,) = drawn.data
    assert [list(row) for row in matrix.z] == [[0.0, 1.0, 0.0], [0.0, None, None]]
    words = {(note.y, note.x): note.text for note in drawn.layout.annotations if note.yref != "paper"}
    assert words == {("404", 0): "raises", ("404", 1): "reads it ✗", ("404", 2): "raises", ("reset", 0): "raises"}


def test_protocols_stand_above_their_clients_with_a_line_between() -> None:
    drawn = figure_status_matrix(FOUND)
    above = {note.text: note.x for note in drawn.layout.annotations if note.yref == "paper"}
    assert above == {"<b>SSE</b>": 0.5, "<b>WebSocket</b>": 2.0}
    assert [line.x0 for line in drawn.layout.shapes] == [1.5]
    assert list(drawn.layout.xaxis.ticktext) == ["a-<br>b", "c<br>(recorded)", "d"]


def test_hovering_tells_numbers_clause_and_source() -> None:
    (matrix,) = figure_status_matrix(FOUND).data
    assert "raised &lt;E&gt;" in matrix.customdata[0][0]
    assert "fail for good (HTML 9.2.3)" in matrix.customdata[0][0]
    assert matrix.customdata[0][1].endswith("Old 1, recorded on 2020-02-02")
    assert "attempts: 2, after 50 ms" in matrix.customdata[0][2]
    assert "Last-Event-ID sent" in matrix.customdata[0][2]


def test_the_description_names_what_differs() -> None:
    told = figure_status_matrix(FOUND).layout.meta["description"]
    assert told.startswith("What 3 clients do in 2 situations.")
    assert "c: 404: reads it; d: as the standards want" in told
