"""What came of attacks across sites, as tables."""

from __future__ import annotations

from dataclasses import replace

from rtlab.findings.cross_site import OWN, CorsTry, HijackTry, RebindingTry
from rtlab.tables.cross_site import cors_table, hijacks_table, outcomes_wide, rebindings_table
from rtlab.tables.schema import describe

HIJACK = HijackTry("another port", "SameSite=Lax", "no check", True, True, True, "opens", "a program", b"GET")
CORS = CorsTry("*", "fetch", True, False, True, False, False, "a program", b"GET", b"")
REBINDING = RebindingTry("naive", "sse", True, "status 200", "a program", b"GET")


def test_each_way_to_fail_has_a_word_of_its_own() -> None:
    tries = [
        HIJACK,
        replace(HIJACK, page=OWN),
        replace(HIJACK, read=False),
        replace(HIJACK, read=False, cookie_sent=False),
        replace(HIJACK, read=False, cookie_sent=False, opened=False),
    ]
    table = hijacks_table(tries)
    assert table["outcome"].tolist() == ["read", "reads its own", "no token", "no cookie", "refused"]
    assert list(table.columns) == describe("hijacks")["column"].tolist()


def test_a_stream_is_read_or_stopped_and_the_cookie_is_told() -> None:
    tries = [CORS, replace(CORS, readable=False, cookie_sent=True)]
    assert cors_table(tries)["outcome"].tolist() == ["read", "stopped (cookie)"]


def test_a_matrix_keeps_the_order_and_leaves_out_nothing() -> None:
    tries = [REBINDING, replace(REBINDING, transport="websocket"), replace(REBINDING, server="fixed", read=False)]
    wide = outcomes_wide(rebindings_table(tries), ("server", "by"), "transport")
    assert list(wide.columns) == ["server", "by", "sse", "websocket"]
    assert wide["server"].tolist() == ["naive", "fixed"]
    assert wide["sse"].tolist() == ["read", "refused"]
    assert wide["websocket"].isna().tolist() == [False, True]
