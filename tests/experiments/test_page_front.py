"""One port in front of two servers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rtlab.experiments.page_front import PageFront

Make = Callable[..., Any]


def test_pages_come_from_the_one_and_all_else_from_the_other(make_lab: Make, raw: Make) -> None:
    pages, others = make_lab(), make_lab()
    with PageFront(pages.port, others.port) as front:
        line = raw(front.port)
        line.get("/page/")
        assert line.answer()[0] == 200
        stream = raw(front.port).open_stream("/sse/news")
        others.publish("from the other")
        assert b"from the other" in stream.chunk()
        assert [request.split(b" ")[1] for request in front.requests] == [b"/sse/news"]
        stream.close()


def test_a_websocket_passes_with_its_origin_as_it_is(make_lab: Make, raw: Make) -> None:
    lab = make_lab()
    with PageFront(lab.port, lab.port) as front:
        own = f"Origin: http://127.0.0.1:{front.port}"
        socket = raw(front.port)
        socket.get(
            "/echo",
            own,
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Version: 13",
        )
        assert socket.head()[0] == 101
        socket.send_text("both ways")
        assert socket.frame().payload == b"both ways"
        assert own.encode() in front.requests[0].split(b"\r\n")
        socket.close()


def test_the_line_ends_after_a_request_because_the_next_may_be_for_the_other_server(
    make_lab: Make, raw: Make
) -> None:
    lab = make_lab()
    with PageFront(lab.port, lab.port) as front:
        line = raw(front.port)
        line.get("/page/", "Connection: keep-alive")
        status, fields, _ = line.answer()
        assert (status, fields["connection"]) == (200, "close")
        assert line.is_over()


def test_a_server_that_is_gone_ends_the_line(make_lab: Make, raw: Make) -> None:
    lab = make_lab()
    port = lab.port
    with PageFront(port, port) as front:
        lab.stop()
        line = raw(front.port)
        line.get("/sse/news")
        assert line.is_over()
