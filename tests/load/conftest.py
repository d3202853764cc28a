"""Servers that a swarm meets: rtlab's own in a process, one that refuses, and one of another library."""

import json
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager, suppress

import pytest

from rtlab import clock


@pytest.fixture(scope="session")
def served():
    """The addresses of ``rtlab serve`` in a process, which sends stamped messages on its channel all the time."""
    command = [sys.executable, "-m", "rtlab", "serve", "--until-stdin-closes", "--stamp", "--subscribers", "0"]
    server = subprocess.Popen(
        [*command, "--rate", "100", "--payload-bytes", "64"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield json.loads(server.stdout.readline())
    finally:
        server.communicate(timeout=30)


@pytest.fixture
def soon():
    """An instant that is far enough off for a swarm to start at."""
    return clock.now_ns() + 50_000_000


@contextmanager
def tcp_server(handle, heads):
    """Serve each connection on a thread: ``handle(socket, number)``, once its request is in ``heads``."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=200)
    opened, threads = [], []

    def accept():
        while True:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            opened.append(line)
            threads.append(threading.Thread(target=serve, args=(line, len(opened) - 1)))
            threads[-1].start()

    def serve(line, number):
        head = b""
        try:
            while b"\r\n\r\n" not in head:
                data = line.recv(4096)
                if not data:
                    return
                head += data
            heads.append(head)
            handle(line, number)
            while line.recv(4096):
                pass
        except OSError:
            pass

    threads.append(threading.Thread(target=accept))
    threads[0].start()
    try:
        yield listener.getsockname()[1]
    finally:
        shut(listener)
        threads[0].join(30)
        for line in opened:
            shut(line)
        for thread in threads[1:]:
            thread.join(30)


def shut(line):
    """Close a socket on which another thread may wait."""
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
    line.close()
