"""The examination of an event stream: the way to it, its head, its bytes, and coming back to it.

Spec: WHATWG HTML 9.2
"""

from __future__ import annotations

import asyncio
from itertools import pairwise
from statistics import median

from rtlab import clock
from rtlab.codecs.http1 import ResponseHead
from rtlab.probes.buffering import judge_buffering
from rtlab.probes.examination import CannotGoOn, Examination, first_words
from rtlab.probes.following import PLAIN, follow, stream_request
from rtlab.probes.listening import OFFERED_CODINGS, Heard, listen
from rtlab.probes.resumption import try_resumption, try_strange_ids
from rtlab.probes.strangers import try_strangers_on_stream
from rtlab.probes.stream_head import judge_head

_CONTROL_S = 5.0
_ENOUGH_PIECES = 5
_QUICK_RETRY_MS, _SLOW_RETRY_MS = 100, 3_600_000
_FEW_LINES = 3


async def examine_event_stream(examination: Examination) -> None:
    """Try everything on an event stream.

    Args:
        examination: What is under examination.

    Raises:
        CannotGoOn: It is no event stream.
    """
    http, head, start_ns = await follow(examination)
    try:
        judge_head(examination, head, "" if head.status == 200 else await first_words(http))
        examination.trying = "to listen"
        heard = await listen(http, head, seconds=examination.seconds, start_ns=start_ns)
    finally:
        http.close()
    _judge_bytes(examination, heard)
    _judge_times(examination, heard)
    await _judge_buffering(examination, head, heard)
    _judge_end(examination, heard)
    examination.trying = "to come back with Last-Event-ID"
    await try_resumption(examination, stream_request, heard.inspector.events)
    await try_strange_ids(examination, stream_request)
    examination.trying = "to connect as a stranger"
    await try_strangers_on_stream(examination, stream_request)


def _judge_bytes(examination: Examination, heard: Heard) -> None:
    inspector = heard.inspector
    if not inspector.events and inspector.pending_data_lines >= _FEW_LINES:
        inspector.faults["SSE-NO-BLANK-LINE"] = f"{inspector.pending_data_lines} data lines in one block"
    for rule, evidence in inspector.faults.items():
        times = inspector.counts.get(rule, 1)
        lenient = rule in ("SSE-BOM", "SSE-BARE-CR", "SSE-UNKNOWN-FIELD", "SSE-LONG-BLOCK", "SSE-RETRY-INVALID")
        said = f"{evidence}; {times} times" if times > 1 else evidence
        examination.note(rule, "warning" if lenient else "error", said)
    if inspector.retries_ms:
        retry_ms = examination.facts["retry_ms"] = inspector.retries_ms[-1]
        is_extreme = not _QUICK_RETRY_MS <= int(retry_ms) <= _SLOW_RETRY_MS
        examination.note("SSE-RETRY", "warning" if is_extreme else "fine", f"retry: {retry_ms}")


def _judge_times(examination: Examination, heard: Heard) -> None:
    events, comments = heard.inspector.events, heard.inspector.comments_ms
    examination.facts |= {"events": len(events), "comments": len(comments), "body_bytes": heard.inspector.offset}
    examination.facts["listened_s"] = heard.listened_ms / 1e3
    if events:
        examination.facts["first_event_ms"] = events[0].at_ms
    examination.pieces = tuple(heard.pieces)
    examination.gaps_ms = tuple(late.at_ms - early.at_ms for early, late in pairwise(events))
    beats = [late - early for early, late in pairwise(comments)]
    if beats:
        examination.facts["heartbeat_s"] = median(beats) / 1e3
        examination.note("SSE-HEARTBEAT", "fine", f"a comment every {median(beats) / 1e3:.3g} s")
    elif comments:
        examination.note("SSE-HEARTBEAT", "fine", "one comment came")
    elif heard.end == "time":
        is_long = examination.seconds >= 60 and not events
        said = f"{heard.listened_ms / 1e3:.3g} s listened"
        examination.note("SSE-HEARTBEAT", "warning" if is_long else "info", said)


async def _judge_buffering(examination: Examination, head: ResponseHead, heard: Heard) -> None:
    coding = head.get("Content-Encoding")
    found = judge_buffering(heard.pieces, until_ms=heard.listened_ms)
    examination.facts["buffering"] = found.verdict
    if coding:
        examination.facts["content_encoding"] = coding
        if heard.end == "coding":
            examination.note("SSE-CODING-UNKNOWN", "error", heard.why)
            return
        held = "" if found.verdict == "collected" else await _held_by_compression(examination, heard)
        if found.verdict == "collected" or held:
            examination.facts["buffering"] = "compression without flush"
            examination.note("SSE-COMPRESSED", "error", held or f"Content-Encoding: {coding}; {found.evidence}")
            return
        examination.note("SSE-CODING", "info", f"Content-Encoding: {coding}, and flushed")
    if found.verdict == "collected":
        examination.note("SSE-BUFFERED", "error", found.evidence)
    elif found.verdict == "in bursts":
        examination.note("SSE-BURSTS", "info", found.evidence)
    elif found.verdict == "none seen":
        examination.note("SSE-BUFFERED", "fine", found.evidence)
    elif not heard.pieces and heard.end == "time":
        examination.note("SSE-SILENT", "info", f"{heard.listened_ms / 1e3:.3g} s listened")


async def _held_by_compression(examination: Examination, heard: Heard) -> str:
    """Listen to the stream twice at the same time, with and without compression: does one hear more?"""
    if len(heard.pieces) >= _ENOUGH_PIECES:
        return ""
    examination.trying = "the stream without compression"
    seconds = min(examination.seconds, _CONTROL_S)
    async with asyncio.TaskGroup() as group:
        both = [
            group.create_task(_listen_again(examination, coding, seconds)) for coding in (OFFERED_CODINGS, PLAIN)
        ]
    coded, plain = (task.result() for task in both)
    if coded is None or plain is None:
        return ""
    is_silent = coded.first_ms is None and plain.first_ms is not None and plain.first_ms < plain.listened_ms / 2
    events = len(coded.inspector.events), len(plain.inspector.events)
    if not is_silent and events[1] < events[0] + 2:
        return ""
    return (
        f"in {coded.listened_ms:,.0f} ms at the same time: compressed {coded.inspector.offset:,} bytes and "
        f"{events[0]} events, plain {plain.inspector.offset:,} bytes and {events[1]} events"
    )


async def _listen_again(examination: Examination, coding: str, seconds: float) -> Heard | None:
    try:
        http, head = await examination.ask(stream_request(examination, coding=coding))
    except CannotGoOn:
        return None
    try:
        return await listen(http, head, seconds=seconds, start_ns=clock.now_ns())
    finally:
        http.close()


def _judge_end(examination: Examination, heard: Heard) -> None:
    examination.facts["ended_by"] = {"time": "probe", "enough": "probe"}.get(heard.end, heard.end)
    after = f"after {heard.listened_ms / 1e3:.3g} s, of which the last {heard.silence_ms / 1e3:.3g} s in silence"
    if heard.end == "cut":
        examination.note("HTTP-CUT", "error", f"{after}: {heard.why}")
    elif heard.end == "ended":
        examination.note("SSE-ENDS", "info", after)
