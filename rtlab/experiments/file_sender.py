"""A bare server that sends files, in a process of its own: ``python -m rtlab.experiments.file_sender``.

``/websocket/SIZE/COUNT`` sends each file as a binary message, ``/sse/SIZE/COUNT`` as base64 in an event. One
connection is served after the other, and the server ends when its standard input closes.
"""

from __future__ import annotations

import base64
import json
import os
import socket
import sys
import threading
from contextlib import suppress

from rtlab.codecs.http1 import (
    LAST_CHUNK,
    RequestDecoder,
    RequestHead,
    ResponseHead,
    encode_chunk,
    encode_response_head,
)
from rtlab.codecs.sse import encode_event
from rtlab.codecs.websocket_close import encode_close_payload
from rtlab.codecs.websocket_frames import BINARY, CLOSE, encode_frame
from rtlab.codecs.websocket_handshake import check_opening_request, opening_response
from rtlab.experiments.loads import noise

_TIMEOUT_S = 30.0
_READ_BYTES = 65_536


def main() -> None:
    """Serve for ever."""
    threading.Thread(target=_end_with_stdin, daemon=True).start()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        ready = {"websocket": f"ws://127.0.0.1:{port}/websocket", "sse": f"http://127.0.0.1:{port}/sse"}
        sys.stdout.write(json.dumps(ready) + "\n")
        sys.stdout.flush()
        while True:
            connection, _ = listening.accept()
            with connection, suppress(OSError):  # a client that has had enough just goes
                connection.settimeout(_TIMEOUT_S)
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                serve(connection)


def serve(connection: socket.socket) -> None:
    """Answer one request, and wait until the client closes.

    Args:
        connection: The socket, after accept.
    """
    decoder, request = RequestDecoder(), None
    while request is None:
        data = connection.recv(_READ_BYTES)
        if not data:
            return
        request = next((each for each in decoder.feed(data) if isinstance(each, RequestHead)), None)
    _, way, size, count = request.target.split("/")
    file = noise(int(size))
    if way == "websocket":
        opening = check_opening_request(request)
        connection.sendall(encode_response_head(opening_response(opening)))
        for _ in range(int(count)):
            connection.sendall(encode_frame(BINARY, file))
        connection.sendall(encode_frame(CLOSE, encode_close_payload(1000)))
    else:
        fields = (("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"))
        connection.sendall(encode_response_head(ResponseHead(200, "OK", fields)))
        for _ in range(int(count)):
            connection.sendall(encode_chunk(encode_event(base64.b64encode(file).decode())))
        connection.sendall(LAST_CHUNK)
    connection.shutdown(socket.SHUT_WR)
    while connection.recv(_READ_BYTES):
        pass


def _end_with_stdin() -> None:
    with suppress(OSError):
        while os.read(0, 1):
            pass
    os._exit(0)


if __name__ == "__main__":
    main()
