from __future__ import annotations

from collections.abc import Sequence

import pytest

from rtlab.errors import InputError
from rtlab.results.programs import programs, source

pytestmark = pytest.mark.measuring


def test_programs_counts_and_tries_the_faults_named() -> None:
    found = programs(["wrong token"], progress=False)
    assert list(found.table["wrong_token"]) == ["let in", "refused"] * 2
    assert list(found.table["tried"]) == [1, 1, 1, 1]
    assert "cut_line" in found.dull and "wrong_token" not in found.dull
    assert len(found.sizes) == 8
    assert len(found.trials) == 4
    assert found.text.startswith("Of 1 faults the programs survived: bare 0 (SSE, ")
    assert len(found.figure().data) == 6


def test_the_source_of_each_program_can_be_read() -> None:
    assert "text/event-stream" in source("sse", "bare", "server")
    assert "run_forever" in source("websocket", "robust", "client")


@pytest.mark.parametrize("names", [("http", "bare", "server"), ("sse", "best", "server"), ("sse", "bare", "proxy")])
def test_a_program_that_is_not_there_is_refused(names: tuple[str, str, str]) -> None:
    with pytest.raises(InputError, match="sse or websocket"):
        source(*names)


@pytest.mark.parametrize("faults", [[], "cut line", ["cut line", "flood"]])
def test_unknown_faults_are_refused_before_any_is_tried(
    faults: Sequence[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rtlab.results.programs.try_fault", lambda *settings: pytest.fail("A fault was tried."))
    with pytest.raises(InputError, match="a list of some of 'cut line'"):
        programs(faults, progress=False)
