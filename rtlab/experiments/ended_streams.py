"""Event streams that end, for tools that look at an answer only when it is complete."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Self

from rtlab import clock
from rtlab.errors import InputError, LabError, LabNotRunning, RtlabError
from rtlab.experiments.observation import Application, served_in_this_process
from rtlab.loop_thread import shared
from rtlab.servers.lab import Lab
from rtlab.servers.sse import EventStreamPeer

_LOOK_S = 0.01
_CALL_S = 5.0


class EndedStreams:
    """While it is entered, each new event stream gets what the application publishes, and then ends.

    It ends as a server ends it that stops: with the last chunk. An EventSource would come back; a tool for HTTP has
    its answer at last. Streams that were open before are left alone.

    Args:
        lab: A running lab in this process.
        application: Called on a thread of its own for all streams that have come since the last call.

    Attributes:
        ended: How many streams were ended.

    Raises:
        InputError: An isolated lab, or one that wants a token.
        LabError: At the end of the block: the application failed. The streams are ended nevertheless.
    """

    def __init__(self, lab: Lab, application: Application) -> None:
        if lab.token:
            raise InputError("Tools of others are run against a lab without a token, for they would not send it.")
        self._lab = lab
        self._server = served_in_this_process(lab)
        self._application = application
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="rtlab ended streams", daemon=True)
        self._since_ns = 0
        self._seen: set[EventStreamPeer] = set()  # one that has ended stays in the books while its line closes
        self.ended = 0
        self._failure: Exception | None = None

    def __enter__(self) -> Self:
        self._since_ns = clock.now_ns()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join(2 * _CALL_S)
        if self._failure and error is None:
            raise LabError(f"What should have been published was not: {self._failure!r}.") from self._failure

    def _run(self) -> None:
        while not self._over.wait(_LOOK_S):
            try:
                streams = shared.call(self._new_streams, _CALL_S)
                if streams:
                    self._serve(streams)
            except LabNotRunning:
                return  # the lab was stopped
            except RtlabError as error:
                self._failure = error
                return

    def _serve(self, streams: list[EventStreamPeer]) -> None:
        try:
            self._application(self._lab)
        except Exception as error:
            self._failure = error
        shared.call(lambda: self._end(streams), _CALL_S)

    async def _new_streams(self) -> list[EventStreamPeer]:
        new = [
            each
            for each in self._server.peers()
            if isinstance(each, EventStreamPeer) and each.opened_ns > self._since_ns and each not in self._seen
        ]
        self._seen.update(new)
        return new

    async def _end(self, streams: list[EventStreamPeer]) -> None:
        for stream in streams:
            self._server.channel(stream.channel).flush()
            if not stream.connection.closed:
                stream.goodbye()
                self.ended += 1
