"""A lab's own HTTP/2 against the client's ends of the experiments."""

from __future__ import annotations

import pytest

from rtlab.codecs.http2_frames import error_name
from rtlab.errors import InputError
from rtlab.experiments.http2_client import Http2Client, ImpatientEnd
from rtlab.experiments.http2_framing import exchange_with_lab
from rtlab.experiments.http2_limit import IMPATIENT, OPEN, PATIENT, REFUSED, WAITED, exceed_stream_limit
from rtlab.experiments.http2_sharing import share_connection
from rtlab.experiments.http2_stalling import CONNECTION, STOPPED, STREAM, stall_reader
from rtlab.loop_thread import shared
from rtlab.servers.http2_options import Http2Options
from rtlab.servers.lab import Lab


@pytest.fixture
def http2_lab(make_lab) -> Lab:
    return make_lab(http2=True)


@pytest.mark.parametrize("ask", [share_connection, exceed_stream_limit, stall_reader, exchange_with_lab])
def test_a_lab_that_speaks_http1_only_is_refused(lab: Lab, ask) -> None:
    with pytest.raises(InputError, match="http2=True"):
        ask(lab)


def test_streams_share_one_connection_and_each_gets_all(http2_lab: Lab) -> None:
    http1, http2 = share_connection(http2_lab, 60, messages=3)
    assert [http1.version, http2.version] == ["HTTP/1.1", "HTTP/2"]
    assert (http1.connections, http2.connections) == (60, 1)
    assert http1.delivered == http2.delivered == 180
    assert http2.opening_bytes < http1.opening_bytes / 5
    assert http2.message_bytes < http1.message_bytes


@pytest.mark.parametrize("settings", [{"streams": 0}, {"streams": 101}, {"messages": 0}])
def test_sharing_has_its_ranges(http2_lab: Lab, settings) -> None:
    with pytest.raises(InputError, match="1 to 100"):
        share_connection(http2_lab, **settings)


def test_a_client_that_keeps_to_the_limit_waits_and_another_is_refused(make_lab) -> None:
    fates = exceed_stream_limit(make_lab(http2=Http2Options(max_streams=5)), beyond=2)
    assert [(each.client, each.fate, each.streams, each.frame, each.says) for each in fates] == [
        (PATIENT, OPEN, 5, "SETTINGS", "MAX_CONCURRENT_STREAMS 5"),
        (PATIENT, WAITED, 2, "SETTINGS", "MAX_CONCURRENT_STREAMS 5"),
        (IMPATIENT, OPEN, 5, "SETTINGS", "MAX_CONCURRENT_STREAMS 5"),
        (IMPATIENT, REFUSED, 2, "RST_STREAM", "REFUSED_STREAM"),
    ]


def test_more_beyond_than_the_limit_is_refused(make_lab) -> None:
    with pytest.raises(InputError, match="not more than the 1"):
        exceed_stream_limit(make_lab(http2=Http2Options(max_streams=1)), beyond=2)
    with pytest.raises(InputError, match="1 to 100"):
        exceed_stream_limit(make_lab(http2=True), beyond=0)


def test_a_stalled_reader_stops_the_others_only_by_the_connections_window(http2_lab: Lab) -> None:
    steps = stall_reader(http2_lab, others=2, stopped=10, after=2)
    assert len(steps) == 2 * 12 * 3
    at_10 = {(each.window, each.stream): each for each in steps if each.published == 10}
    assert at_10[STREAM, STOPPED].delivered == 6
    assert at_10[STREAM, STOPPED].buffered_bytes > 30_000
    assert at_10[CONNECTION, STOPPED].delivered < 7
    for reader in ("reader 1", "reader 2"):
        assert (at_10[STREAM, reader].delivered, at_10[STREAM, reader].buffered_bytes) == (10, 0)
        assert at_10[CONNECTION, reader].delivered < 7
        assert at_10[CONNECTION, reader].buffered_bytes > 30_000
    assert {each.delivered for each in steps if each.published == 12} == {12}
    assert not http2_lab.connections


def test_stalling_has_its_ranges(http2_lab: Lab) -> None:
    with pytest.raises(InputError, match="others: 1 to 20"):
        stall_reader(http2_lab, others=21)


def test_the_frames_of_a_lab_are_named(http2_lab: Lab) -> None:
    found = exchange_with_lab(http2_lab, ("Hello", "ä" * 20))
    assert found.events == ("Hello", "ä" * 20)
    names = [(each.direction, each.stream_id, each.frame, each.flags) for each in found.frames]
    assert names[0] == ("up", 0, "preface", "")
    assert {name[2] for name in names} == {"preface", "SETTINGS", "HEADERS", "DATA", "RST_STREAM"}
    connect = next(each for each in found.frames if ":protocol websocket" in each.meaning)
    assert (connect.stream_id, connect.clause) == (3, "RFC 8441 4")
    said = [each.meaning for each in found.frames if each.stream_id == 3 and each.direction == "down"]
    assert said == [
        ":status 200",
        "WebSocket frame: 'Hello'",
        f"WebSocket frame: {'ä' * 20!r}",
        "WebSocket frame: close code 1000",
        "",
    ]
    costs = {cost.carrier: cost.wire_bytes for cost in found.costs if cost.payload_bytes == 5}
    assert list(costs.values()) == [30, 7, 33, 16]


def test_a_text_of_two_lines_is_refused(http2_lab: Lab) -> None:
    with pytest.raises(InputError, match="in one line"):
        exchange_with_lab(http2_lab, ("a\nb",))


def test_an_impatient_end_asks_beyond_the_limit(make_lab) -> None:
    lab = make_lab(http2=Http2Options(max_streams=1))

    async def ask() -> dict[int, int]:
        async with Http2Client(lab) as client:
            end = await client.connect(ImpatientEnd)
            for _ in range(3):
                await end.ask("/sse/news")
            await end.until(lambda: len(end.errors) == 2)
            return end.errors

    assert {error_name(code) for code in shared.call(ask, 30).values()} == {"REFUSED_STREAM"}
