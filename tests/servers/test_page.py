"""``/page``: who may come in, what is said first, and that no secret of it is written down."""

from __future__ import annotations

import json

import pytest

TOKEN = "the-token-of-the-desk"
PROOF = "the-proof-of-the-lab"


class Desk:
    token, proof = TOKEN, PROOF

    def __init__(self):
        self.heard = []
        self.gone = 0

    def said(self, page, message):
        self.heard.append(message)
        if "fail" in message:
            raise RuntimeError("a fault of ours")

    def left(self, page):
        self.gone += 1


@pytest.fixture
def desk(lab, on_loop):
    desk = Desk()
    on_loop(lab.server.desks.__setitem__, TOKEN, desk)
    return desk


@pytest.mark.parametrize(
    "query", ["", "?desk=", "?desk=wrong", f"?desk={TOKEN}x", f"?token={TOKEN}", "?nonce=NONCE"]
)
def test_without_the_token_of_a_desk_nobody_comes_in(lab, raw, desk, query):
    line = raw(lab)
    line.ask_upgrade("/page" + query.replace("NONCE", lab.nonce))
    status, _, body = line.answer()
    assert (status, body) == (403, b"403 No widget of this lab has that token.\n")
    assert desk.heard == []


def test_the_proof_is_said_first_to_a_page_of_any_origin(lab, raw, desk, until):
    line = raw(lab).open_websocket(f"/page?desk={TOKEN}", "Origin: https://notebooks.example")
    assert json.loads(line.frame().payload) == {"proof": PROOF}
    line.send_text('{"hello": {}}')
    until(lambda: desk.heard == [{"hello": {}}])
    line.close()
    until(lambda: desk.gone == 1)


def test_the_line_of_a_page_is_none_of_the_labs_connections(lab, raw, desk):
    raw(lab).open_websocket(f"/page?desk={TOKEN}").frame()
    assert lab.connections == ()


@pytest.mark.parametrize("report", [b"no JSON", b"\xff"], ids=["text", "binary"])
def test_what_is_no_json_closes_with_1008(lab, raw, desk, report):
    line = raw(lab).open_websocket(f"/page?desk={TOKEN}")
    line.send_frame(1 if report.isascii() else 2, report)
    assert line.close_code() == 1008


def test_a_fault_of_the_desk_closes_with_1011_and_is_logged(lab, raw, desk):
    line = raw(lab).open_websocket(f"/page?desk={TOKEN}")
    line.send_text('{"fail": 1}')
    assert line.close_code() == 1011
    assert any("a fault of ours" in entry.text for entry in lab.log)


def test_a_lab_that_stops_says_goodbye_to_its_pages(lab, raw, desk):
    line = raw(lab).open_websocket(f"/page?desk={TOKEN}")
    line.frame()
    lab.stop()
    assert line.close_code() == 1001
    assert desk.gone == 1


def test_no_secret_stands_in_the_log(lab, raw, desk):
    line = raw(lab).open_websocket(f"/page?desk={TOKEN}")
    line.send_text("no JSON")
    line.close_code()
    for target in (f"/page?desk={TOKEN}", f"/page?desk={TOKEN}&wrong", f"/nowhere?desk={TOKEN}&tag={TOKEN}.1"):
        asked = raw(lab)
        asked.get(target)
        asked.answer()
    refused = raw(lab)
    refused.get(f"/sse/news?nonce={lab.nonce}x&tag={TOKEN}.1", host="evil.example")
    assert refused.answer()[0] == 403
    told = "\n".join(entry.text for entry in lab.log)
    assert "desk=(redacted)" in told and "tag=(redacted)" in told
    assert TOKEN not in told and PROOF not in told and lab.nonce not in told


def test_the_bare_page_and_its_script_are_served_without_a_secret(lab, raw, desk):
    for target, kind, part in (
        ("/page/", "text/html; charset=utf-8", b'import { startAlone } from "./page.js";'),
        ("/page/page.js", "text/javascript; charset=utf-8", b"export function startAlone"),
    ):
        line = raw(lab)
        line.get(target)
        status, fields, body = line.answer()
        assert (status, fields["content-type"]) == (200, kind)
        assert part in body
        assert TOKEN.encode() not in body and lab.nonce.encode() not in body


def test_the_bare_page_is_guarded_like_all_paths(lab, raw):
    line = raw(lab)
    line.get("/page/", host="rebound.example")
    assert line.answer()[0] == 403
