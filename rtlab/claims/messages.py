"""Experiments for the claims on message structure: C04, C26 to C31, C59 to C62 and C77."""

from __future__ import annotations

import json
import random
import secrets

from rtlab.claims.evidence import Evidence, Experiment
from rtlab.clients.event_source import EventSource
from rtlab.clients.websocket import WebSocket
from rtlab.errors import ConnectionEnded, ConnectionFailed, WaitTimeout
from rtlab.experiments.carrying import FRAGMENTS, carry_loads
from rtlab.experiments.raw_server import RawServer
from rtlab.experiments.raw_websocket import client_frame, echo_frames
from rtlab.experiments.reading import read_by_hand
from rtlab.experiments.survival import TEXTS, follow_rules, survive
from rtlab.servers.lab import Lab

_NOT_UTF8 = b"\xff\xfe"
_TEXT, _BINARY, _RESERVED = 1, 2, 3
"""Opcodes of RFC 6455 5.2; the third is kept for later."""
_CONSIDERABLE = 0.1
"""A tenth more bytes is what we call considerable."""
_COMES_BACK_SOON = b"retry: 1\ndata: a\n\n"


def text_or_binary(lab: Lab) -> Evidence:
    """C04: send text, bytes, bytes that claim to be text, and a message of a third kind."""
    text, binary, false_text, third = (
        echo_frames(lab, [client_frame(opcode, payload)])
        for opcode, payload in ((_TEXT, b"Hello"), (_BINARY, _NOT_UTF8), (_TEXT, _NOT_UTF8), (_RESERVED, b"Hello"))
    )
    two_kinds = text.message == b"Hello" and binary.message == _NOT_UTF8 and third.message is None
    return Evidence(
        "C04",
        "holds" if two_kinds and false_text.message is None else "wrong",
        f"Text came back as {text.message!r}, bytes as {binary.message!r}. The same bytes as text were answered "
        f"with close code {false_text.close_code}, a message of a third kind with {third.close_code}.",
        {"close_code_not_utf8": false_text.close_code or 0, "close_code_reserved": third.close_code or 0},
    )


def plain_text_format(lab: Lab) -> Evidence:
    """C26: write streams by hand, by the rules and against them."""
    kept = [row.outcome == "OK" for row in follow_rules() if row.way == "rtlab"]
    formless = _events(b'{"price": 12}\n\nHello\n\n')
    return Evidence(
        "C26",
        "holds" if all(kept) and not formless else "wrong",
        f"{sum(kept)} of {len(kept)} streams of plain lines gave the events that the standard says; "
        f"text without the format gave {len(formless)}.",
        {"rules_kept": sum(kept), "rules": len(kept), "events_without_format": len(formless)},
    )


def any_text(lab: Lab) -> Evidence:
    """C27: send tricky and random texts through a correct encoder, and through a careless one."""
    chance = random.Random(27)
    alphabet = "ab \n\r:\0\u2028é😀"
    texts = {f"random {number}": "".join(chance.choices(alphabet, k=12)) for number in range(40)}
    rows = survive(lab, {**TEXTS, **texts}, ("lab, rtlab", "careless, rtlab"))
    correct, careless = (
        [row.outcome for row in rows if row.way == way] for way in ("lab, rtlab", "careless, rtlab")
    )
    as_sent = correct.count("OK")
    changed = [row.text for row in rows if row.way == "lab, rtlab" and row.text in TEXTS and row.outcome != "OK"]
    return Evidence(
        "C27",
        "holds" if as_sent == len(correct) else "imprecise" if as_sent else "wrong",
        f"Of {len(correct)} texts {as_sent} arrived as they were; with a careless encoder {careless.count('OK')}. "
        f"A correct encoder does not carry: {', '.join(changed)}.",
        {"texts": len(correct), "as_sent": as_sent, "as_sent_careless": careless.count("OK")},
    )


def may_have_id(lab: Lab) -> Evidence:
    """C28: give an id to the second of three events."""
    standard, peer = read_by_hand(b"data: 1\n\nid: 7\ndata: 2\n\ndata: 3\n\n")
    ids, peer_ids = ([event.id for event in reading.events] for reading in (standard, peer))
    return Evidence(
        "C28",
        "holds" if ids[:2] == ["", "7"] else "wrong",
        f"The last event ID after each of three events was {ids}: it stays. sseclient-py says {peer_ids}.",
        {"events": len(ids), "with_id": len([each for each in ids if each])},
    )


