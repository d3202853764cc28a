"""Checks a connection in full: what a lean counter counts, held against the exact codecs and against the plan."""

from __future__ import annotations

import re

from rtlab.codecs.sse import EventStreamDecoder
from rtlab.codecs.websocket_session import BinaryMessage, ProtocolViolation, TextMessage, WebSocketSession
from rtlab.errors import RemoteProtocolError
from rtlab.findings.load import SampleCheck
from rtlab.load.stamp import STAMP_BYTES, make_payload, read_stamp

_MAX_MESSAGE_BYTES = 64 * 1024 * 1024
_NUMBERED_ID = re.compile(r"(.*?)([0-9]+)")


class Examiner:
    """Reads one connection of the sample a second time.

    Args:
        transport: ``"sse"`` or ``"websocket"``.
        payload_bytes: How long the swarm's own messages are.
        begin_ns: From when on they were due; a server may still know those of an earlier swarm.
    """

    def __init__(self, transport: str, payload_bytes: int, begin_ns: int) -> None:
        self._begin_ns = begin_ns
        self._payload_bytes = payload_bytes
        self._stream = EventStreamDecoder(max_event_bytes=_MAX_MESSAGE_BYTES) if transport == "sse" else None
        self._session = WebSocketSession("client", max_message_bytes=_MAX_MESSAGE_BYTES)
        self._last_seq: dict[int, int] = {}
        self._last_id = ("", -1, "")
        self._messages = self._disagreements = self._damaged = self._out_of_order = 0
        self._complaint = ""

    def check(self, data: bytes, starts: list[bytes]) -> None:
        """Read what the lean counter has just read.

        Args:
            data: The bytes, without transfer coding.
            starts: What the lean counter made of them.
        """
        payloads = self._read(data)
        self._messages += len(payloads)
        if [payload[:STAMP_BYTES] for payload in payloads] != starts:
            self._disagreements += 1
            self._complain(f"the lean counter found {len(starts)} messages, the codec {len(payloads)}")
        for payload in payloads:
            self._judge(payload)

    @property
    def found(self) -> SampleCheck:
        """What there is to say by now."""
        counts = self._messages, self._disagreements, self._damaged, self._out_of_order
        return SampleCheck(1, *counts, self._complaint)

    def _read(self, data: bytes) -> list[bytes]:
        payloads: list[bytes] = []
        if self._stream is not None:
            try:
                for event in self._stream.feed(data):
                    self._judge_id(event.last_event_id)
                    payloads.append(event.data.encode())
            except RemoteProtocolError as error:
                self._complain(str(error))
            return payloads
        for item in self._session.feed(data):
            if isinstance(item, TextMessage):
                payloads.append(item.text.encode())
            elif isinstance(item, BinaryMessage):
                payloads.append(item.data)
            elif isinstance(item, ProtocolViolation):
                self._complain(item.message)
        self._session.take_output()  # the lean counter answers
        return payloads

    def _judge(self, payload: bytes) -> None:
        stamp = read_stamp(payload)
        if stamp is None or stamp.due_ns < self._begin_ns:
            return
        if payload != make_payload(stamp.due_ns, stamp.connection, stamp.seq, self._payload_bytes):
            self._damaged += 1
            self._complain(f"message {stamp.seq} of connection {stamp.connection} came back changed")
        if stamp.seq <= self._last_seq.get(stamp.connection, -1):
            self._out_of_order += 1
            self._complain(f"message {stamp.seq} of connection {stamp.connection} came too late or again")
        self._last_seq[stamp.connection] = stamp.seq

    def _judge_id(self, id: str) -> None:
        epoch, last, whole = self._last_id
        found = _NUMBERED_ID.fullmatch(id)
        if found is None or id == whole:
            return  # it has no number, or the event has no id of its own
        if found[1] == epoch and int(found[2]) <= last:
            self._out_of_order += 1
            self._complain(f"the id {id} came behind {whole}")
        self._last_id = found[1], int(found[2]), id

    def _complain(self, what: str) -> None:
        self._complaint = self._complaint or what


def add_samples(samples: list[SampleCheck]) -> SampleCheck:
    """Add up what several connections showed.

    Args:
        samples: One for each.
    """
    return SampleCheck(
        sum(each.connections for each in samples),
        sum(each.messages for each in samples),
        sum(each.disagreements for each in samples),
        sum(each.damaged for each in samples),
        sum(each.out_of_order for each in samples),
        next((each.complaint for each in samples if each.complaint), ""),
    )
