from __future__ import annotations

from typing import Any

import rtlab
from rtlab.findings.messages import MessageCost
from rtlab.results.messages import Overheads
from rtlab.servers.lab import Lab


def test_the_overhead_is_shown_by_carrier_and_size(lab: Lab) -> None:
    found = rtlab.messages.overhead(lab, (10, 200), progress=False)
    shown = found.table.set_index("carrier")
    assert list(shown.columns) == ["10 B", "200 B"]
    assert list(shown.loc["WebSocket, server"]) == [2, 4]
    assert "WebSocket, server 2" in found.text
    assert len(found.figure().data) == 10
    assert len(found.figure("binary").data) == 4


def test_an_unanswered_guess_is_not_drawn() -> None:
    found = Overheads([MessageCost("SSE event", "text", 10, 30)])
    asked = rtlab.Predict("How many?", unit="bytes", key="test overhead")
    assert not found.figure(guess=asked).layout.shapes
    asked.answer(12)
    assert found.figure(guess=asked).layout.shapes[0].y0 == 12


def test_a_round_trip_tells_texts_and_rules(lab: Lab) -> None:
    found = rtlab.messages.round_trip(
        lab, {"plain": "a", "CR": "a\rb"}, ("websocket", "lab, rtlab"), progress=False
    )
    assert found.table.to_numpy().tolist() == [["plain", "OK", "OK"], ["CR", "OK", "changed"]]
    assert found.text == "Arrived as they were: websocket: 2 of 2; lab, rtlab: 1 of 2."
    assert set(found.details["way"]) == {"websocket", "lab, rtlab", "rtlab", "sseclient-py"}
    assert list(found.figure().data[0].y) == ["plain", "CR"]
    assert list(found.figure("rules").data[0].x) == ["rtlab", "sseclient-py"]


def test_a_stream_by_hand_shows_events_and_trouble() -> None:
    assert rtlab.messages.read_stream(b"data: 1\n\ndata: 2\n").text == "rtlab: 1 event; sseclient-py: 2 events."
    refused = rtlab.messages.read_stream(b"data: 1\n\n", content_type="text/plain")
    assert refused.text == (
        "rtlab: 0 events (The answer's type is text/plain, not text/event-stream.); sseclient-py: 1 event."
    )
    assert "<table" in refused._repr_mimebundle_()["text/html"]


def test_loads_are_carried_and_refusals_told(lab: Lab) -> None:
    found = rtlab.messages.carry(lab, "tick", 1_048_577, ways=("websocket",), repeats=1, progress=False)
    assert list(found.table["intact"]) == [True, False]
    assert found.text == ("1 of 2 came back as they were. Refused: 1,048,577 B, websocket: close code 1009.")
    assert len(found.figure().data) == 2
    assert [curve.name for curve in found.figure("sizes").data] == ["WebSocket", "WebSocket", "refused"]


def test_what_compression_makes_of_rows_is_told(make_lab: Any) -> None:
    found = rtlab.messages.compress(make_lab(compression=True))
    assert list(found.table["setting"]) == ["off", "each by itself", "with context"] * 3
    assert "noise: off 4,100, " in found.text
