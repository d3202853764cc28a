"""The protocol vectors against a server that is known by its echo alone.

What the server's application is told can only be seen by what comes back. So nothing is held against a server that
ended the connection, as it should, before its echo or its pong was out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rtlab.codecs.permessage_deflate import DeflateOptions, check_answer
from rtlab.codecs.websocket_events import BinaryMessage, TextMessage
from rtlab.codecs.websocket_extensions import parse_extensions
from rtlab.codecs.websocket_session import WebSocketSession
from rtlab.conformance.outcomes import WebSocketOutcome
from rtlab.conformance.peers import Peer
from rtlab.conformance.probe import AT_THE_END, OUR_PINGS, STALL_S, Probe
from rtlab.conformance.run import Judgement, run_league
from rtlab.conformance.vectors import WebSocketVector
from rtlab.conformance.websocket_peers import close_code_sent
from rtlab.errors import ConnectionFailed, LabError, RemoteProtocolError
from rtlab.loop_thread import shared

_PATH = "/echo"
_CALL_S = 30.0
_NO_CODE = 1005
_DEAF_STALL_S = 0.3
"""Where pings tell nothing, there is less to wait for."""
_FAILURE_S = 1.0

Feed = Callable[[WebSocketVector, Sequence[bytes], WebSocketOutcome], None]


def judge_echo(name: str, port: int) -> tuple[Judgement, ...]:
    """Feed every vector for servers to a WebSocket that sends back what comes.

    Args:
        name: The server's name.
        port: Where it listens on 127.0.0.1, with the WebSocket at ``/echo``.

    Returns:
        One judgement a vector.

    Raises:
        LabError: The server does not take part: its handshake fails.
    """
    shared.hold()
    try:
        server = shared.call(lambda: _meet(port), _CALL_S)
        peer = Peer(
            name, "websocket", lambda: _feeding(server), ("rtlab",), roles=("server",), has_deflate=server.deflates
        )
        run = run_league((peer,))
    except (ConnectionFailed, OSError) as error:
        raise LabError(f"The WebSocket of {name} cannot be opened: {error}") from error
    finally:
        shared.release()
    if run.entrants[0].note:
        raise LabError(f"The WebSocket of {name} could not be tried: {run.entrants[0].note}.")
    return run.judgements


class _EchoServer:
    """What is known of the server beforehand.

    Args:
        port: Where it listens.
        deflates: Whether it agrees to permessage-deflate as the vectors use it.
        answers_pings: Whether its pongs carry what the pings carried.
    """

    def __init__(self, port: int, *, deflates: bool, answers_pings: bool) -> None:
        self.port = port
        self.deflates = deflates
        self.answers_pings = answers_pings

    async def converse(self, vector: WebSocketVector, chunks: Sequence[bytes], outcome: WebSocketOutcome) -> None:
        """Send a vector over a connection of its own, and note what becomes of it."""
        probe = _EchoProbe(self.port, STALL_S if self.answers_pings else _DEAF_STALL_S)
        try:
            await probe.open(vector.needs_deflate)
            outcome.late = await probe.play(chunks, vector.due_bytes)
            await probe.wait_for_echoes(len(vector.messages))
            if vector.error is not None:
                await probe.wait_for_failure()
            if probe.over:
                await probe.wait_for_end()
            for payload in probe.echoes:
                outcome.deliver(payload)
            outcome.pings = [payload for payload in probe.pongs if payload not in OUR_PINGS]
            outcome.pongs = None
            self._note_ending(probe, vector, outcome)
        finally:
            await probe.close()

    def _note_ending(self, probe: _EchoProbe, vector: WebSocketVector, outcome: WebSocketOutcome) -> None:
        if probe.over:
            if tuple(outcome.messages) == vector.messages[: len(outcome.messages)]:
                outcome.messages = list(vector.messages)
            if tuple(outcome.pings) == vector.pings[: len(outcome.pings)]:
                outcome.pings = list(vector.pings)
        if probe.close_payload is not None:
            answer = int.from_bytes(probe.close_payload[:2]) if probe.close_payload else _NO_CODE
            said = close_code_sent(b"".join(vector.chunks))
            if said is not None and (vector.close_code is not None or said == answer):
                outcome.close(said, answer)
            else:
                outcome.fail(answer)
        elif probe.ended:
            outcome.drop()
        elif AT_THE_END not in probe.pongs and (self.answers_pings or len(outcome.messages) < len(vector.messages)):
            outcome.ending = "stalled"


class _EchoProbe(Probe):
    """A connection whose echoes are read, too."""

    def __init__(self, port: int, stall_s: float = STALL_S) -> None:
        super().__init__(port, _PATH, stall_s)
        self.echoes: list[str | bytes] = []
        self._session: WebSocketSession | None = None

    @property
    def agreed(self) -> DeflateOptions | None:
        """How the server compresses; None if it does not, or answers what nobody can use."""
        _, _, rest = (self.head or b"").partition(b"\r\n")
        lines = (line.partition(b":") for line in rest.split(b"\r\n"))
        named = [value.decode("latin-1") for name, _, value in lines if name.lower() == b"sec-websocket-extensions"]
        try:
            return check_answer(parse_extensions(named), DeflateOptions())
        except RemoteProtocolError:
            return None

    async def wait_for_echoes(self, count: int) -> None:
        """Wait until so many messages are back, but not for long."""
        await self._until(lambda: len(self.echoes) >= count or self.over)

    async def wait_for_failure(self) -> None:
        """Give the application time to fail the connection: a ping may be answered before a text is read."""
        self._stall_s = min(self._stall_s, _FAILURE_S)
        await self._until(lambda: self.over)

    def _take(self, data: bytes) -> None:
        super()._take(data)
        if self._session is None:
            self._session = WebSocketSession("client", compression=self.agreed)
        for item in self._session.feed(data):
            if isinstance(item, TextMessage):
                self.echoes.append(item.text)
            elif isinstance(item, BinaryMessage):
                self.echoes.append(item.data)


async def _meet(port: int) -> _EchoServer:
    """See what the server can do."""
    probe = _EchoProbe(port)
    try:
        await probe.open(offer_deflate=False)
        await probe.play((), None)
        answers_pings = AT_THE_END in probe.pongs
    finally:
        await probe.close()
    return _EchoServer(port, deflates=await _deflates(port), answers_pings=answers_pings)


async def _deflates(port: int) -> bool:
    probe = _EchoProbe(port)
    try:
        await probe.open(offer_deflate=True)
    except ConnectionFailed:
        return False
    finally:
        await probe.close()
    # The vectors rely on a window that lasts from one message to the next.
    return probe.agreed is not None and not probe.agreed.client_no_context_takeover


@contextmanager
def _feeding(server: _EchoServer) -> Iterator[Feed]:
    yield lambda *fed: shared.call(lambda: server.converse(*fed), _CALL_S)
