"""One connection that is only drained: messages are counted by their marks in the bytes, without decoding them.

Whether the marks tell the truth is checked afterwards: the first bytes of each connection are kept and decoded in
full by the codecs, and the two counts must agree.
"""

from __future__ import annotations

import re
import secrets
import socket
import ssl
from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np

from rtlab import clock
from rtlab.clients.wire import Address, trusting
from rtlab.codecs.http1 import BodyData, RequestHead, ResponseDecoder, ResponseHead, encode_request_head
from rtlab.codecs.permessage_deflate import DeflateOptions, check_answer, make_offer
from rtlab.codecs.sse import EventStreamDecoder
from rtlab.codecs.websocket_events import BinaryMessage, TextMessage
from rtlab.codecs.websocket_extensions import parse_extensions
from rtlab.codecs.websocket_frames import Opcode, encode_frame, parse_header
from rtlab.codecs.websocket_handshake import check_opening_response, make_key, opening_request
from rtlab.codecs.websocket_session import WebSocketSession
from rtlab.errors import ConnectionFailed, LabError

if TYPE_CHECKING:
    from rtlab.experiments.drain import Order

_READ_BYTES = 1_048_576
_SAMPLE_BYTES = 32_768
_STAMP_DIGITS = 20
_MARK = b"\ndata:"
_STAMPED_EVENT = re.compile(rb"\ndata: ?(\d{20})[^\n]*\n")


class EventMarks:
    """Counts the events of a stream: each of ours has one ``data`` line.

    Args:
        stamped: Take the stamps as well.
    """

    def __init__(self, stamped: bool) -> None:
        self._stamped = stamped
        self._kept = b""

    def feed(self, data: bytes) -> tuple[int, list[int]]:
        """Take bytes; give how many events they hold, and their stamps."""
        data = self._kept + data
        if not self._stamped:
            self._kept = data[-len(_MARK) + 1 :]
            return data.count(_MARK), []
        found = list(_STAMPED_EVENT.finditer(data))
        self._kept = data[found[-1].end() - 1 :] if found else data
        return len(found), [int(each[1]) for each in found]


class FrameMarks:
    """Counts the messages of a WebSocket by their frame headers; equal frames in a row are compared all at once.

    Args:
        stamped: Take the stamps as well.

    Attributes:
        answers: Frames to send: a pong for each ping.
    """

    def __init__(self, stamped: bool) -> None:
        self._stamped = stamped
        self._kept = b""
        self.answers = b""

    def feed(self, data: bytes) -> tuple[int, list[int]]:
        """Take bytes; give how many messages end in them, and their stamps."""
        data = self._kept + data
        count, at, stamps = 0, 0, []
        while (header := parse_header(data, at)) and at + header.header_bytes + header.payload_bytes <= len(data):
            start, size = at + header.header_bytes, header.header_bytes + header.payload_bytes
            same = 1
            if header.opcode < Opcode.CLOSE:
                if not self._stamped:
                    same = _equal_heads(data, at, header.header_bytes, size)
                elif header.fin:
                    stamps.append(int(data[start : start + _STAMP_DIGITS]))
                count += same * header.fin
            elif header.opcode == Opcode.PING:
                payload = data[start : at + size]
                self.answers += encode_frame(Opcode.PONG, payload, masking_key=secrets.token_bytes(4))
            at += same * size
        self._kept = data[at:]
        return count, stamps


def _equal_heads(data: bytes, at: int, head_bytes: int, size: int) -> int:
    """Tell how many frames of this size and head stand in a row, from 1."""
    frames = (len(data) - at) // size
    heads = np.frombuffer(data, np.uint8, frames * size, at).reshape(frames, size)[:, :head_bytes]
    same = (heads == heads[0]).all(axis=1)
    return frames if same.all() else int(same.argmin())


