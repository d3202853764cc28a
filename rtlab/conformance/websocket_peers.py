"""WebSocket receivers that need no socket: each function feeds one vector to a library and notes the outcome."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from typing import Any

from rtlab.codecs.permessage_deflate import DeflateOptions
from rtlab.codecs.websocket_events import BinaryMessage, PingReceived, PongReceived, ProtocolViolation, TextMessage
from rtlab.codecs.websocket_frames import CLOSE, FrameDecoder
from rtlab.codecs.websocket_session import WebSocketSession
from rtlab.conformance.outcomes import WebSocketOutcome
from rtlab.conformance.vectors import WebSocketVector

_DEFAULT_MAX_BYTES = 1_048_576
_NO_CODE = 1005


def close_code_sent(wire: bytes) -> int | None:
    """Read the code of the first close frame in what a peer has written.

    Args:
        wire: Whole frames, masked or not.

    Returns:
        The code, 1005 for a close frame without one, None if there is no close frame.
    """
    for frame in FrameDecoder().feed(wire):
        if frame.opcode == CLOSE:
            return int.from_bytes(frame.payload[:2]) if frame.payload else _NO_CODE
    return None


def feed_rtlab(vector: WebSocketVector, chunks: Iterable[bytes], outcome: WebSocketOutcome) -> None:
    """Feed :class:`rtlab.codecs.websocket_session.WebSocketSession`."""
    session = WebSocketSession(
        vector.receiver,
        max_message_bytes=vector.max_message_bytes or _DEFAULT_MAX_BYTES,
        compression=DeflateOptions() if vector.needs_deflate else None,
    )
    pongs: list[bytes] = []
    outcome.pongs = pongs
    for chunk in outcome.while_open(chunks, vector.due_bytes):
        for event in session.feed(chunk):
            if isinstance(event, TextMessage):
                outcome.deliver(event.text)
            elif isinstance(event, BinaryMessage):
                outcome.deliver(event.data)
            elif isinstance(event, PingReceived):
                outcome.pings.append(event.payload)
            elif isinstance(event, PongReceived):
                pongs.append(event.payload)
            elif isinstance(event, ProtocolViolation):
                outcome.fail(event.code)
            else:
                outcome.close(event.code, close_code_sent(session.take_output()))


def feed_wsproto(vector: WebSocketVector, chunks: Iterable[bytes], outcome: WebSocketOutcome) -> None:
    """Feed wsproto's ``Connection``; it hands out pieces of messages, and its caller joins them."""
    wsproto = importlib.import_module("wsproto.connection")
    events = importlib.import_module("wsproto.events")
    deflate = importlib.import_module("wsproto.extensions").PerMessageDeflate()
    if vector.needs_deflate:
        deflate.finalize("permessage-deflate")
    kind = wsproto.ConnectionType.SERVER if vector.receiver == "server" else wsproto.ConnectionType.CLIENT
    connection = wsproto.Connection(kind, [deflate] if vector.needs_deflate else [])
    pieces: list[Any] = []
    pongs: list[bytes] = []
    outcome.pongs = pongs
    for chunk in outcome.while_open(chunks, vector.due_bytes):
        connection.receive_data(chunk)
        for event in connection.events():
            if isinstance(event, events.Message):
                pieces.append(event.data)
                if event.message_finished:
                    outcome.deliver(pieces[0][:0].join(pieces))
                    pieces.clear()
            elif isinstance(event, events.Ping):
                outcome.pings.append(bytes(event.payload))
            elif isinstance(event, events.Pong):
                pongs.append(bytes(event.payload))
            elif connection.state is wsproto.ConnectionState.REMOTE_CLOSING:
                outcome.close(int(event.code), close_code_sent(connection.send(event.response())))
            else:
                outcome.fail(int(event.code))


