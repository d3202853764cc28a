"""The attacker's end of a line: blocking, and it reaches this machine only.

No attack leaves loopback. All attacks of this family go out by :func:`dial`, which refuses every other address.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from ipaddress import ip_address
from types import TracebackType
from typing import Self

from rtlab import clock
from rtlab.clients.wire import Address
from rtlab.codecs.http1 import RequestHead, encode_request_head
from rtlab.codecs.websocket_frames import CLOSE, Frame, FrameDecoder
from rtlab.codecs.websocket_handshake import make_key, opening_request
from rtlab.errors import InputError, LabError
from rtlab.experiments.plain_opening import READ_BYTES, connect

LOOPBACK = "127.0.0.1"
_CALL_S = 10.0
_SHOWN_BYTES = 512


def dial(host: str, port: int, *, receive_bytes: int | None = None) -> socket.socket:
    """Connect to a server of this machine.

    Args:
        host: Its address as a number; a name might lead elsewhere.
        port: Its port.
        receive_bytes: The size of the system's receive buffer; None leaves that to the system.

    Raises:
        InputError: The address is not one of loopback.
        OSError: Nobody answers there.
    """
    try:
        if not ip_address(host).is_loopback:
            raise ValueError
    except ValueError:
        raise InputError(f"No attack leaves this machine: {host!r} is not 127.0.0.1 or ::1.") from None
    return connect(Address("http", host, port, "/"), _CALL_S, receive_bytes)


class Line:
    """One connection of an attacker; use it in a ``with`` block.

    Args:
        port: A port of this machine.
        ca_pem: Speak TLS, and trust this authority.
        http2: Choose HTTP/2 in the TLS handshake.
        receive_bytes: As :func:`dial`.

    Attributes:
        sent: The first bytes sent.
        received: The last bytes received.
        bytes_up: Bytes sent.
        bytes_down: Bytes received.
        is_over: True once the server has closed.
    """

    def __init__(
        self, port: int, *, ca_pem: str = "", http2: bool = False, receive_bytes: int | None = None
    ) -> None:
        self.sent = self.received = b""
        self.bytes_up = self.bytes_down = 0
        self.is_over = False
        self.port = port
        self._socket = dial(LOOPBACK, port, receive_bytes=receive_bytes)
        if ca_pem:
            context = ssl.create_default_context(cadata=ca_pem)
            context.set_alpn_protocols(["h2"] if http2 else ["http/1.1"])
            try:
                self._socket = context.wrap_socket(self._socket, server_hostname=LOOPBACK)
            except BaseException:
                self._socket.close()
                raise

    def send(self, data: bytes) -> bool:
        """Send bytes; False if the server has closed, or takes nothing more."""
        try:
            self._socket.settimeout(_CALL_S)
            self._socket.sendall(data)
        except OSError:
            self.is_over = True
            return False
        self.sent = (self.sent + data[:_SHOWN_BYTES])[:_SHOWN_BYTES]
        self.bytes_up += len(data)
        return True

    def read(self, within_s: float) -> bytes:
        """Read what comes; nothing if nothing comes in time, or the server has closed."""
        try:
            self._socket.settimeout(max(within_s, 0.001))
            data = self._socket.recv(READ_BYTES)
        except TimeoutError:
            return b""
        except OSError:
            data = b""
        self.is_over = not data
        self.received = (self.received + data)[-_SHOWN_BYTES:]
        self.bytes_down += len(data)
        return data

    def ends(self, within_s: float) -> bool:
        """Read until the server has closed; False if it does not in time."""
        for _ in self._pieces(within_s):
            pass
        return self.is_over

    def reads(self, wanted: bytes, within_s: float = _CALL_S) -> bytes:
        """Read until something has come.

        Returns:
            All that has come; without the thing wanted if the server closed, or the time is over.
        """
        got = b""
        for piece in self._pieces(within_s):
            got += piece
            if wanted in got:
                break
        return got

    def frame(self, *opcodes: int, within_s: float = _CALL_S) -> Frame | None:
        """Read up to the next WebSocket frame of one of some kinds, or a close frame; None if none comes."""
        decoder = FrameDecoder()
        for piece in self._pieces(within_s):
            for frame in decoder.feed(piece):
                if frame.opcode in (*opcodes, CLOSE):
                    return frame
        return None

    def _pieces(self, within_s: float) -> Iterator[bytes]:
        """Read piece by piece until the server has closed, or the time is over."""
        until_ns = clock.now_ns() + round(within_s * 1e9)
        while not self.is_over and (left_s := (until_ns - clock.now_ns()) / 1e9) > 0:
            yield self.read(left_s)

    def get(self, target: str) -> bool:
        """Send a GET request."""
        head = RequestHead("GET", target, (("Host", f"{LOOPBACK}:{self.port}"),))
        return self.send(encode_request_head(head))

    def open_websocket(self, target: str = "/echo", *, offer: str = "") -> Self:
        """Do the opening handshake.

        Raises:
            LabError: The server refuses; the line is closed then.
        """
        head = opening_request(f"{LOOPBACK}:{self.port}", target, make_key(bytes(16)))
        more = (("Sec-WebSocket-Extensions", offer),) if offer else ()
        self.send(encode_request_head(RequestHead(head.method, head.target, (*head.headers, *more))))
        answer = self.reads(b"\r\n\r\n")
        if not answer.startswith(b"HTTP/1.1 101 "):
            self.close()
            raise LabError(f"The lab refused the opening handshake: {answer[:60]!r}.")
        self.sent = b""  # the attack begins here
        return self

    def close(self) -> None:
        """Close it; a second call does nothing."""
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