def newline_or_blank_line(lab: Lab) -> Evidence:
    """C29: end fields with one newline, end events with a blank line, and leave one event unfinished."""
    streams = (b"data: a\ndata: b\n\n", b"data: a\n\ndata: b\n\n", b"data: a\n")
    one, two, unfinished = (len(_events(stream)) for stream in streams)
    by_newline, by_blank_line = one == 2 and unfinished == 1, two == 2
    return Evidence(
        "C29",
        "holds" if by_newline else "imprecise" if by_blank_line else "wrong",
        f"Two data lines in a row are {one} event, with a blank line between them {two}; "
        f"a line without a blank line after it is {unfinished}.",
        {"one_newline": one, "blank_line": two, "unfinished": unfinished},
    )


def own_media_type(lab: Lab) -> Evidence:
    """C30: serve the same bytes under two types, and see whether the client comes back."""
    with RawServer(_COMES_BACK_SOON) as server:
        events, _ = _until_closed(server)
        requests = server.requests["/"]
    with RawServer(_COMES_BACK_SOON, content_type="text/plain") as server:
        plain_events, why = _until_closed(server)
        plain_requests = server.requests["/"]
    works, gives_up = events == ["a"] and requests == 2, not plain_events and plain_requests == 1
    return Evidence(
        "C30",
        "holds" if works and gives_up else "wrong",
        f"As text/event-stream the bytes gave {len(events)} event, and the client came back: {requests} requests. "
        f"As text/plain they gave {len(plain_events)} events and {plain_requests} request: {why}",
        {"requests": requests, "requests text/plain": plain_requests, "events text/plain": len(plain_events)},
    )


def only_utf8(lab: Lab) -> Evidence:
    """C31: write the same word in UTF-8 and in Latin-1, and declare the latter."""
    utf8 = _events("data: café\n\n".encode())
    latin1, peer = read_by_hand(
        "data: café\n\n".encode("latin-1"), content_type="text/event-stream; charset=latin-1"
    )
    replaced = [event.data for event in latin1.events]
    return Evidence(
        "C31",
        "holds" if utf8 == ["café"] and replaced == ["caf\ufffd"] else "wrong",
        f"In UTF-8 the word arrived as {utf8}; in Latin-1, and declared so, as {replaced}. "
        f"{peer.trouble or 'sseclient-py read it without trouble'}.",
        {"utf8_events": len(utf8), "latin1_events": len(replaced)},
    )


def different_structure(lab: Lab) -> Evidence:
    """C59: send the same five messages over both, and bytes that are no text."""
    channel = f"structure.{secrets.token_hex(6)}"
    with (
        EventSource(lab.sse_url(channel), ca_pem=lab.ca_pem) as source,
        WebSocket(lab.ws_url(channel), ca_pem=lab.ca_pem) as socket,
    ):
        for number in range(5):
            lab.publish(f"{number}", channel=channel, event="tick")
        events, messages = list(source.take(5)), list(socket.take(5))
        named = [event for event in events if event.event == "tick" and event.id]
        bare = [message for message in messages if message.event == "message" and not message.id]
    same = [event.data for event in events] == [message.data for message in messages]
    as_bytes = echo_frames(lab, [client_frame(_BINARY, _NOT_UTF8)]).message == _NOT_UTF8
    as_text = [text.encode() for text in _events(b"data: " + _NOT_UTF8 + b"\n\n")] == [_NOT_UTF8]
    return Evidence(
        "C59",
        "holds" if same and len(named) == len(bare) == 5 and as_bytes and not as_text else "wrong",
        f"Of five messages {len(named)} had a name and an id over SSE, and {len(bare)} had neither over WebSocket. "
        f"The bytes ff fe {'survived' if as_bytes else 'did not survive'} as a WebSocket message, and "
        f"{'survived' if as_text else 'did not survive'} as an event.",
        {"with_name_and_id_sse": len(named), "bare_websocket": len(bare)},
    )


