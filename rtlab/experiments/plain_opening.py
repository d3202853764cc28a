"""Opens an event stream or a WebSocket on a plain blocking socket, for clients that are as lean as they can be."""

from __future__ import annotations

import secrets
import socket

from rtlab.clients.wire import Address
from rtlab.codecs.http1 import RequestHead, encode_request_head
from rtlab.codecs.websocket_handshake import make_key, opening_request
from rtlab.errors import LabError

READ_BYTES = 65_536


def connect(address: Address, timeout_s: float, receive_bytes: int | None = None) -> socket.socket:
    """Connect without TLS.

    Args:
        address: Where to.
        timeout_s: How long that, and each call afterwards, may take, in seconds.
        receive_bytes: The size of the system's receive buffer; None leaves that to the system.

    Raises:
        OSError: Nobody answers there.
    """
    connection = socket.socket(socket.AF_INET6 if ":" in address.host else socket.AF_INET)
    try:
        if receive_bytes:  # before the connection: the window that TCP can offer is agreed on at its start
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        connection.settimeout(timeout_s)
        connection.connect((address.host, address.port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection
    except BaseException:
        connection.close()
        raise


def open_plain(url: str, timeout_s: float, receive_bytes: int | None = None) -> tuple[socket.socket, bytes]:
    """Open an event stream or a WebSocket, as the URL says.

    Args:
        url: An http or ws URL.
        timeout_s: How long each step may take, in seconds.
        receive_bytes: As :func:`connect`.

    Returns:
        The socket, and all that came so far: the head of the answer, and what followed it.

    Raises:
        LabError: The server refused.
        OSError: It cannot be reached.
    """
    address = Address.parse(url, ("http", "ws"))
    if address.scheme == "ws":
        request, status = (
            opening_request(address.host_header, address.target, make_key(secrets.token_bytes(16))),
            101,
        )
    else:
        fields = (("Host", address.host_header), ("Accept", "text/event-stream"))
        request, status = RequestHead("GET", address.target, fields), 200
    connection = connect(address, timeout_s, receive_bytes)
    try:
        connection.sendall(encode_request_head(request))
        raw = b""
        while b"\r\n\r\n" not in raw:
            if not (data := connection.recv(READ_BYTES)):
                raise LabError("The server closed before it answered.")
            raw += data
        if not raw.startswith(b"HTTP/1.1 %d " % status):
            raise LabError(f"The server answered {raw[:40]!r}.")
        return connection, raw
    except BaseException:
        connection.close()
        raise
