from __future__ import annotations

from rtlab.findings.programs import ProgramSize, Trial
from rtlab.tables.programs import program_sizes_table, program_trials_table, programs_table

SIZES = [
    ProgramSize(protocol, "bare", part, lines, branches)
    for protocol in ("sse", "websocket")
    for part, lines, branches in (("server", 30, 5), ("client", 7, 2))
]
TRIALS = [
    Trial("sse", "bare", "cut line", "survived", True, 20, 0, 0, ""),
    Trial("sse", "bare", "wrong token", "let in", False, 20, 0, 0, ""),
]


def test_what_was_written_stands_beside_what_it_survived() -> None:
    rows = programs_table(SIZES, TRIALS).set_index("protocol")
    assert list(rows["lines"]) == [37, 37]
    assert list(rows["branches"]) == [7, 7]
    assert list(rows["tried"]) == [2, 0]
    assert list(rows["passed"]) == [1, 0]
    assert rows.loc["sse", "cut_line"] == "survived"
    assert rows.loc["sse", "wrong_token"] == "let in"
    assert rows.loc["websocket", ["cut_line", "half_open_line"]].isna().all()


def test_sizes_and_trials_have_a_row_each() -> None:
    assert len(program_sizes_table(SIZES)) == 4
    assert list(program_trials_table(TRIALS)["passed"]) == [True, False]