def complex_and_binary(lab: Lab) -> Evidence:
    """C60: send nested JSON and a picture over an event stream, and compare what comes back."""
    shape = {"rings": [{"radius": 1.5, "label": "line 1\nline 2"}, None, [True, {}]]}
    (row,) = survive(lab, {"JSON": json.dumps(shape, indent=2)}, ("lab, rtlab",))
    (picture,) = carry_loads(lab, ("picture",), ("sse+post",), repeats=1)
    as_it_was = row.outcome == "OK" and json.loads(row.got[0]) == shape
    return Evidence(
        "C60",
        "wrong" if as_it_was and picture.intact else "imprecise" if as_it_was or picture.intact else "holds",
        f"Nested JSON {'came as it was' if as_it_was else 'was changed'}. A picture of {picture.payload_bytes:,} "
        f"bytes, {picture.form_bytes:,} as base64, came back {'intact' if picture.intact else 'changed'}.",
        {"payload_bytes": picture.payload_bytes, "form_bytes": picture.form_bytes},
    )


def text_images_audio_files(lab: Lab) -> Evidence:
    """C61: send JSON whole, and a picture, a sound and a file in fragments with pings in between."""
    (text,) = carry_loads(lab, ("tick",), ("websocket",), repeats=1)
    rows = carry_loads(lab, ("picture", "sound", 300_000), ("websocket, fragments",), repeats=1)
    intact = [row for row in rows if row.intact and row.form == "binary"]
    return Evidence(
        "C61",
        "holds" if text.intact and len(intact) == len(rows) else "wrong",
        f"Text {'came back' if text.intact else 'was changed'}. {len(intact)} of {len(rows)} binary messages came "
        f"back as they were, each cut into {FRAGMENTS} fragments with {FRAGMENTS - 1} pings between them.",
        {f"bytes {row.load}": row.payload_bytes for row in rows},
    )


def overhead_of_files(lab: Lab) -> Evidence:
    """C62: carry files of two sizes over both ways, count what crosses, and go beyond the limit."""
    rows = carry_loads(lab, (1_024, 524_288), ("sse+post", "websocket"), repeats=1)
    extra = {
        f"{row.way}, {row.load}": (row.up_bytes + row.down_bytes) / (2 * row.payload_bytes) - 1 for row in rows
    }
    (too_large,) = carry_loads(lab, (2_097_153,), ("websocket",), repeats=1)
    limit = f"more than 2 MiB were refused with {too_large.refused}" if too_large.refused else "2 MiB were accepted"
    memory_times_size = rows[-1].memory_bytes / rows[-1].payload_bytes
    return Evidence(
        "C62",
        _depends(list(extra.values())),
        f"{'; '.join(f'{name}: {share:.1%} more bytes' for name, share in extra.items())}. "
        f"Over WebSocket {rows[-1].load} took {memory_times_size:.1f} times its size in memory; {limit}.",
        extra | {"memory_times_size": memory_times_size},
    )


def text_only_drawback(lab: Lab) -> Evidence:
    """C77: work out what it costs that a token, a stock tick and a picture must be text."""
    rows = carry_loads(lab, ("token", "tick", "picture"), ("sse+post",), repeats=1)
    extra = {row.load: row.form_bytes / row.payload_bytes - 1 for row in rows}
    return Evidence(
        "C77",
        _depends(list(extra.values())),
        f"As text they become longer: {', '.join(f'{load} by {share:.0%}' for load, share in extra.items())}.",
        extra,
    )


EXPERIMENTS: dict[str, Experiment] = {
    "C04": text_or_binary,
    "C26": plain_text_format,
    "C27": any_text,
    "C28": may_have_id,
    "C29": newline_or_blank_line,
    "C30": own_media_type,
    "C31": only_utf8,
    "C59": different_structure,
    "C60": complex_and_binary,
    "C61": text_images_audio_files,
    "C62": overhead_of_files,
    "C77": text_only_drawback,
}


def _depends(shares: list[float]) -> str:
    """Judge a claim of considerable cost: everywhere, nowhere, or as it comes."""
    marked = [share >= _CONSIDERABLE for share in shares]
    return "holds" if all(marked) else "needs measuring" if any(marked) else "wrong"


def _events(stream: bytes) -> list[str]:
    """Give the texts of the events that rtlab's EventSource makes of a stream written by hand."""
    (reading,) = read_by_hand(stream, readers=("rtlab",))
    return [event.data for event in reading.events]


def _until_closed(server: RawServer) -> tuple[list[str], str]:
    """Read events until the client closes for good, or waits in vain; give them, and why it did."""
    events: list[str] = []
    try:
        with EventSource(server.url()) as source:
            while True:
                events.append(str(source.receive().data))
    except (ConnectionFailed, ConnectionEnded, WaitTimeout) as error:
        return events, str(error)
