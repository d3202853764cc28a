"""Matrices of attacks across sites: words and signs, not colour alone."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from rtlab.errors import InputError
from rtlab.figures.cross_site import figure_cors, figure_hijacks, figure_rebindings
from rtlab.findings.cross_site import OWN, CorsTry, HijackTry, RebindingTry
from rtlab.tables.cross_site import cors_table, hijacks_table, rebindings_table

HIJACK = HijackTry("another port", "SameSite=Lax", "no check", True, True, True, "opens", "a program", b"GET")
CORS = CorsTry("list", "fetch", True, True, True, True, False, "a program", b"GET", b"")
REBINDING = RebindingTry("naive", "sse", True, "status 200", "a program", b"GET")


def words(figure: object) -> list[str]:
    return [note.text for note in figure.layout.annotations]  # type: ignore[attr-defined]


def test_a_hijacked_socket_has_a_cross_and_a_refused_one_a_tick() -> None:
    tries = [HIJACK, replace(HIJACK, policy="Origin check", opened=False, read=False), replace(HIJACK, page=OWN)]
    figure = figure_hijacks(hijacks_table(tries))
    assert words(figure) == ["✗ read", "– reads its own", "✓ refused", "not tried"]
    assert "read from: another port, SameSite=Lax, no check." in figure.layout.meta["description"]
    assert "by a program" in figure.layout.meta["description"]


def test_a_description_without_a_success_says_nowhere() -> None:
    figure = figure_hijacks(hijacks_table([replace(HIJACK, read=False)]))
    assert "nowhere" in figure.layout.meta["description"]


def test_only_what_any_site_may_read_with_the_cookie_has_a_cross() -> None:
    tries = [CORS, replace(CORS, server="reflected", anyone=True), replace(CORS, server="none", readable=False)]
    figure = figure_cors(cors_table(tries))
    assert words(figure) == ["✓ read (cookie)", "✗ read (cookie)", "– stopped (cookie)"]
    assert "3 of 3 requests reached their server" in figure.layout.meta["description"]


def test_a_rebound_name_is_shown_by_transport() -> None:
    tries = [REBINDING, replace(REBINDING, transport="websocket", read=False)]
    figure = figure_rebindings(rebindings_table(tries))
    assert words(figure) == ["✗ read", "✓ refused"]
    assert list(figure.data[0].x) == ["SSE", "WebSocket"]


@pytest.mark.parametrize("draw", [figure_hijacks, figure_cors, figure_rebindings])
def test_a_foreign_table_is_refused(draw: object) -> None:
    with pytest.raises(InputError, match="needs the columns"):
        draw(pd.DataFrame({"a": [1]}))  # type: ignore[operator]
