"""A client that asks and waits for its answer, as lean as it can be: over a WebSocket, or by POST beside a stream.

Each question is another text, so an answer cannot be taken for that of another question.
"""

from __future__ import annotations

import re
import secrets
import socket
from abc import ABC, abstractmethod

from rtlab.clients.wire import Address
from rtlab.codecs.http1 import RequestHead, encode_request_head
from rtlab.codecs.websocket_frames import Opcode, encode_frame, parse_header
from rtlab.errors import LabError
from rtlab.experiments.plain_opening import READ_BYTES, connect, open_plain

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+) *\r\n", re.IGNORECASE)


class Asker(ABC):
    """One client.

    Args:
        name: What makes its questions differ from those of others.
        payload_bytes: Size of each question.

    Attributes:
        sockets: Its connections.
        bytes_up: Bytes sent so far.
        bytes_down: Bytes received so far.
        answers: How many questions were answered.

    Raises:
        OSError: The server cannot be reached.
    """

    def __init__(self, name: str, payload_bytes: int) -> None:
        self._name = name
        self._payload_bytes = payload_bytes
        self._question = b""
        self.sockets: list[socket.socket] = []
        self.bytes_up = self.bytes_down = self.answers = 0

    def ask(self) -> None:
        """Send the next question."""
        text = f"{self._name}.{self.answers}."
        self._question = text.encode().ljust(self._payload_bytes, b"x")
        self._send(self._question)

    def read(self, source: socket.socket) -> None:
        """Read what one connection has; when the answer is complete, ask again.

        Raises:
            LabError: The server closed, or the answer is not the question.
        """
        data = source.recv(READ_BYTES)
        if not data:
            raise LabError("The server closed a connection.")
        self.bytes_down += len(data)
        if self._answered(source, data):
            self.answers += 1
            self.ask()

    def close(self) -> None:
        """Close its connections."""
        for each in self.sockets:
            each.close()

    @abstractmethod
    def _send(self, question: bytes) -> None:
        """Send a question."""

    @abstractmethod
    def _answered(self, source: socket.socket, data: bytes) -> bool:
        """Take what came, and tell whether the answer is complete."""

    def _open(self, url: str, timeout_s: float) -> tuple[socket.socket, bytes]:
        """Open a line; give it, and what came behind the head of the answer."""
        connection, raw = open_plain(url, timeout_s)
        self.sockets.append(connection)
        return connection, raw.partition(b"\r\n\r\n")[2]


class SocketAsker(Asker):
    """Asks over a WebSocket that echoes.

    Args:
        name: See :class:`Asker`.
        payload_bytes: See :class:`Asker`.
        echo_url: A ws URL.
        timeout_s: How long the opening may take, in seconds.
    """

    def __init__(self, name: str, payload_bytes: int, echo_url: str, timeout_s: float) -> None:
        super().__init__(name, payload_bytes)
        self._socket, self._buffer = self._open(echo_url, timeout_s)

    def _send(self, question: bytes) -> None:
        frame = encode_frame(Opcode.TEXT, question, masking_key=secrets.token_bytes(4))
        self._socket.sendall(frame)
        self.bytes_up += len(frame)

    def _answered(self, source: socket.socket, data: bytes) -> bool:
        self._buffer += data
        answered = False
        while (header := parse_header(self._buffer)) and header.header_bytes + header.payload_bytes <= len(
            self._buffer
        ):
            size = header.header_bytes + header.payload_bytes
            payload, self._buffer = self._buffer[header.header_bytes : size], self._buffer[size:]
            if header.opcode == Opcode.TEXT:
                if payload != self._question or not header.fin:
                    raise LabError(f"The answer is not the question: {payload[:40]!r}.")
                answered = True
        return answered


class PostAsker(Asker):
    """Asks by POST to a channel of its own, and listens to that channel's event stream.

    Args:
        name: See :class:`Asker`; the channel, too.
        payload_bytes: See :class:`Asker`.
        sse_url: An http URL that ends with the name of another channel.
        publish_url: Likewise.
        timeout_s: How long the opening may take, in seconds.
    """

    def __init__(self, name: str, payload_bytes: int, sse_url: str, publish_url: str, timeout_s: float) -> None:
        super().__init__(name, payload_bytes)
        self._stream, self._events = self._open(f"{sse_url.rpartition('/')[0]}/{name}", timeout_s)
        address = Address.parse(f"{publish_url.rpartition('/')[0]}/{name}", ("http",))
        try:
            self._post = connect(address, timeout_s)
        except OSError:
            self.close()
            raise
        self.sockets.append(self._post)
        content = (("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(payload_bytes)))
        self._request = encode_request_head(
            RequestHead("POST", address.target, (("Host", address.host_header), *content))
        )
        self._receipt = b""
        self._heard = self._received = False

    def _send(self, question: bytes) -> None:
        self._heard = self._received = False
        self._post.sendall(self._request + question)
        self.bytes_up += len(self._request) + len(question)

    def _answered(self, source: socket.socket, data: bytes) -> bool:
        if source is self._stream:
            self._events += data
            line = b"\ndata: " + self._question
            if line in self._events:
                self._events = self._events.partition(line)[2]
                self._heard = True
        else:
            self._receipt += data
            self._received = self._take_receipt()
        return self._heard and self._received

    def _take_receipt(self) -> bool:
        """Tell whether the answer to the POST is complete: before that, HTTP/1.1 allows no other request here."""
        head, end, body = self._receipt.partition(b"\r\n\r\n")
        if not end:
            return False
        length = _LENGTH.search(head + b"\r\n")
        if not head.startswith(b"HTTP/1.1 200 ") or not length:
            raise LabError(f"The server answered a POST with {head[:40]!r}.")
        if len(body) < int(length[1]):
            return False
        self._receipt = body[int(length[1]) :]
        return True
