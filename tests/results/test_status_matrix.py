from __future__ import annotations

from dataclasses import replace

from rtlab.results.status_matrix import BREAKS, StatusMatrix, status_matrix

CLIENTS = ("rtlab EventSource", "rtlab WebSocket")


def test_live_clients_stand_beside_recorded_browsers() -> None:
    found = status_matrix(CLIENTS, (*BREAKS, "404 Not Found"), progress=False)
    assert list(found.table.columns) == [
        "situation",
        "SSE: the standard",
        "rtlab EventSource",
        "Chromium EventSource",
        "WebSocket: the standard",
        "rtlab WebSocket",
        "Chromium WebSocket",
    ]
    assert list(found.table["situation"]) == [*BREAKS, "404 Not Found"]
    assert "2 of 2 clients of event streams (rtlab EventSource, Chromium EventSource)" in found.text
    assert "0 of 2 WebSocket clients" in found.text
    assert "recorded on 20" in found.text
    assert "Chromium" in found.figure().layout.meta["description"]


def test_browsers_can_be_left_out() -> None:
    found = status_matrix(CLIENTS[:1], ["204 No Content"], browsers=False, progress=False)
    assert [cell.client for cell in found.cells] == ["rtlab EventSource"]
    assert found.text == "In 1 of 1 cells the client does what the standard wants."


def test_who_comes_back_after_an_end_only_is_not_named() -> None:
    found = status_matrix(CLIENTS[:1], BREAKS, browsers=False, progress=False)
    assert "1 of 1" in found.text
    ended, reset = found.cells
    assert "0 of 1" in StatusMatrix([ended, replace(reset, outcome="raises")]).text
