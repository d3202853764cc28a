"""Does a lab stay well while it is attacked in all ways at once?

::

    besieger, a process of its own ──► the lab, a process of its own ◄── a healthy client, here
                                          └── its memory and descriptors, looked at from here
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable

from rtlab import clock
from rtlab.codecs.websocket_frames import TEXT, encode_frame
from rtlab.errors import InputError, LabError
from rtlab.experiments.loopback import Line
from rtlab.experiments.weighing import weigh
from rtlab.findings.exhaustion import SiegeSample
from rtlab.servers.isolated import IsolatedServer
from rtlab.servers.lab import Lab, start_lab

EVERY_S = 0.5
REST_S = 3.0
"""How long the lab is watched before the siege and after it."""
_ANSWER_S = 5.0
_END_S = 30.0


def hold_out(
    seconds: float, tell: Callable[[float], object] = lambda _: None
) -> tuple[tuple[SiegeSample, ...], dict[str, int], tuple[int, int]]:
    """Besiege a lab with the default guards.

    Args:
        seconds: How long, 2 to 3,600.
        tell: Called with the seconds gone, twice a second.

    Returns:
        What was seen twice a second; how many strikes of each kind there were; and the memory in bytes and the
        descriptors of the lab once the siege was over.

    Raises:
        InputError: The time is out of its range.
        LabError: The besieger failed, or the lab's process is gone.
    """
    if not 2 <= seconds <= 3_600:
        raise InputError("A siege lasts 2 to 3,600 seconds.")
    with start_lab("besieged", isolated=True, compression=True) as lab:
        assert isinstance(lab.server, IsolatedServer)
        pid = lab.server.pid
        if pid is None:
            raise LabError("The lab's process is gone.")
        with _Client(lab.port) as client:
            began_ns, samples = clock.now_ns(), []

            def watch(until_s: float) -> None:
                while (gone_s := (clock.now_ns() - began_ns) / 1e9) < until_s:
                    if not lab.running:
                        raise LabError("The lab's process is gone: the siege has won.")
                    samples.append(client.sample(pid, began_ns))
                    tell(gone_s)
                    threading.Event().wait(max(0.0, gone_s + EVERY_S - (clock.now_ns() - began_ns) / 1e9))

            watch(REST_S)
            strikes = _besieged(lab, seconds, lambda: watch(REST_S + seconds))
            watch((clock.now_ns() - began_ns) / 1e9 + REST_S)
            return tuple(samples), strikes, weigh(pid)


def _besieged(lab: Lab, seconds: float, watch: Callable[[], None]) -> dict[str, int]:
    command = [sys.executable, "-m", "rtlab.experiments.besieger", str(lab.port), str(seconds)]
    # Its own standard input tells the besieger when this process is gone.
    besieger = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        watch()
        said, words = besieger.communicate(timeout=_END_S)
    except subprocess.TimeoutExpired as error:
        raise LabError("The besieger did not end in time.") from error
    finally:
        if besieger.poll() is None:
            besieger.kill()
            besieger.communicate()
    try:
        strikes: dict[str, int] = json.loads(said)
    except ValueError as error:
        raise LabError(f"The besieger failed: {words.strip()[-500:]}") from error
    return strikes


class _Client:
    """Asks for an echo on a WebSocket that stays open, and for the lab's page on a connection of its own."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket = Line(port).open_websocket()
        self._asked = 0

    def sample(self, pid: int, began_ns: int) -> SiegeSample:
        return SiegeSample(clock.now_ns() - began_ns, *weigh(pid), self._echo(), self._open())

    def _echo(self) -> int | None:
        self._asked += 1
        question, asked_ns = b"%d" % self._asked, clock.now_ns()
        if not self._socket.send(encode_frame(TEXT, question, masking_key=bytes(4))):
            return None
        until_ns = asked_ns + round(_ANSWER_S * 1e9)
        while (now_ns := clock.now_ns()) < until_ns and not self._socket.is_over:
            frame = self._socket.frame(TEXT, within_s=(until_ns - now_ns) / 1e9)
            if frame is not None and frame.payload == question:
                return clock.now_ns() - asked_ns
        return None

    def _open(self) -> int | None:
        asked_ns = clock.now_ns()
        try:
            with Line(self._port) as line:
                line.get("/")
                served = b"200 OK" in line.reads(b"</html>", _ANSWER_S)
        except OSError:
            return None
        return clock.now_ns() - asked_ns if served else None

    def __enter__(self) -> _Client:
        return self

    def __exit__(self, *error: object) -> None:
        self._socket.close()
