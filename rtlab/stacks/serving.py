"""Starts the server of a stack on a free port of 127.0.0.1, waits for its first answer, and ends it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rtlab import clock
from rtlab.errors import LabError, WaitTimeout
from rtlab.stacks.building import BUILD_TIMEOUT_S, build, command_in
from rtlab.stacks.program import Program
from rtlab.stacks.stack import Stack

START_TIMEOUT_S = 90.0
_HOST = "127.0.0.1"
_PAUSE_S = 0.02
_TRY_S = 2.0
_LOCAL_ONLY = {"NO_PROXY": "*", "no_proxy": "*"}


@dataclass(frozen=True, slots=True)
class Served:
    """A stack's server while it runs.

    Attributes:
        stack: The stack.
        folder: Where it was built.
        port: Where it listens on 127.0.0.1.
        start_ms: From its start to its first answer.
        program: Its process.
    """

    stack: Stack
    folder: Path
    port: int
    start_ms: float
    program: Program

    @property
    def echo_url(self) -> str:
        """The WebSocket that sends back what comes."""
        return f"ws://{_HOST}:{self.port}/echo"

    def events_url(self, count: int = 100, rate_per_s: int = 10, *, port: int = 0) -> str:
        """Give the address of the event stream.

        Args:
            count: How many events, up to 1,000,000.
            rate_per_s: How many a second; 0 for as fast as possible.
            port: Another port to reach it by, such as that of a relay; 0 for its own.
        """
        return f"http://{_HOST}:{port or self.port}/events?count={count}&rate_per_s={rate_per_s}"


@contextmanager
def serving(
    stack: Stack, *, build_timeout_s: float = BUILD_TIMEOUT_S, start_timeout_s: float = START_TIMEOUT_S
) -> Iterator[Served]:
    """Build a stack if need be, and run its server.

    Args:
        stack: The stack.
        build_timeout_s: How long the build may take, in seconds.
        start_timeout_s: How long the server may take until it answers, in seconds.

    Raises:
        MissingExtra: A program that it needs is not here.
        LabError: It could not be built, or the server ended by itself; the text has its last lines.
        WaitTimeout: The server did not answer in time.
    """
    folder = build(stack, timeout_s=build_timeout_s)
    port = _free_port()
    start_ns = clock.now_ns()
    with run_in(folder, stack.start, {"PORT": str(port)}) as program:
        _wait_for_answer(stack, program, port, start_ns + round(start_timeout_s * 1e9))
        yield Served(stack, folder, port, (clock.now_ns() - start_ns) / 1e6, program)


def run_in(
    folder: Path, command: tuple[str, ...], environment: Mapping[str, str], *, keep_output: bool = False
) -> Program:
    """Start one command of a built stack; it finds no proxy on its way to this machine."""
    return Program(command_in(folder, command), folder, {**_LOCAL_ONLY, **environment}, keep_output=keep_output)


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind((_HOST, 0))
        return int(sock.getsockname()[1])


def _wait_for_answer(stack: Stack, program: Program, port: int, end_ns: int) -> None:
    while not _answers(port):
        if program.exit_code is not None:
            program.stop()
            raise LabError(f"The server of {stack.title} ended by itself. It said last:\n{program.last_lines}")
        if clock.now_ns() > end_ns:
            program.stop()
            raise WaitTimeout(
                f"The server of {stack.title} did not answer on port {port}; does it read the variable PORT? "
                f"It said last:\n{program.last_lines}"
            )
        threading.Event().wait(_PAUSE_S)


def _answers(port: int) -> bool:
    """Ask for one event; any status is an answer."""
    try:
        with socket.create_connection((_HOST, port), timeout=_TRY_S) as sock:
            request = (
                f"GET /events?count=1&rate_per_s=0 HTTP/1.1\r\nHost: {_HOST}:{port}\r\nConnection: close\r\n\r\n"
            )
            sock.sendall(request.encode())
            return sock.recv(1_024).startswith(b"HTTP/1.")
    except OSError:
        return False
