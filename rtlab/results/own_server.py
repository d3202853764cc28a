"""``security.own_server()``: a small server that the learner owns, with mistakes to find and to mend."""

from __future__ import annotations

import os
from html import escape
from pathlib import Path
from typing import Any, Self

from rtlab.experiments.own_server import OwnServer
from rtlab.loop_thread import shared
from rtlab.results.own_copy import own_copy

_START_S = 30.0
_END_S = 10.0


class RunningServer:
    """A server program that runs beside the kernel, and ends with it.

    Args:
        path: The program.
        server: The process.
    """

    def __init__(self, path: Path, server: OwnServer) -> None:
        self.path = path
        self.url = f"http://127.0.0.1:{server.port}/prices"
        self._server = server

    @property
    def source(self) -> str:
        """The program's text, as it is now."""
        return self.path.read_text(encoding="utf-8")

    def stop(self) -> None:
        """End the server; a second call does nothing."""
        if _running.get(self.path) is self:
            del _running[self.path]
            try:
                shared.call(self._server.stop, _END_S)
            finally:
                shared.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"{self.path.name} answers at {self.url}\n\n{self.source}"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        told = f"<p>{escape(self.path.name)} answers at <code>{escape(self.url)}</code></p>"
        return {"text/plain": repr(self), "text/html": f"{told}<pre><code>{escape(self.source)}</code></pre>"}


_running: dict[Path, RunningServer] = {}


def own_server(path: str | os.PathLike[str] = "my_server.py") -> RunningServer:
    """Start a small server of your own: a program that you can read, change, and start again.

    The first call writes the program beside the notebook. It serves prices as an event stream on loopback, and has
    three mistakes. Change the file and call this again: the server before ends, the new one starts.

    Args:
        path: The program; it is written if it is not there.

    Returns:
        The running server, with its ``url``. It ends with :meth:`RunningServer.stop`, or with the kernel.

    Raises:
        InputError: The program cannot be written.
        LabError: The program ends at once; its last words are in the text.
        WaitTimeout: The program does not say where it listens.
    """
    program = own_copy(Path(path).resolve(), "own_server", "server.py")
    before = _running.get(program)
    if before:
        before.stop()
    shared.hold()
    try:
        server = shared.call(lambda: OwnServer.start(program), _START_S)
    except BaseException:
        shared.release()
        raise
    _running[program] = RunningServer(program, server)
    return _running[program]
