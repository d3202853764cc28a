"""The least that a server in Python can do: a selector, and one ``send`` of ready bytes for each delivery.

No library, no limits, no checks. How near rtlab comes to it is what its fan-out costs. The command line and the
ready line are those of ``rtlab serve``.
"""

from __future__ import annotations

import argparse
import json
import os
import selectors
import socket
import sys
import threading

from rtlab.clock import now_ns
from rtlab.codecs.http1 import encode_chunk
from rtlab.codecs.sse import encode_event
from rtlab.codecs.websocket_frames import TEXT, encode_frame
from rtlab.codecs.websocket_handshake import accept_key

HOST = "127.0.0.1"
BEHIND_BYTES = 65_536
STREAM_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


class Floor:
    """The server.

    Args:
        options: The command line.
    """

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._listening = socket.create_server((HOST, options.port), backlog=4_096)
        self._listening.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listening, selectors.EVENT_READ)
        self._streams: list[socket.socket] = []
        self._sockets: list[socket.socket] = []
        self._rest: dict[socket.socket, bytearray] = {}
        self.port: int = self._listening.getsockname()[1]

    def serve(self) -> None:
        """Take all subscribers in, then send until the process is ended."""
        while len(self._streams) + len(self._sockets) < self._options.subscribers:
            self._turn(0.1)
        start_ns, sent = now_ns(), 0
        while True:
            due_ns = start_ns + round(sent * 1e9 / self._options.rate) if self._options.rate else 0
            while now_ns() < due_ns or self._is_behind():
                self._turn(0)
            if sent % 64 == 0:
                self._turn(0)
            text = f"{due_ns or now_ns():020d}{'x' * self._options.payload_bytes}"[: self._options.payload_bytes]
            self._send(self._streams, encode_chunk(encode_event(text)))
            self._send(self._sockets, encode_frame(TEXT, text.encode()))
            sent += 1

    def _is_behind(self) -> bool:
        return any(len(rest) > BEHIND_BYTES for rest in self._rest.values())

    def _send(self, sockets: list[socket.socket], data: bytes) -> None:
        for sock in sockets:
            if sock in self._rest:
                self._rest[sock] += data
                continue
            try:
                taken = sock.send(data)
            except BlockingIOError:
                taken = 0
            if taken < len(data):
                self._rest[sock] = bytearray(data[taken:])
                self._selector.modify(sock, selectors.EVENT_READ | selectors.EVENT_WRITE)

    def _turn(self, timeout_s: float) -> None:
        for key, events in self._selector.select(timeout_s):
            sock = key.fileobj
            assert isinstance(sock, socket.socket)
            if sock is self._listening:
                self._accept()
            elif events & selectors.EVENT_READ:
                self._read(sock)
            else:
                rest = self._rest[sock]
                del rest[: sock.send(rest)]
                if not rest:
                    del self._rest[sock]
                    self._selector.modify(sock, selectors.EVENT_READ)

    def _accept(self) -> None:
        sock, _ = self._listening.accept()
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._selector.register(sock, selectors.EVENT_READ)

    def _read(self, sock: socket.socket) -> None:
        head = sock.recv(65_536).decode("latin-1")
        if head.startswith("GET /ws/"):
            key = head.lower().partition("sec-websocket-key:")[2]
            start = len(head) - len(key)
            answer = accept_key(head[start:].partition("\r\n")[0].strip())
            fields = f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {answer}"
            sock.send(f"HTTP/1.1 101 Switching Protocols\r\n{fields}\r\n\r\n".encode())
            self._sockets.append(sock)
        elif head.startswith("GET /sse/"):
            sock.send(STREAM_HEAD)
            self._streams.append(sock)
        else:  # the end of a client is the end of the run
            os._exit(0)


def main() -> None:
    """Serve until standard input closes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--rate", type=float, default=0)
    parser.add_argument("--payload-bytes", type=int, default=32)
    parser.add_argument("--subscribers", type=int, default=1)
    parser.add_argument("--stamp", action="store_true")
    parser.add_argument("--until-stdin-closes", action="store_true")
    options = parser.parse_args()
    floor = Floor(options)
    base = f"127.0.0.1:{floor.port}"
    ready = {"sse_url": f"http://{base}/sse/stream", "ws_url": f"ws://{base}/ws/stream", "port": floor.port}
    print(json.dumps(ready), flush=True)
    if options.until_stdin_closes:

        def end_with_stdin() -> None:
            sys.stdin.read()
            os._exit(0)

        threading.Thread(target=end_with_stdin, daemon=True).start()
    floor.serve()


if __name__ == "__main__":
    main()