class Line:
    """One open connection.

    Args:
        order: What is drained.
        timeout_s: How long the opening may take, in seconds.

    Attributes:
        socket: The socket.
        deliveries: Messages so far.
        bytes_down: Bytes received so far, those of TLS not counted.
        bytes_up: Bytes sent since the opening.
        ages_ns: Age of each stamped message when it was read.
        ended: True after the server has closed.

    Raises:
        LabError: The server refused.
        OSError: It cannot be reached.
    """

    def __init__(self, order: Order, timeout_s: float) -> None:
        self._order = order
        self._address = Address.parse(order.url, ("http", "https", "ws", "wss"))
        self._is_socket = self._address.scheme in ("ws", "wss")
        self._compression: DeflateOptions | None = None
        self.deliveries = self.bytes_down = self.bytes_up = 0
        self.ages_ns: list[int] = []
        self.ended = False
        self._marks = self._new_marks(order.stamped)
        self.socket = socket.create_connection((self._address.host, self._address.port), timeout_s)
        try:
            if self._address.secure:
                context = trusting(order.ca_pem)
                self.socket = context.wrap_socket(self.socket, server_hostname=self._address.host)
            self._sample = bytearray(self._open_socket() if self._is_socket else self._open_stream())
        except BaseException:
            self.socket.close()
            raise
        self._count(bytes(self._sample))

    def _new_marks(self, stamped: bool) -> EventMarks | FrameMarks:
        return FrameMarks(stamped) if self._is_socket else EventMarks(stamped)

    def _open_stream(self) -> bytes:
        address = self._address
        version = "HTTP/1.0" if self._order.http_1_0 else "HTTP/1.1"
        fields = (("Host", address.host_header), ("Accept", "text/event-stream"))
        head, raw, _ = self._ask(RequestHead("GET", address.target, fields, version))
        if head.status != 200:
            raise LabError(f"The server answered {head.status} {head.reason} instead of a stream.")
        return raw

    def _open_socket(self) -> bytes:
        address, key = self._address, make_key(secrets.token_bytes(16))
        wanted = DeflateOptions() if self._order.compressed else None
        offers = (make_offer(wanted),) if wanted else ()
        head, _, rest = self._ask(opening_request(address.host_header, address.target, key, extensions=offers))
        if head.status != 101:
            raise ConnectionFailed(f"The server refused the opening handshake: {head.status}.", status=head.status)
        check_opening_response(head, key, offered_extensions=offers)
        if wanted:
            answer = parse_extensions(head.get_all("Sec-WebSocket-Extensions"))
            self._compression = check_answer(answer, wanted)
            if self._compression is None:
                raise LabError("The server does not compress.")
        return rest

    def _ask(self, request: RequestHead) -> tuple[ResponseHead, bytes, bytes]:
        """Send a request; give the head of the answer, all that came, and what came behind the head."""
        self.socket.sendall(encode_request_head(request))
        raw = b""
        while b"\r\n\r\n" not in raw:
            data = self.socket.recv(_READ_BYTES)
            if not data:
                raise LabError("The server closed before it answered.")
            raw += data
        head = ResponseDecoder().feed(raw)[0]
        assert isinstance(head, ResponseHead)
        return head, raw, raw[raw.index(b"\r\n\r\n") + 4 :]

    def read(self) -> int:
        """Read what is there and count; give how many bytes it was."""
        got_bytes = 0
        while not self.ended and got_bytes < _READ_BYTES:
            try:
                data = self.socket.recv(_READ_BYTES)
            except (BlockingIOError, ssl.SSLWantReadError):
                break
            except OSError:
                data = b""
            self.ended = not data
            got_bytes += len(data)
            if len(self._sample) < _SAMPLE_BYTES:
                self._sample += data
            self._count(data)
            if not isinstance(self.socket, ssl.SSLSocket):
                break  # one read takes all that is there; of TLS it takes one record
        return got_bytes

    def _count(self, data: bytes) -> None:
        count, stamps = self._marks.feed(data)
        self.deliveries += count
        self.bytes_down += len(data)
        if stamps:
            now_ns = clock.now_ns()
            self.ages_ns += [now_ns - stamp for stamp in stamps]
        if isinstance(self._marks, FrameMarks) and self._marks.answers:
            with suppress(OSError):
                self.bytes_up += self.socket.send(self._marks.answers)
            self._marks.answers = b""

    def check(self) -> None:
        """Decode the sample in full, and hold it against the count by marks.

        Raises:
            LabError: The counts differ, or a message has another size than was ordered.
        """
        sample = bytes(self._sample)
        counted, _ = self._new_marks(False).feed(sample)
        sizes = self._message_sizes(sample) if self._is_socket else self._event_sizes(sample)
        if not len(sizes) <= counted <= len(sizes) + 1:  # of the last one there may be only the start
            raise LabError(f"The count of messages is wrong: {counted} by their marks, {len(sizes)} decoded.")
        wrong = [size for size in sizes if size != self._order.payload_bytes]
        if wrong:
            raise LabError(f"A message of {wrong[0]:,} bytes came; {self._order.payload_bytes:,} were ordered.")

    def _event_sizes(self, sample: bytes) -> list[int]:
        decoder = EventStreamDecoder()
        pieces = (each.data for each in ResponseDecoder().feed(sample) if isinstance(each, BodyData))
        return [len(event.data.encode()) for piece in pieces for event in decoder.feed(piece)]

    def _message_sizes(self, sample: bytes) -> list[int]:
        session = WebSocketSession("client", compression=self._compression)
        messages = [each for each in session.feed(sample) if isinstance(each, TextMessage | BinaryMessage)]
        return [len(each.text.encode() if isinstance(each, TextMessage) else each.data) for each in messages]
