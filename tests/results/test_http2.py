from __future__ import annotations

import pytest

from rtlab.results.protocol import on_the_wire
from rtlab.servers.lab import Lab


def test_sharing_is_told_and_drawn(lab: Lab) -> None:
    found = on_the_wire(lab).over_http2.sharing(10, messages=2)
    assert list(found.table["connections"]) == [10, 1]
    assert found.text == (
        "10 event streams over HTTP/1.1 needed TCP connections: 10, and got 20 of 20 messages; "
        "10 event streams over HTTP/2 needed TCP connections: 1, and got 20 of 20 messages."
    )
    assert "10 streams, TCP connections 1" in found.figure().layout.meta["description"]


def test_the_limit_is_told_and_drawn(lab: Lab) -> None:
    found = on_the_wire(lab).over_http2.limit(5)
    assert "MAX_CONCURRENT_STREAMS 5 in its SETTINGS" in found.text
    assert found.text.endswith("gets RST_STREAM with REFUSED_STREAM.")
    figure = found.figure()
    assert [trace.name for trace in figure.data] == ["open at once", "open when another one was closed", "refused"]
    assert "Limit of 5 streams" in figure.layout.meta["description"]


def test_the_stalled_reader_is_told_and_drawn(lab: Lab) -> None:
    found = on_the_wire(lab).over_http2.stalling(others=1, stopped=9, after=1)
    assert set(found.table["published"]) == {9, 10}
    assert len(found.all_steps) == 40
    assert found.text.startswith(
        "Behind at most were those who read: with the stream's own window full, 0 messages"
    )
    description = found.figure().layout.meta["description"]
    assert "the stream's own window full, messages behind at most: the reader that stops by 3, reader 1 by 0" in (
        description
    )


def test_the_frames_of_the_lab_are_listed(lab: Lab) -> None:
    found = on_the_wire(lab).over_http2.frames(("Hello",))
    assert found.text == "17 frames on one TCP connection, with the streams 1 and 3."
    assert list(found.costs["wire_bytes"]) == [30, 7, 33, 16]


@pytest.mark.parametrize("verb", ["sharing", "limit", "stalling", "frames"])
def test_no_lab_stays_behind_a_question(lab: Lab, verb: str) -> None:
    getattr(on_the_wire(lab).over_http2, verb)()
    assert lab.running  # the check of what stays behind looks at the others
