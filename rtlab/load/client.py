"""One connection of a swarm: as little work as it takes to open it, to count what comes, and to answer pings."""

from __future__ import annotations

import asyncio
import os
import secrets
import ssl

from rtlab.codecs.http1 import BodyData, RequestHead, ResponseDecoder, ResponseHead, encode_request_head
from rtlab.codecs.websocket_close import encode_close_payload
from rtlab.codecs.websocket_frames import CLOSE, TEXT, encode_frame
from rtlab.codecs.websocket_handshake import check_opening_response, make_key, opening_request
from rtlab.errors import ProtocolError
from rtlab.findings.load import LoadConnection
from rtlab.load.counters import EventCounter, FrameCounter
from rtlab.load.examiner import Examiner
from rtlab.load.plan import LoadPlan
from rtlab.load.stamp import DUE_BYTES, LATEST_DUE, WHO, make_payload, who
from rtlab.load.tally import Tally

OPEN_TIMEOUT_S = 10.0
"""How long a connection may take to open."""
_MAX_UNSENT_BYTES = 1_048_576


class LeanClient(asyncio.BufferedProtocol):
    """Keeps one connection, and reads into the buffer that all of them share.

    Args:
        number: Which connection of the swarm it is.
        plan: What the swarm does.
        tally: Where everything is counted.
        examined: Whether it belongs to the sample.

    Attributes:
        error: Why it failed or ended too early; empty if it did not.
        examiner: What checks it in full; None outside the sample.
        is_gone: Whether its line is down, or was never up.
    """

    __slots__ = (
        "_counter",
        "_decoder",
        "_has_opened",
        "_key",
        "_knows_clock",
        "_messages",
        "_number",
        "_opened_ns",
        "_ours",
        "_over",
        "_own",
        "_plan",
        "_received_bytes",
        "_sent",
        "_sent_bytes",
        "_tally",
        "_transport",
        "_who",
        "error",
        "examiner",
        "is_gone",
    )

    def __init__(self, number: int, plan: LoadPlan, tally: Tally, *, examined: bool) -> None:
        self.error = ""
        self.is_gone = True
        self._number = number
        self._plan = plan
        self._knows_clock = plan.address.is_loopback  # another machine's server stamps with a clock of its own
        self._tally = tally
        self.examiner = Examiner(plan.transport, plan.payload_bytes, tally.begin_ns) if examined else None
        self._who = who(number)
        self._key = make_key(secrets.token_bytes(16)) if plan.transport == "websocket" else ""
        self._decoder: ResponseDecoder | None = ResponseDecoder()
        self._counter: FrameCounter | EventCounter | None = None
        self._transport: asyncio.Transport | None = None
        self._has_opened: asyncio.Future[None] | None = None
        self._over = False
        self._opened_ns: int | None = None
        self._sent = self._messages = self._own = self._ours = 0
        self._received_bytes = self._sent_bytes = 0

    async def open(self, context: ssl.SSLContext | None, source: str) -> None:
        """Connect, and wait for the server's consent; a failure is kept in ``error``.

        Args:
            context: For TLS; None without.
            source: The address to come from; empty for the system's choice.
        """
        address = self._plan.address
        loop = asyncio.get_running_loop()
        self._has_opened = loop.create_future()
        try:
            async with asyncio.timeout(OPEN_TIMEOUT_S):
                await loop.create_connection(
                    lambda: self,
                    address.host,
                    address.port,
                    ssl=context,
                    local_addr=(source, 0) if source else None,
                )
                await self._has_opened
        except TimeoutError:
            self._fail(f"did not open within {OPEN_TIMEOUT_S:g} s")
        except OSError as error:
            self._fail(_in_words(error))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the stream or the WebSocket (called by asyncio)."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self.is_gone = False
        self._write(self._request())

    def get_buffer(self, sizehint: int) -> memoryview:
        """Lend the buffer that all connections share (called by asyncio)."""
        return self._tally.view

    def buffer_updated(self, nbytes: int) -> None:
        """Count what came (called by asyncio)."""
        if self._over:
            return
        tally = self._tally
        now_ns = tally.turn()
        tally.bytes_down += nbytes
        self._received_bytes += nbytes
        data = bytes(tally.view[:nbytes])
        try:
            if self._decoder is None:
                self._count(data, now_ns)
            else:
                self._read_http(self._decoder, data, now_ns)
        except ProtocolError as error:
            self._fail(str(error))

    def connection_lost(self, exc: Exception | None) -> None:
        """Note the end (called by asyncio)."""
        self.is_gone = True
        self._fail(_in_words(exc) if isinstance(exc, OSError) else "the server ended the connection")

    def send(self, due_ns: int, seq: int) -> str:
        """Send one message over the WebSocket.

        Args:
            due_ns: When it is due.
            seq: Its number on this connection, from 0.

        Returns:
            Why it was not sent; empty if it was.
        """
        if self._transport is None or self._opened_ns is None or self._over:
            return "the connection was not open"
        if self._transport.get_write_buffer_size() > _MAX_UNSENT_BYTES:
            return "the server did not read"
        payload = make_payload(due_ns, self._number, seq, self._plan.payload_bytes)
        self._write(encode_frame(TEXT, payload, masking_key=secrets.token_bytes(4)))
        self.note_sent()
        return ""

    def note_sent(self) -> None:
        """Count a message that was sent in this connection's name."""
        self._tally.sent += 1
        self._sent += 1

    def close(self) -> None:
        """Say goodbye; nothing is counted any more."""
        if self._transport is None or self._over:
            return
        self._over = True
        if isinstance(self._counter, FrameCounter):
            goodbye = encode_frame(CLOSE, encode_close_payload(1000), masking_key=secrets.token_bytes(4))
            self._transport.write(goodbye)
        self._transport.close()

    def abort(self) -> None:
        """Cut the line."""
        self._over = True
        if self._transport is not None:
            self._transport.abort()

    def report(self, start_ns: int) -> LoadConnection:
        """Give its row.

        Args:
            start_ns: The swarm's start, from which times count.
        """
        opened_ms = None if self._opened_ns is None else (self._opened_ns - start_ns) / 1e6
        error = self.error or ("was still opening at the end" if self._opened_ns is None else "")
        counts = self._sent, self._messages, self._own, self._ours, self._received_bytes, self._sent_bytes
        return LoadConnection(self._number, opened_ms, *counts, error)

    def _request(self) -> bytes:
        address, headers = self._plan.address, self._plan.headers
        if self._key:
            return encode_request_head(
                opening_request(address.host_header, address.target, self._key, headers=headers)
            )
        fields = (("Host", address.host_header), ("Accept", "text/event-stream"), *headers)
        return encode_request_head(RequestHead("GET", address.target, fields))

    def _read_http(self, decoder: ResponseDecoder, data: bytes, now_ns: int) -> None:
        for item in decoder.feed(data):
            if isinstance(item, BodyData):
                self._count(item.data, now_ns)
            elif isinstance(item, ResponseHead):
                self._judge(item, now_ns)
                if item.status == 101 and not self._over:
                    self._decoder = None
                    self._count(decoder.rest, now_ns)
            else:
                self._fail("the server ended the stream")
            if self._over:
                break

    def _judge(self, head: ResponseHead, now_ns: int) -> None:
        if head.status < 200 and head.status != 101:
            return  # an interim answer
        if head.status != (101 if self._key else 200):
            self._fail(f"HTTP {head.status} {head.reason}".rstrip())
            return
        if self._key:
            check_opening_response(head, self._key, offered_subprotocols=self._plan.subprotocols)
            self._counter = FrameCounter()
        elif (head.get("Content-Type") or "").partition(";")[0].strip().lower() != "text/event-stream":
            self._fail("the answer is no event stream")
            return
        else:
            self._counter = EventCounter()
        self._opened_ns = now_ns
        self._tally.opened += 1
        self._wake()

    def _count(self, data: bytes, now_ns: int) -> None:
        counter = self._counter
        assert counter is not None
        starts = counter.feed(data)
        if starts:
            tally = self._tally
            tally.messages += len(starts)
            self._messages += len(starts)
            for start in starts:
                due = start[:DUE_BYTES]
                if len(due) < DUE_BYTES or due > LATEST_DUE or not due.isdigit():
                    continue
                due_ns, sender = int(due), start[WHO]
                is_from_swarm = sender[:1] == b" " == sender[-1:]
                if is_from_swarm or self._knows_clock:
                    tally.latencies_ns.append(now_ns - due_ns)
                # A server may still know the messages of an earlier swarm.
                if is_from_swarm and due_ns >= tally.begin_ns:
                    tally.ours += 1
                    self._ours += 1
                    self._own += sender == self._who
        if self.examiner is not None:
            self.examiner.check(data, starts)
        if isinstance(counter, FrameCounter) and counter.output:
            self._write(counter.output)
            counter.output = b""
            if counter.close_code is not None:
                self._fail(f"the server closed the WebSocket with {counter.close_code}")

    def _write(self, data: bytes) -> None:
        assert self._transport is not None
        self._tally.bytes_up += len(data)
        self._sent_bytes += len(data)
        self._transport.write(data)

    def _fail(self, error: str) -> None:
        if self._over:
            return
        self._over = True
        self.error = error
        if self._transport is not None:
            self._transport.close()
        self._wake()

    def _wake(self) -> None:
        if self._has_opened is not None and not self._has_opened.done():
            self._has_opened.set_result(None)


def _in_words(error: OSError) -> str:
    if isinstance(error, ssl.SSLError) or not error.errno:
        return str(error)
    return os.strerror(error.errno)
