"""Faults that a small scripted server makes: in the head, in the bytes of a stream, in who may come."""

from __future__ import annotations

import pytest

from rtlab.experiments.scripted_server import Answer
from rtlab.results.probe import probe

from .planted import STREAM_HEAD, ids

# The scripted server ends or holds the line, and lets everybody in who asks under any name.
ALWAYS = {"HTTP-HOST"}


def with_head(*lines: str, status: str = "200 OK") -> bytes:
    return "\r\n".join((f"HTTP/1.1 {status}", *lines, "", "")).encode()


STREAM = "Content-Type: text/event-stream"
EVENT = b"data: x\n\n"
BODIES = {
    "a mark": (b"\xef\xbb\xbf" + EVENT, "SSE-BOM"),
    "a mark inside": (EVENT + b"\xef\xbb\xbf" + EVENT, "SSE-BOM-INSIDE"),
    "latin-1": (EVENT + b"data: caf\xe9\n\n", "SSE-UTF8"),
    "an unfinished block": (EVENT + b"data: y\n", "SSE-UNFINISHED"),
    "half a line": (EVENT + b"data: y", "SSE-UNFINISHED"),
    "no empty lines": (b"data: 1\ndata: 2\ndata: 3\ndata: 4\n", "SSE-NO-BLANK-LINE"),
    "a CR alone": (b"data: x\rdata: y\n\n", "SSE-BARE-CR"),
    "NUL in an id": (b"id: 1\0\ndata: x\n\n", "SSE-ID-NUL"),
    "a wrong retry": (b"retry: 3s\n\n" + EVENT, "SSE-RETRY-INVALID"),
    "a retry of a day and more": (b"retry: 99999999\n\n" + EVENT, "SSE-RETRY"),
    "pretty JSON": (b'data: {\n  "a": 1\n}\n\n', "SSE-MULTILINE"),
    "unknown fields": (b"Data: x\n\n" + EVENT, "SSE-UNKNOWN-FIELD"),
    "hundreds of lines": (b"data: x\n" * 600 + b"\n", "SSE-LONG-BLOCK"),
    "a line that does not end": (b"data: " + b"x" * 1_200_000, "SSE-LONG-LINE"),
}
HEADS = {
    "no type": (with_head("Cache-Control: no-store"), {"HTTP-NOT-A-STREAM"}),
    "HTML": (with_head("Content-Type: text/html"), {"HTTP-NOT-A-STREAM"}),
    "JSON": (with_head("Content-Type: application/json"), {"HTTP-NOT-A-STREAM"}),
    "500": (with_head(STREAM, status="500 Oops"), {"HTTP-STATUS"}),
    "401": (with_head(STREAM, status="401 Who"), {"HTTP-STATUS"}),
    "426": (with_head(STREAM, status="426 Upgrade Required"), {"HTTP-STATUS"}),
    "latin-1": (with_head(f"{STREAM}; charset=iso-8859-1"), {"SSE-CHARSET", *ALWAYS}),
    "utf-8": (with_head(f'{STREAM}; charset="UTF-8"'), ALWAYS),
    "for caches": (with_head(STREAM, "Cache-Control: public, max-age=60"), {"SSE-CACHE", *ALWAYS}),
    "a length": (with_head(STREAM, f"Content-Length: {len(EVENT)}"), {"SSE-LENGTH", *ALWAYS}),
    "brotli": (with_head(STREAM, "Content-Encoding: br"), {"SSE-CODING-UNKNOWN", *ALWAYS}),
    "gzip that is none": (with_head(STREAM, "Content-Encoding: gzip"), {"SSE-CODING-UNKNOWN", *ALWAYS}),
    "every origin": (with_head(STREAM, "Access-Control-Allow-Origin: *"), {"SSE-CORS-OPEN", *ALWAYS}),
    "every origin with cookies": (
        with_head(STREAM, "Access-Control-Allow-Origin: *", "Access-Control-Allow-Credentials: true"),
        {"SSE-CORS-OPEN", "SSE-CORS-INVALID", *ALWAYS},
    ),
    "my origin with cookies": (
        with_head(
            STREAM,
            "Access-Control-Allow-Origin: https://rtlab-probe.invalid",
            "Access-Control-Allow-Credentials: true",
        ),
        {"SSE-CORS-REFLECTED", "SSE-CORS-VARY", *ALWAYS},
    ),
    "one other origin": (with_head(STREAM, "Access-Control-Allow-Origin: https://app.example"), ALWAYS),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_fault_in_the_stream_is_found_with_its_bytes(scripted, name):
    body, wanted = BODIES[name]
    result = probe(f"http://{scripted(Answer(STREAM_HEAD + body))}", seconds=0.5)
    assert wanted in ids(result)
    others = {"SSE-UNFINISHED"} if wanted in ("SSE-NO-BLANK-LINE", "SSE-LONG-LINE") else set()
    assert ids(result) - ALWAYS - others == {wanted}, result
    assert next(each for each in result.findings if each.id == wanted).evidence


@pytest.mark.parametrize("name", HEADS)
def test_a_fault_in_the_head_is_found(scripted, name):
    head, wanted = HEADS[name]
    result = probe(f"http://{scripted(Answer(head + EVENT))}", seconds=0.5)
    assert ids(result) == wanted, result


def test_a_finite_stream_without_faults_has_none(scripted):
    result = probe(f"http://{scripted(Answer(STREAM_HEAD + EVENT * 3))}", seconds=0.5)
    assert ids(result) == ALWAYS
    assert "SSE-ENDS" in ids(result, "info")
    assert result.facts["events"] == 3


def test_events_that_come_again_after_a_reconnect_are_doubled(scripted):
    body = b"".join(b"id: %d\ndata: x\n\n" % number for number in range(6))
    result = probe(f"http://{scripted(Answer(STREAM_HEAD + body))}", seconds=0.5)
    assert ids(result) - ALWAYS == {"SSE-RESUME-DOUBLED"}
    said = next(each.evidence for each in result.findings if each.id == "SSE-RESUME-DOUBLED")
    assert "Last-Event-ID: 2; should follow: 3, 4, 5; came: 0, 1, 2" in said


def test_a_server_that_fails_on_last_event_id_is_found(scripted):
    body = b"id: 1\ndata: x\n\nid: 2\ndata: x\n\n"
    failing = with_head(STREAM, status="500 Oops")
    result = probe(f"http://{scripted(Answer(STREAM_HEAD + body), Answer(failing))}", seconds=0.5)
    assert ids(result) == {"SSE-RESUME-FAILED"}


@pytest.mark.parametrize(
    ("status", "severity"), [("404 Not Found", "warning"), ("204 No Content", "warning"), ("500 Oops", "error")]
)
def test_an_unknown_id_that_is_refused_is_found(scripted, status, severity):
    stream, refusal = Answer(STREAM_HEAD + EVENT), Answer(with_head(status=status))
    result = probe(f"http://{scripted(stream, refusal)}", seconds=0.5)
    assert "SSE-ID-UNKNOWN" in ids(result, severity)


def test_a_long_id_may_be_refused(scripted):
    stream, refusal = Answer(STREAM_HEAD + EVENT), Answer(with_head(status="431 Too Large"))
    result = probe(f"http://{scripted(*[stream] * 5, refusal)}", seconds=0.5)
    assert "SSE-ID-UNKNOWN" in ids(result, "fine")


def test_a_server_that_breaks_off_at_strange_ids_is_found(scripted):
    stream, cut = Answer(STREAM_HEAD + EVENT), Answer(b"", "reset")
    assert "SSE-ID-UNKNOWN" in ids(probe(f"http://{scripted(stream, cut)}", seconds=0.5), "error")


def test_credentials_that_nobody_checks_are_told_and_never_shown(scripted):
    url = f"http://{scripted(Answer(STREAM_HEAD + EVENT))}"
    result = probe(url, seconds=0.5, headers=[("Authorization", "Bearer s3cret")])
    assert ids(result) == {"HTTP-TOKEN-UNCHECKED", *ALWAYS}
    assert "s3cret" not in repr(result.to_json())


def test_credentials_that_are_checked_are_fine(scripted):
    answer, refusal = Answer(STREAM_HEAD + EVENT), Answer(with_head(status="401 Who"))
    # The stream, five strange ids, a foreign Origin and a foreign Host come before.
    url = f"http://{scripted(*[answer] * 8, refusal)}"
    result = probe(url, seconds=0.5, headers=[("Cookie", "session=s3cret")])
    assert ids(result) == ALWAYS
    assert "HTTP-TOKEN-UNCHECKED" in ids(result, "fine")


def test_a_token_in_the_url_is_told_and_never_shown(lab):
    result = probe(f"{lab.sse_url()}?access_token=s3cret", seconds=0.5)
    assert ids(result) == {"HTTP-TOKEN-IN-URL"}
    assert "s3cret" not in repr(result) + repr(result.to_json()) + result.url
