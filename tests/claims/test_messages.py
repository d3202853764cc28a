"""The experiments on message structure judge from what they see: with a planted fault they say something else."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest

from rtlab.claims import messages
from rtlab.claims.ledger import ledger
from rtlab.clients import event_source
from rtlab.codecs.sse import EventStreamDecoder
from rtlab.servers.lab import Lab


class LineByLine(EventStreamDecoder):
    """Ends an event at each line end."""

    def read(self, data: bytes) -> list[tuple[str, str, str]]:
        return super().read(data.replace(b"\n", b"\n\n"))


def test_every_live_claim_on_message_structure_can_be_tried() -> None:
    live = {claim.id for claim in ledger("Message Structure") if claim.kind == "live"}
    assert live == messages.EXPERIMENTS.keys()


def test_a_client_that_takes_any_type_is_seen(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    look, right = event_source._require_event_stream, (("Content-Type", "text/event-stream"),)
    monkeypatch.setattr(event_source, "_require_event_stream", lambda head: look(replace(head, headers=right)))
    assert messages.own_media_type(lab).verdict == "wrong"


def test_a_reader_that_ends_events_at_each_line_end_is_seen(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_source, "EventStreamDecoder", LineByLine)
    assert messages.newline_or_blank_line(lab).verdict == "holds"
    assert messages.plain_text_format(lab).verdict == "wrong"


def test_a_picture_that_comes_back_changed_is_seen(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    decode = base64.b64decode
    monkeypatch.setattr(base64, "b64decode", lambda text: decode(text)[:-1])
    evidence = messages.complex_and_binary(lab)
    assert evidence.verdict == "imprecise"
    assert "came back changed" in evidence.finding


def test_a_cost_is_considerable_everywhere_nowhere_or_as_it_comes() -> None:
    assert [messages._depends(shares) for shares in ([0.2, 0.5], [0.0, 0.05], [0.0, 0.3])] == [
        "holds",
        "wrong",
        "needs measuring",
    ]
