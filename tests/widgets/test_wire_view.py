"""The wire view: every unit is described, little of a long one, nothing of a secret, and all of it also as text."""

from __future__ import annotations

import json

import pytest

from rtlab.codecs.dissect import dissect
from rtlab.codecs.websocket_frames import TEXT, encode_frame
from rtlab.errors import InputError
from rtlab.widgets.wire_view import MAX_UNITS, WireView

_REQUEST = b"GET /<b> HTTP/1.1\r\nHost: x\r\nCookie: login=hunter2\r\n\r\n"
_ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"e\r\ndata: Hello\n\n\n\r\n0\r\n\r\n"
)
_FRAMES = encode_frame(TEXT, b"Hello", masking_key=b"HTTP"), encode_frame(TEXT, b"Hello")


def _lanes(view: WireView) -> list[dict]:
    return [lane for one in view.get_state()["_connections"] for lane in one["lanes"]]


def test_the_page_gets_each_unit_of_each_direction() -> None:
    both = dissect((_REQUEST, _ANSWER)), dissect(_FRAMES)
    view = WireView(both)
    units = [units for one in both for units in (one.up, one.down)]
    assert len(_lanes(view)) == 4
    for lane, wanted in zip(_lanes(view), units, strict=True):
        assert [(cell["offset"], cell["bytes"], cell["unit"]) for cell in lane["cells"]] == [
            (unit.offset, unit.length_bytes, unit.unit) for unit in wanted
        ]
        assert [(cell["meaning"], cell["spec"]) for cell in lane["cells"]] == [(u.text, u.spec) for u in wanted]
        assert sum(length for _, length in lane["parts"]) == sum(lane["shares"].values())
        assert sum(lane["shares"].values()) == lane["bytes"] == sum(u.length_bytes for u in wanted)
    assert view.get_state()["_layers"] == ["HTTP/1.1", "event stream", "WebSocket"]


def test_text_is_shown_as_text_and_what_is_none_in_hex() -> None:
    up, down = (lane["cells"] for lane in _lanes(WireView(dissect(_FRAMES))))
    assert [cell["shown"] for cell in down] == ["81", "05", "Hello"]
    # A masking key of four letters is no text, and a masked payload is not what it looks like.
    assert [cell["shown"] for cell in up] == ["81", "85", "48 54 54 50", "00 31 38 3c 27"]
    stream = _lanes(WireView(dissect("data: ü \\ x\r\n\n".encode(), hint="event stream")))[1]["cells"]
    assert [cell["shown"] for cell in stream] == ["data", ":", "␣", r"ü \\ x", r"\r\n", r"\n"]
    assert stream[3]["hex"] == "c3 bc 20 5c 20 78"


def test_each_line_and_each_frame_begins_a_line() -> None:
    request = _lanes(WireView(dissect(_REQUEST)))[0]["cells"]
    assert [cell["shown"] for cell in request if cell["line"]] == ["Host", "Cookie", r"\r\n"]
    frames = _lanes(WireView(dissect((b"", _FRAMES[1] * 3))))[1]["cells"]
    assert [cell["shown"] for cell in frames if cell["line"]] == ["81"] * 3


def test_a_secret_leaves_the_kernel_in_no_form() -> None:
    view = WireView(dissect(_REQUEST))
    secret = next(cell for cell in _lanes(view)[0]["cells"] if cell["meaning"].startswith("redacted"))
    assert secret["text"] == ""
    assert set(secret["shown"]) <= set("· …")
    bundle = view._repr_mimebundle_()
    assert bundle is not None
    for shown in (json.dumps(view.get_state()), *map(str, bundle[0].values())):
        assert "hunter2" not in shown
        assert b"hunter2".hex(" ")[:12] not in shown


def test_a_broken_rule_is_marked() -> None:
    cells = _lanes(WireView(dissect(encode_frame(TEXT, b"Hello"), hint="client frames")))[0]["cells"]
    assert [cell["unit"] for cell in cells if cell["broken"]] == ["mask bit and length"]


@pytest.mark.parametrize("letter", ["a", "ü", "豆", "😀"])
def test_a_long_payload_is_shortened(letter: str) -> None:
    payload = (letter * 100_000).encode()
    (*_, cell) = _lanes(WireView(dissect((b"", encode_frame(TEXT, payload)))))[1]["cells"]
    assert cell["bytes"] == len(payload)
    assert cell["shown"].endswith("…")
    assert set(cell["shown"]) == {letter, "…"}
    assert len(cell["shown"]) < 60
    assert cell["hex"].endswith(" …")
    assert len(json.dumps(cell)) < 5_000


def test_no_more_units_than_the_bound_are_drawn_and_the_rest_is_counted() -> None:
    dissection = dissect((b"", _FRAMES[1] * 1_000))
    view = WireView(dissection)
    lane = _lanes(view)[1]
    assert len(lane["cells"]) == MAX_UNITS
    assert lane["more"] == len(dissection.down) - MAX_UNITS == 1_000
    assert lane["parts"] == [["WebSocket", 7_000]]
    assert "and 2,800 units more" in repr(view)
    assert len(repr(view).splitlines()) < 250


def test_without_a_page_there_is_a_text_and_an_escaped_table() -> None:
    view = WireView([dissect((_REQUEST, _ANSWER)), dissect(_FRAMES)], title="A & B")
    bundle = view._repr_mimebundle_()
    assert bundle is not None
    text, html = bundle[0]["text/plain"], bundle[0]["text/html"]
    assert text == repr(view)
    assert text.startswith("A & B\nSSE, client → server, 53 bytes\n     0  47 45 54 ")
    assert "(HTML 9.2.6)" in text
    assert "WebSocket, server → client, 7 bytes" in text
    assert html.startswith("<p>A &amp; B</p><table><caption>SSE, client → server, 53 bytes</caption>")
    assert html.count("<table>") == html.count("</table>") == 4
    assert "<td>/&lt;b&gt;</td>" in html
    assert "<b>" not in html


def test_one_connection_needs_no_name() -> None:
    view = WireView(dissect(_FRAMES[1]))
    assert view.get_state()["_connections"][0]["name"] == ""
    assert repr(view).startswith("server → client, 7 bytes\n")


def test_no_bytes_are_said_so() -> None:
    assert repr(WireView(dissect(b""))) == "no bytes"


@pytest.mark.parametrize(("count", "names"), [(0, ()), (3, ("a", "b", "c")), (2, ("a",))])
def test_other_than_one_or_two_named_connections_are_refused(count: int, names: tuple[str, ...]) -> None:
    with pytest.raises(InputError, match="one or two connections"):
        WireView([dissect(b"")] * count, names=names)
