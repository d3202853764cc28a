"""What does it cost to write a message in two pieces while the system waits for full segments?

Nagle's algorithm holds a small piece back while an earlier one is not acknowledged. A receiver that talks, too,
delays its acknowledgements in the hope of something to send along. Together they can hold each second piece for
tens of milliseconds. ``TCP_NODELAY`` switches the algorithm off. Who only listens is not struck on Linux: there a
receiver that has sent nothing acknowledges at once what it has read.

Spec: RFC 9293 3.7.4 (Nagle) and 3.8.6.3 (delayed acknowledgements)
"""

from __future__ import annotations

import socket
import threading
from statistics import median

from rtlab import clock
from rtlab.errors import InputError, WaitTimeout

_TIMEOUT_S = 10.0
_GAP_S = 0.005
_WARM_UP = 20
"""A fresh connection is acknowledged at once for a while."""
_NOTE, _HEAD, _TAIL = b"note", b"data: ", b"\n\n"


def two_writes_us(no_delay: bool, messages: int = 10) -> float:
    """Exchange messages over a bare socket; the server's have one write for their head and one for the rest.

    The client sends a short note, and the server answers it.

    Args:
        no_delay: Switch Nagle's algorithm off.
        messages: How many are timed, 1 to 1,000.

    Returns:
        The median age of a whole answer when it was read, in microseconds.

    Raises:
        InputError: A setting is out of its range.
        WaitTimeout: Nothing came.
    """
    if not 1 <= messages <= 1_000:
        raise InputError("messages: 1 to 1,000.")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(_TIMEOUT_S)
        with socket.create_connection(listening.getsockname(), _TIMEOUT_S) as client:
            server, _ = listening.accept()
            with server:
                server.settimeout(_TIMEOUT_S)
                server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, int(no_delay))
                ages_us = [_age_us(server, client) for _ in range(_WARM_UP + messages)]
    return median(ages_us[_WARM_UP:])


def _age_us(server: socket.socket, client: socket.socket) -> float:
    threading.Event().wait(_GAP_S)
    try:
        client.sendall(_NOTE)
        server.recv(len(_NOTE))
        sent_ns = clock.now_ns()
        server.sendall(_HEAD)
        server.sendall(b"%020d" % sent_ns + _TAIL)
        got = b""
        while not got.endswith(_TAIL):
            got += client.recv(4_096)
    except TimeoutError as error:
        raise WaitTimeout(f"No message came within {_TIMEOUT_S:g} s.") from error
    return (clock.now_ns() - sent_ns) / 1e3