def feed_websockets(vector: WebSocketVector, chunks: Iterable[bytes], outcome: WebSocketOutcome) -> None:
    """Feed the sans-I/O protocol of websockets; it hands out frames, and its caller joins and decodes them.

    A text that is not UTF-8 is failed with 1007 by the caller, as the library's own connections do.
    """
    frames = importlib.import_module("websockets.frames")
    protocol_module = importlib.import_module("websockets.protocol")
    deflate = importlib.import_module("websockets.extensions.permessage_deflate")
    side = protocol_module.Side.SERVER if vector.receiver == "server" else protocol_module.Side.CLIENT
    protocol = protocol_module.Protocol(side, max_size=vector.max_message_bytes or _DEFAULT_MAX_BYTES)
    if vector.needs_deflate:
        protocol.extensions = [deflate.PerMessageDeflate(False, False, 15, 15)]
    data, is_text = bytearray(), False
    pongs: list[bytes] = []
    outcome.pongs = pongs
    for chunk in outcome.while_open(chunks, vector.due_bytes):
        protocol.receive_data(chunk)
        for frame in protocol.events_received():
            if frame.opcode is frames.Opcode.PING:
                outcome.pings.append(bytes(frame.data))
            elif frame.opcode is frames.Opcode.PONG:
                pongs.append(bytes(frame.data))
            elif frame.opcode is not frames.Opcode.CLOSE:
                if frame.opcode is not frames.Opcode.CONT:
                    data, is_text = bytearray(), frame.opcode is frames.Opcode.TEXT
                data += frame.data
                if not frame.fin:
                    continue
                try:
                    outcome.deliver(data.decode() if is_text else bytes(data))
                except UnicodeDecodeError:
                    protocol.fail(frames.CloseCode.INVALID_DATA)
                    break
        if protocol.close_sent is None:
            continue
        if protocol.close_rcvd is not None and protocol.parser_exc is None:
            outcome.close(int(protocol.close_rcvd.code), int(protocol.close_sent.code))
        else:
            outcome.fail(int(protocol.close_sent.code))


class _ScriptedSocket:
    """Gives a blocking client its bytes chunk by chunk, then the end of the stream; never waits."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._rest = b""
        self.sent = bytearray()

    def recv(self, most_bytes: int) -> bytes:
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return b""
            self._rest = chunk
        piece, self._rest = self._rest[:most_bytes], self._rest[most_bytes:]
        return piece

    def send(self, data: bytes) -> int:
        self.sent += data
        return len(data)

    def gettimeout(self) -> float:
        return 0.0

    def close(self) -> None:
        pass


def feed_websocket_client(vector: WebSocketVector, chunks: Iterable[bytes], outcome: WebSocketOutcome) -> None:
    """Feed websocket-client over a socket of our own, and decode texts as its ``recv()`` does.

    It raises an exception for a broken rule and leaves it to the caller to send a close frame.
    """
    library = importlib.import_module("websocket")
    client = library.WebSocket()
    sock = _ScriptedSocket(outcome.while_open(chunks, vector.due_bytes))
    client.sock, client.connected = sock, True
    pongs: list[bytes] = []
    outcome.pongs = pongs
    while outcome.ending == "open":
        try:
            opcode, frame = client.recv_data_frame(control_frame=True)
        except library.WebSocketConnectionClosedException:
            return  # the bytes are at their end
        except (library.WebSocketProtocolException, library.WebSocketPayloadException) as error:
            outcome.drop(type(error).__name__)
            return
        data = bytes(frame.data)
        if opcode == library.ABNF.OPCODE_PING:
            outcome.pings.append(data)
        elif opcode == library.ABNF.OPCODE_PONG:
            pongs.append(data)
        elif opcode == library.ABNF.OPCODE_CLOSE:
            outcome.close(int.from_bytes(data[:2]) if data else _NO_CODE, close_code_sent(bytes(sock.sent)))
        else:
            outcome.deliver(data.decode() if opcode == library.ABNF.OPCODE_TEXT else data)
